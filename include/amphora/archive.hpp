#pragma once

#include <amphora/feed.hpp>
#include <amphora/statistics.hpp>

#include <memory>
#include <string>
#include <vector>

namespace amphora {

namespace detail {
class ArchiveState;  // the segments and the schema; engine/database
}  // namespace detail

struct ArchiveOptions {
    /// Where the commits end: the timeline as `Statistics::timeline` and `Database::archived` write
    /// it. Those that it continues after a restore belong to it, up to the commit that was restored.
    /// Empty: the only timeline in the archive that no other one there continues.
    std::string timeline = {};
};

/// The changes in an archive (`Options::archive_directory`, `Database::archive`), which no journal
/// needs to have any more. Neither the database nor its backup is needed.
///
///   Archive archive{"/backups/app.archive"};
///   Feed feed = archive.feed({.after = FeedPosition::parse(stored)});
///   while (const Change* change = feed.next()) show(*change);
///
/// Feeds are those of the database (feed.hpp): the same changes, under the same positions, each with
/// the columns of its commit. They end (`Feed::has_ended`) after the last change that was archived
/// when the Archive was made. Another Archive sees what was archived since.
///
/// Nothing is written: a directory that can only be read is enough. Segments that an earlier version
/// of the library has archived have no catalog next to them: a feed that begins there is
/// `unsupported`, and a restore is possible.
///
/// Immutable. Copies share what they have read. Any thread; each feed by one thread at a time.
class Archive {
  public:
    /// Throws `not_a_database` if there is no such directory or it holds no segment,
    /// `invalid_argument` if the timeline is not there, or if none is named and there are several;
    /// `unsupported`, `corrupt`, `foreign_piece` or `newer_format` for the catalog of the last
    /// segment, `io_error`.
    explicit Archive(const std::string& directory, const ArchiveOptions& options = {});

    /// Begins at the oldest archived change of the timeline, at the end, or after a position. An
    /// archive has no snapshot, and knows no readers: `FeedStart::snapshot` and
    /// `FeedOptions::reader` are `invalid_argument`. Selections are of the tables and collections
    /// that `describe` names.
    ///
    /// This and the calls of the feed throw `feed_gap` where segments are missing: the message names
    /// the missing commits and the position after them, from which a feed can continue. They throw
    /// `unknown_position` as a feed of the database, and for a position that is not archived yet;
    /// `corrupt` with file and offset; `foreign_piece` for a segment that does not continue the one
    /// before it; `unsupported` for one without a catalog.
    [[nodiscard]] Feed feed(const FeedOptions& options = {}) const;

    /// The tables and collections as of the last archived commit. Nothing is ever dropped from a
    /// schema, so these are all that there were.
    [[nodiscard]] std::vector<SpaceReport> describe(Spaces spaces = Spaces::of_users) const;
    /// The directory.
    [[nodiscard]] const std::string& path() const noexcept;
    /// The uuids of the database and of the timeline.
    [[nodiscard]] std::string database() const;
    [[nodiscard]] std::string timeline() const;

  private:
    std::shared_ptr<const detail::ArchiveState> state_;
};

}  // namespace amphora
