#pragma once

#include <amphora/options.hpp>
#include <amphora/types.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

/// Back-up, restore and archive: how a database survives the loss of its disk.
///
///   db.backup("/backups/monday");                                        // while others write
///   amphora::Database::restore("/backups/monday", "app.amphora");        // as it was then
///   amphora::Database::restore("/backups/monday", "app.amphora",
///                              {.archive = "/archive", .to_time = amphora::parse_datetime(
///                                                          "2026-01-31 12:00:00")});
///
/// A **backup** is a directory with a copy of both stores and of the journal behind them, all of
/// one timeline. It is not a database: opening it for writing is `not_a_database`, because a second
/// life under the same names would make commits, segments and archives ambiguous. It can be opened
/// with `OpenMode::read_only` to look into it. One that lacks a part is refused
/// (`not_a_database`), as is one that lacks the end of its journal or has parts of another backup
/// (`foreign_piece`): it is whole or it is none.
///
/// **Restoring** makes a database of it, in a new timeline: pieces from before and after are never
/// mistaken for each other, and `wait` for a commit that the restored database does not have is
/// `commit_lost`.
///
/// An **archive** (`Options::archive_directory`) is a directory that gets a copy of every segment
/// of the journal before the segment is used again. With a backup and the archive of the same
/// timeline the database can be put back as of any commit since that backup. Nothing in it is ever
/// deleted by the library. One archive may serve several databases and timelines, but not two
/// copies of one: a database that was copied by hand takes along where it archives, and is to be
/// opened with another place or with `Archiving::stops`. Where commits are missing between what an
/// archive holds and what the journal still has, because archiving was stopped in between or copies
/// were taken away, the log says so once and `Statistics::archive_from` says from where on it is
/// whole: it is time for a new backup.
///
/// A backup, and what is restored, is made beside its place, under the name
/// `DESTINATION.unfinished`, synced, verified, and then takes its place in one step: what has the
/// name is whole. What a crash leaves under the other name is removed by the next attempt.
namespace amphora {

/// How a copy is verified before it takes its place.
enum class Verification : std::uint8_t {
    opened,   ///< pieces and marks fit each other, and the journal's frames verify up to the end
    checked,  ///< and `Database::check` finds nothing; takes time in proportion to the data
};

/// Called on the calling thread after each piece, of a megabyte or so. `total` is an estimate until
/// the end. What it throws ends the work, leaves nothing behind, and goes on to the caller.
using CopyProgress = std::function<void(std::uint64_t bytes_done, std::uint64_t bytes_total)>;

struct BackupOptions {
    CopyProgress progress = nullptr;
    Verification verify = Verification::opened;
};

struct BackupReport {
    std::string database, timeline;  ///< 32 hexadecimal digits each
    Sequence
        earliest{};   ///< with an archive, it can be restored as of this commit or any later one
    Sequence last{};  ///< the last commit in it
    std::uint64_t bytes = 0;  ///< copied, or linked: table files of the document store, where the
                              ///< file system allows
};

struct RestoreOptions {
    std::string archive = {};  ///< empty: nothing but what the backup holds
    /// As of which commit, or as of the last one made by then; with neither, the last one there is.
    /// An end that lies before the backup's `earliest`, or a commit after the last one, is
    /// `invalid_argument`.
    ///
    /// A time is compared with the time that each commit got from the clock of its machine. While a
    /// database is open these times never fall: where the clock is set back, they stand still until
    /// the clock has passed them. Each opening begins with the clock again, so a time can lie in
    /// several openings if the clock was set back between them. The order of the commits decides:
    /// the restore ends with the last commit, in that order, that has this time or an earlier one,
    /// and it holds every commit before that one, also those with a later time. To end earlier,
    /// name a sequence.
    std::optional<Sequence> to_sequence = std::nullopt;
    std::optional<DateTime> to_time = std::nullopt;
    CopyProgress progress = nullptr;
    Verification verify = Verification::checked;
    Options options = {};  ///< profile and bounds for the work; `mode` and archive are ignored
};

struct RestoreReport {
    std::string database;
    std::string timeline;  ///< the new one
    std::string timeline_before;
    Sequence last{};                     ///< the last commit of the old timeline that is there
    DateTime time{};                     ///< when it was made
    std::uint64_t commits_replayed = 0;  ///< that the trees of the backup did not hold yet
    std::uint64_t bytes = 0;
};

struct ArchiveReport {
    std::uint64_t segments = 0, bytes = 0;  ///< that the archive had not, or not as long
    Sequence last{};  ///< everything that the journal still held, up to here, is in the archive
};

/// Segments in an archive that follow each other without a gap: every backup that ends in between
/// can be restored as of any commit up to `last`.
struct ArchiveRange {
    std::string database, timeline;
    Sequence first{}, last{};  ///< `last` is before `first` if the segments hold no commits
    DateTime first_time{}, last_time{};  ///< of the commit before `first`, and of `last`
    std::uint64_t segments = 0, bytes = 0;
};

}  // namespace amphora
