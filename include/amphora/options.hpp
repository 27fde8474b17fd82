#pragma once

#include <amphora/types.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace amphora {

/// A set of defaults for a kind of machine. Each number can be set by itself in `Options`.
///
///             | undelivered commits, | memory of the  | journal | segment | one    | delivery
///             | of each store        | document store | on disk |         | commit | after
///     edge    |       16 MiB         |      8 MiB     |  64 MiB |   4 MiB |  2 MiB |   30 s
///     desktop |      256 MiB         |     96 MiB     |   1 GiB |  64 MiB | 32 MiB |    1 s
///     bench   |        1 GiB         |    512 MiB     |   8 GiB | 256 MiB | 64 MiB |    2 s
///
/// include/amphora/README.md has all numbers, and says how much memory and disk they mean.
enum class Profile : std::uint8_t {
    edge,     ///< for small machines; delivers seldom, to spare a flash card
    desktop,  ///< the default
    bench,    ///< for measuring, and for bulk loads
};

enum class OpenMode : std::uint8_t {
    create_if_missing,  ///< read and write; a missing or empty directory becomes a database
    must_exist,         ///< read and write; `not_a_database` if there is none
    /// Reads what the trees and the journal hold. Changes no file. Commits that a tree lacks are
    /// read into memory, whatever their size.
    read_only,
    /// Reads a database that does not open otherwise. Changes no file, as `read_only`. A damaged
    /// journal is read up to the damage. A store that does not open is empty. The two stores may be
    /// as of different commits. `Statistics::recovery.left_out` and the log say what was left out,
    /// and why.
    rescue,
    /// Reads a database that another process may have open for writing, without its help and without
    /// disturbing it. Changes no file. `Database::refresh` moves to the newest commit. See "Reading while
    /// another process writes" in README.md of this folder.
    ///
    /// Needs the permission to read, and nothing more. Any number of these may be open, in any number
    /// of processes. While the database has an owner, a snapshot shows every commit that was
    /// acknowledged as `written` or `synced` before the opening or the last `refresh`, and none that was
    /// not yet visible. Without an owner it shows what an opening for writing would keep. A
    /// snapshot may be read for 10 s, and for as long as it is read at least once in 5 s; then its calls
    /// throw `snapshot_expired`.
    live,
};

[[nodiscard]] constexpr bool writes(OpenMode mode) noexcept {
    return mode == OpenMode::create_if_missing || mode == OpenMode::must_exist;
}

/// Whether the segments of the journal are archived.
enum class Archiving : std::uint8_t {
    continues,  ///< to `archive_directory`; where that is empty, to the remembered directory
    stops,      ///< from this opening on, until a directory is named again
};

enum class NetworkFileSystem : std::uint8_t { refuse, allow };

/// How a database is opened. A number that is 0 takes the profile's value, except where its comment
/// says otherwise. `open` refuses numbers that contradict each other with `invalid_argument`. No
/// number is stored: each opening may choose others.
struct Options {
    Profile profile = Profile::desktop;
    OpenMode mode = OpenMode::create_if_missing;
    /// The durability of commits whose `WriteOptions` name none.
    Durability durability = Durability::synced;

    /// Block cache, memtables, indexes and filters of the document store, together.
    std::uint64_t memory_bytes = 0;
    /// Commits of one store that are not yet delivered to its tree, in memory. At least
    /// `commit_bytes_max`. Removals may use a sixteenth more (at least 1 MiB).
    std::uint64_t pending_bytes_max = 0;
    /// Journal segments on the disk that hold commits which a tree does not hold yet, or which a
    /// backup or the archive still needs. At least four segments. Removals may use `reserve_bytes`
    /// more, so the journal may take both together, what feeds keep, and some segments that are
    /// ready for use.
    std::uint64_t journal_bytes_max = 0;
    /// Journal segments that are kept only for feeds and consumers; they do not count in
    /// `journal_bytes_max`. Beyond it the policy of the slowest one decides (`FeedFull`). Handlers of
    /// consumers still commit, and a consumer can be dropped. Removals may use as much more as the
    /// journal may have otherwise. At least four segments.
    std::uint64_t feed_bytes_max = 0;
    /// The size of the largest journal files: a multiple of 4096, from 64 KiB to 1 GiB. The first
    /// ones are smaller (edge 128 KiB, desktop 256 KiB, bench 16 MiB). A new one is as large as all
    /// that are in use. On a disk with less room than for eight files of this size, a new one has
    /// the full size at once.
    std::uint64_t segment_bytes = 0;
    /// A store's undelivered commits are delivered once they have this size ... At most a quarter
    /// of `pending_bytes_max` is used.
    std::uint64_t seal_bytes = 0;
    /// ... or once the oldest of them has waited for this long.
    std::uint32_t seal_age_ms = 0;
    /// The interval at which `written` and `buffered` commits are synced. A power cut takes at most
    /// the commits of this time and of one write and one sync.
    std::uint32_t sync_interval_ms = 0;
    /// Keys and values of all writes of one transaction, in both stores, and the states before that
    /// tables and collections WITH (before = TRUE) keep. At most three quarters of
    /// `segment_bytes`, and `pending_bytes_max`. Where this is 0, it is the profile's value, or
    /// half of `segment_bytes` or of `pending_bytes_max` if that is less. It also limits a
    /// document: one of 16 MiB does not fit the 2 MiB of `Profile::edge`.
    std::uint64_t commit_bytes_max = 0;
    /// Address space of the relational store, which is the largest size that it can have. The file
    /// is sparse. 0: 256 GiB, in every profile.
    std::uint64_t map_bytes = 256ull << 30;
    /// Room for removals, in three places: disk space that the document store reserves, disk space
    /// that the relational store reserves, and what the journal may take beyond
    /// `journal_bytes_max`. Each has this much at most. Where this is 0, the relational store has
    /// 16 MiB, and the other two have the profile's value (edge 8 MiB, desktop and bench 64 MiB).
    ///
    /// The reserve of a store grows with its data. Other programs cannot use it: where they have
    /// filled the disk, the database still opens for writing, and rows and documents can be removed
    /// as far as the reserves suffice. Removed rows give their space to further removals at once.
    /// Removed documents give it back when the disk and the reserve have room for the rest of the
    /// files that held them.
    ///
    /// Inserts and updates are refused with `disk_full` before the disk is full. They leave free:
    /// what the delivery of pending commits needs; what the reserves lack; one journal segment
    /// (`segment_bytes`), unless one is prepared; and what a compaction of the documents may need.
    /// That is at most the size of the documents; for many documents it is the size of some
    /// memtables and table files (`memory_bytes`). The error says how much each of them needs.
    std::uint64_t reserve_bytes = 0;
    /// A snapshot that is older than this throws `snapshot_expired`; 0: no limit. See `Reader`.
    std::uint32_t snapshot_age_ms_max = 0;

    /// The directory to which each journal segment is copied before it is used again; see
    /// backup.hpp. It is made if it is missing. The database remembers it: where this is empty, a
    /// later opening for writing continues to archive there, until one names `Archiving::stops`. If
    /// the archive cannot be written, the database first continues: the journal grows up to its
    /// bound, and then writers get `outbox_full`. Archiving is retried, and continues without
    /// further calls. The log and `Statistics::archive_problem` give the reason. A directory inside
    /// the database is `invalid_argument`.
    std::string archive_directory = {};
    Archiving archiving = Archiving::continues;

    /// A file system on which memory maps and locks cannot be trusted (NFS and the like) is
    /// `unsupported_filesystem`, unless this says `allow`.
    NetworkFileSystem network_file_system = NetworkFileSystem::refuse;

    /// Called with one line for each event worth keeping: opening, recovery, stalls, failures. Any
    /// thread of the engine may call it. It must not throw, must not call the database, and should
    /// return soon.
    std::function<void(const std::string& line)> log = nullptr;
};

/// Options of one write transaction.
struct WriteOptions {
    /// None: `Options::durability`.
    std::optional<Durability> durability = std::nullopt;
    /// The longest wait for the writer's turn, which then throws `timeout`. Waiting for room in the
    /// outbox ends after this time, too, and after 5 s at the latest. None: no limit for the turn.
    std::optional<std::chrono::milliseconds> timeout = std::nullopt;
    /// The part of the application that makes the transaction, and the story to which it belongs
    /// ("checkout", "order 4711"). Both are stored in the commit, with each of its changes and
    /// events. Each is UTF-8 of at most 255 bytes; empty: none. Read by `begin` only. Throws
    /// `value_too_large`, `invalid_utf8`, and `invalid_argument` for an origin that begins with
    /// "amphora.": those are the engine's own.
    std::string_view origin = {};
    std::string_view correlation = {};
};

}  // namespace amphora
