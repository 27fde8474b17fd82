#pragma once

#include <amphora/types.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace amphora {

/// A set of defaults for a kind of machine; each number can be set by itself in `Options`.
enum class Profile : std::uint8_t {
    edge,     ///< tens of megabytes of memory, 4 MB segments, delivers every 30 s to spare the card
    desktop,  ///< a quarter of a gigabyte, 64 MB segments, delivers every second
    bench,    ///< a gigabyte, large pending tables; for measuring, and for bulk loads
};

enum class OpenMode : std::uint8_t {
    create_if_missing,  ///< read and write; a missing or empty directory becomes a database
    must_exist,         ///< read and write; `not_a_database` if there is none
    read_only,          ///< reads what the trees and the journal hold; changes no file
    /// As `read_only`, of a database that does not open otherwise: where the journal is damaged it
    /// ends, a store that does not open is empty, and the two stores may be as of different
    /// commits. What is left out, and why, is in `Statistics::recovery.left_out` and in the log.
    rescue,
};

/// Whether the segments of the journal are archived.
enum class Archiving : std::uint8_t {
    goes_on,  ///< as `archive_directory` says, or where it does not, as before
    stops,    ///< from this opening on, until a directory is named again
};

enum class NetworkFileSystem : std::uint8_t { refuse, allow };

/// How a database is opened. A value of 0, or none, takes the profile's.
struct Options {
    Profile profile = Profile::desktop;
    OpenMode mode = OpenMode::create_if_missing;
    /// Of commits that do not say otherwise.
    Durability durability = Durability::synced;

    std::uint64_t memory_bytes = 0;          ///< caches and memtables of the document store, in all
    std::uint64_t pending_bytes_max = 0;     ///< committed and not yet delivered, in memory
    std::uint64_t journal_bytes_max = 0;     ///< committed and not yet held by both trees, on disk
    std::uint64_t segment_bytes = 0;         ///< one file of the journal
    std::uint64_t seal_bytes = 0;            ///< deliver when so much is pending ...
    std::uint32_t seal_age_ms = 0;           ///< ... or has been pending for so long
    std::uint32_t sync_interval_ms = 0;      ///< between syncs of `written` and `buffered` commits
    std::uint64_t commit_bytes_max = 0;      ///< keys and values of one transaction
    std::uint64_t map_bytes = 256ull << 30;  ///< address space of the relational store; sparse
    /// Room of its own that each store keeps on the disk for deleting, at most. It grows with the
    /// data, and what it holds nobody else can take: where others have filled the disk, the
    /// database still opens for writing, and deleting works as far as the reserves go.
    ///
    /// Writing stops earlier, by `disk_full`, while so much is free: what the reserves lack, one
    /// segment of the journal (`segment_bytes`) unless one is prepared, and what a compaction of
    /// the documents may take, which is as much as there are documents, and at most some memtables
    /// (`memory_bytes`). The error says how much each of them needs.
    std::uint64_t reserve_bytes = 0;
    std::uint32_t snapshot_age_ms_max =
        0;  ///< older snapshots answer `snapshot_expired`; 0: no limit

    /// Where each segment of the journal is copied before it is used again, see backup.hpp; made if
    /// it is missing. The database remembers it: later openings for writing go on there when this
    /// is empty, whoever opens it, until `Archiving::stops`. An archive that takes nothing never
    /// stops the database at once: the journal grows to its bound, then writers are refused by
    /// `outbox_full`, and it goes on by itself. The log and `Statistics::archive_problem` say why.
    /// A place inside the database is `invalid_argument`.
    std::string archive_directory = {};
    Archiving archiving = Archiving::goes_on;

    NetworkFileSystem network_file_system = NetworkFileSystem::refuse;

    /// Called with one line per event worth keeping (opening, recovery, stalls, failures), from any
    /// thread of the engine, never with its locks held. Must not throw and must not call the
    /// database.
    std::function<void(const std::string& line)> log = nullptr;
};

/// One write transaction.
struct WriteOptions {
    /// None: as `Options::durability`.
    std::optional<Durability> durability = std::nullopt;
    /// For admission and the writer's turn; none: no limit.
    std::optional<std::chrono::milliseconds> timeout = std::nullopt;
};

}  // namespace amphora
