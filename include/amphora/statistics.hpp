#pragma once

#include <amphora/types.hpp>

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace amphora {

/// Times from commit to delivery, or of any other kind, in microseconds.
struct Distribution {
    std::uint64_t count = 0;
    std::uint64_t p50_us = 0, p90_us = 0, p99_us = 0, max_us = 0;
};

struct TreeReport {
    std::string name;      ///< "relational" or "documents"
    Sequence delivered{};  ///< seen by readers of the tree
    Sequence held{};       ///< survives a power cut inside the tree
    std::uint64_t bytes_on_disk = 0, bytes_free = 0, bytes_memory = 0, map_bytes_max = 0;
    std::uint64_t entries = 0;  ///< an estimate in the document store
    std::uint64_t readers = 0;  ///< views that are alive
    std::uint64_t oldest_reader_ms = 0;
    std::uint64_t pending_bytes = 0;  ///< committed and not yet delivered to this tree
    std::uint64_t deliveries = 0;
    Distribution window;  ///< from commit to delivered: the consistency window
    std::string health;   ///< "ok", or what is wrong
};

struct JournalReport {
    Sequence recycled{}, durable{}, visible{}, published{};
    std::uint64_t bytes_live = 0, bytes_max = 0, segments_live = 0, segments_spare = 0;
    std::uint64_t commits = 0, frames = 0, syncs = 0, bytes_written = 0;  ///< since open
};

struct RecoveryReport {
    bool closed_cleanly = false;
    std::uint64_t frames_copied = 0;  ///< had no proof of durability and were copied
    std::uint64_t bytes_cut = 0;      ///< a torn tail that no commit waited for
    std::string cut_place;
    std::uint64_t commits_replayed = 0;
    std::vector<std::string> left_out;  ///< `OpenMode::rescue`: what could not be had, and why
};

struct Statistics {
    std::string database;  ///< 32 hexadecimal digits
    std::string timeline;
    Epoch epoch{};
    JournalReport journal;
    std::array<TreeReport, 2> trees;  ///< relational, documents
    std::uint64_t snapshots = 0, snapshot_oldest_ms = 0, snapshot_retries = 0;
    std::uint64_t commits = 0, rollbacks = 0;
    RecoveryReport recovery;
    std::string archive_directory;  ///< where segments are archived, by this handle or, of one that
                                    ///< is opened to read, by the next that writes; empty: nowhere
    std::string archive_problem;    ///< empty, or why the archive takes no segments at the moment
    Sequence archive_from{};        ///< all commits from this one on are in the archive or in the
                              ///< journal; 0: it has not been looked through, or there is none
};

/// How far `Database::check_directory` goes.
enum class CheckDepth : std::uint8_t {
    ordinary,  ///< every page, table file and frame; every row, document, index entry, reference
    deep,      ///< and that both stores hold the outcome of every commit that the journal has
};

/// What `Database::check` walked, and what is wrong.
struct CheckReport {
    std::uint64_t rows = 0, index_entries = 0, documents = 0, journal_frames = 0;
    std::vector<std::string> findings;  ///< empty: every invariant holds
};

/// What a table or collection is and holds, for tools.
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
    bool is_collection = false;
    std::vector<ColumnReport> columns;  ///< of a collection: the declared fields
    std::vector<IndexReport> indexes;
};

}  // namespace amphora
