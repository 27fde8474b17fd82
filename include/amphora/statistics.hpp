#pragma once

#include <amphora/types.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace amphora {

/// How long something took, in microseconds: count, percentiles and maximum.
struct Distribution {
    std::uint64_t count = 0;
    std::uint64_t p50_us = 0, p90_us = 0, p99_us = 0, max_us = 0;
};

/// One of the two stores.
struct TreeReport {
    std::string name;      ///< "relational" or "documents"
    Sequence delivered{};  ///< seen by readers of the tree
    Sequence held{};       ///< survives a power cut inside the tree
    /// `bytes_free` is a part of `bytes_on_disk`. `map_bytes_max` is 0 in the document store.
    std::uint64_t bytes_on_disk = 0, bytes_free = 0, bytes_memory = 0, map_bytes_max = 0;
    std::uint64_t entries = 0;  ///< an estimate in the document store
    std::uint64_t readers = 0;  ///< views that are alive
    std::uint64_t oldest_reader_ms = 0;
    std::uint64_t pending_bytes = 0;  ///< committed and not yet delivered to this tree, in memory
    std::uint64_t deliveries = 0;
    Distribution window;  ///< from commit to delivery
    std::string health;   ///< "ok", or what is wrong
};

/// What the journal keeps for one feed or consumer.
struct FeedReport {
    std::string name;  ///< "consumer NAME", or "an open feed"
    FeedFull when_full = FeedFull::hold;
    Sequence after{};           ///< it needs the commits after this one
    std::uint64_t commits = 0;  ///< durable ones that it has not read
    std::uint64_t bytes = 0;    ///< of the segments with these commits
};

/// See the words in engine/README.md. `bytes_max` is the bound for inserts and updates.
struct JournalReport {
    Sequence recycled{}, durable{}, visible{}, published{};
    std::uint64_t bytes_live = 0, bytes_max = 0, segments_live = 0, segments_spare = 0;
    /// What is kept only for feeds and consumers; a part of `bytes_live`. `bytes_max` is not for it.
    std::uint64_t feed_bytes = 0, feed_bytes_max = 0;
    std::vector<FeedReport> feeds;  ///< open feeds and consumers, the slowest first
    std::uint64_t commits = 0, frames = 0, syncs = 0, bytes_written = 0;  ///< since open
};

/// What the opening found.
struct RecoveryReport {
    bool closed_cleanly = false;
    std::uint64_t frames_copied =
        0;  ///< frames without proof of durability, which were copied and synced
    std::uint64_t bytes_cut = 0;  ///< an unfinished write at the end; no commit waited for it
    /// File and offset of the cut.
    std::string cut_place;
    /// Commits that the trees lacked.
    std::uint64_t commits_replayed = 0;
    std::vector<std::string> left_out;  ///< by `OpenMode::rescue`: what cannot be read, and why
};

/// A collection whose documents expire, since the opening.
struct RetentionReport {
    std::string collection;
    std::uint64_t expired = 0;           ///< documents that were removed
    std::optional<DateTime> last_round;  ///< when the last background round ended
    /// The moment at which the oldest document expired that is still stored: how far the removal lags.
    /// None: there is no such document, or documents expire only by number. One that was inserted with
    /// a moment long ago counts when it is found, after ten minutes at most.
    std::optional<DateTime> oldest_expired;
    std::string problem;  ///< why expired documents are not removed; empty: nothing is in the way
};

/// The state of an open database. Numbers are as of the call; counts are since the opening.
struct Statistics {
    std::string database;  ///< 32 hexadecimal digits, as `timeline`
    std::string timeline;
    Epoch epoch{};
    JournalReport journal;
    std::array<TreeReport, 2> trees;  ///< relational, documents
    /// Snapshots that are alive, the age of the oldest, and how often taking one started over.
    std::uint64_t snapshots = 0, snapshot_oldest_ms = 0, snapshot_retries = 0;
    /// By snapshots: rows and documents that were looked up, also inside of the engine, and ranges that
    /// were begun.
    std::uint64_t reads = 0;
    std::uint64_t commits = 0, rollbacks = 0;
    /// Handles that look at the database by `OpenMode::live`, as far as the system tells.
    std::uint64_t observers = 0;
    /// From the call of `Transaction::commit` to its return.
    Distribution commit_time;
    RecoveryReport recovery;
    std::vector<RetentionReport> retention;  ///< in the order of declaration
    /// Where segments are archived. For a handle that is opened read-only: where the next handle
    /// that writes will archive. Empty: nowhere.
    std::string archive_directory;
    /// Why the archive takes no segments at the moment; empty: it does.
    std::string archive_problem;
    /// All commits from this one on are in the archive or in the journal. 0: not known yet, or
    /// there is no archive.
    Sequence archive_from{};
};

/// How much `Database::check_directory` checks.
enum class CheckDepth : std::uint8_t {
    ordinary,  ///< every page, table file and frame; every row, document, index entry, reference
    deep,      ///< also that both stores hold the outcome of every commit in the journal
};

/// How much `Database::check` has checked, and what is wrong. Pages, table files and frames are
/// checked first. If something is wrong with them, rows and documents are not read, and the numbers
/// stay 0.
struct CheckReport {
    std::uint64_t rows = 0, index_entries = 0, documents = 0;
    std::vector<std::string> findings;  ///< empty: every invariant holds
};

/// Which tables and collections are meant. System tables and collections have names that begin with
/// "amphora.". The engine keeps its own data in them. They are read like all others; only the engine
/// writes to them.
enum class Spaces : std::uint8_t {
    of_users,  ///< those of the schemas
    all,       ///< also system tables and collections
};

/// A table or collection and its parts, for tools.
struct ColumnReport {
    std::string name, type;  ///< the type as the schema language writes it
    bool not_null = false, primary_key = false;
};
struct IndexReport {
    std::string name;
    std::vector<std::string> columns;
    bool unique = false;
};
struct SpaceReport {
    std::string name;
    bool is_collection = false, is_system = false;
    std::vector<ColumnReport> columns;  ///< of a collection: the declared fields
    std::vector<IndexReport> indexes;
};

}  // namespace amphora
