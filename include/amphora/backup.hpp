#pragma once

#include <amphora/options.hpp>
#include <amphora/types.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

/// Backup, restore and archive: how a database survives the loss of its disk.
///
///   db.backup("/backups/monday");                                        // while others write
///   amphora::Database::restore("/backups/monday", "app.amphora");        // as it was then
///   amphora::Database::restore("/backups/monday", "app.amphora",
///                              {.archive = "/archive", .to_time = amphora::parse_datetime(
///                                                          "2026-01-31 12:00:00")});
///
/// A **backup** is a directory with a copy of both stores and of the journal after them, all of one
/// timeline. It is not a database: opening it for writing is `not_a_database`, because two
/// databases would then make different commits under the same numbers. `OpenMode::read_only` opens
/// it for reading. A backup that lacks a folder is refused with `not_a_database`; one that lacks
/// the end of its journal, or has parts of another backup, with `foreign_piece`.
///
/// A **restore** makes a database of a backup, in a new timeline, so parts from before and after
/// the restore are never mixed. `wait` for a commit that the restored database does not have throws
/// `commit_lost`. Positions of feeds stay true (feed_position.hpp), and consumers and named readers
/// continue where they were at the last restored commit. If copies of changes that they have not
/// read are missing or damaged, they get `feed_gap`, and the log says so.
///
/// An **archive** (`Options::archive_directory`) is a directory that gets a copy of every journal
/// segment before the segment is used again. With a backup and the archive of the same timeline,
/// the database can be restored as of any commit since that backup. The library never deletes
/// anything in an archive. One archive may serve several databases and timelines, but not two
/// copies of one database: a database that was copied by hand still has the archive of the
/// original, and must be opened with another directory or with `Archiving::stops`.
///
/// The changes in an archive can be read as a feed, too (archive.hpp): each copy of a segment has the
/// catalog as of its beginning next to it.
///
/// If commits are missing between the archive and the journal, because archiving was stopped for a
/// time or files were removed, the log says so once, and `Statistics::archive_from` is the first
/// commit after which nothing is missing. It is then time for a new backup.
///
/// A backup or a restored database is made in the directory `DESTINATION.unfinished`, synced,
/// verified, and then renamed in one step. A directory with the final name is therefore complete.
/// The next attempt removes what a crash has left under the other name.
namespace amphora {

/// How a copy is verified before it takes its place.
enum class Verification : std::uint8_t {
    opened,   ///< pieces and marks fit each other, and all frames of the journal verify
    checked,  ///< also `Database::check` finds nothing; takes time in proportion to the data
};

/// Called on the calling thread after each piece of about a megabyte. `bytes_total` is an estimate
/// until the end. An exception that it throws ends the work, leaves no files, and is rethrown to
/// the caller.
using CopyProgress = std::function<void(std::uint64_t bytes_done, std::uint64_t bytes_total)>;

struct BackupOptions {
    CopyProgress progress = nullptr;
    Verification verify = Verification::opened;
};

struct BackupReport {
    std::string database, timeline;  ///< 32 hexadecimal digits each
    /// With an archive, the backup can be restored as of this commit or any later one.
    Sequence earliest{};
    Sequence last{};  ///< the last commit in it
    /// Bytes that were copied or linked. Table files of the document store are linked where the
    /// file system allows it.
    std::uint64_t bytes = 0;
};

struct RestoreOptions {
    std::string archive = {};  ///< none: restores what the backup itself holds
    /// The commit to end with, or the time of the last commit to restore; with neither, the last
    /// commit there is. An end before the backup's `earliest`, or a commit after the last one, is
    /// `invalid_argument`.
    ///
    /// A time is compared with the time of each commit, which is the clock of its machine. While a
    /// database is open these times never decrease: where the clock is set back, they stay the same
    /// until the clock has passed them. Each opening begins with the clock again, so the same time
    /// can occur in several openings. The order of the commits decides: the restore ends with the
    /// last commit that has this time or an earlier one, and it includes every commit before that
    /// one, also those with a later time. To end earlier, name a sequence.
    std::optional<Sequence> to_sequence = std::nullopt;
    std::optional<DateTime> to_time = std::nullopt;
    CopyProgress progress = nullptr;
    Verification verify = Verification::checked;
    Options options = {};  ///< profile and numbers for the work; `mode` and the archive are ignored
};

struct RestoreReport {
    std::string database;
    std::string timeline;  ///< of the restored database: a new one
    /// The timeline of the backup.
    std::string timeline_before;
    Sequence last{};                     ///< the last restored commit, in the old timeline
    DateTime time{};                     ///< the time of that commit
    std::uint64_t commits_replayed = 0;  ///< from the journal and the archive, into the trees
    std::uint64_t bytes = 0;
};

struct ArchiveReport {
    std::uint64_t segments = 0, bytes = 0;  ///< that the archive lacked, or had shorter
    Sequence last{};  ///< the archive has every commit that the journal still held, up to this one
};

/// Segments in an archive that follow each other without a gap. A backup whose end is among them
/// can be restored as of any commit up to `last`.
struct ArchiveRange {
    std::string database, timeline;
    Sequence first{}, last{};  ///< `last` is before `first` if the segments hold no commits
    DateTime first_time{}, last_time{};  ///< of the commit before `first`, and of `last`
    std::uint64_t segments = 0, bytes = 0;
};

}  // namespace amphora
