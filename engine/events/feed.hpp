#pragma once

#include "base/deadline.hpp"
#include "base/ids.hpp"
#include "base/lineage.hpp"
#include "events/chunked_snapshot.hpp"
#include "events/commit_reader.hpp"
#include "events/feed_place.hpp"
#include "events/schema_history.hpp"
#include "events/selector.hpp"
#include "events/snapshot_reader.hpp"
#include "journal/journal_cursor.hpp"

#include <amphora/feed_position.hpp>
#include <amphora/selection.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

/// The change feed: every durable change, in the order of the commits.
namespace amphora::events {

/// Whether `right` comes before `left`, of two positions that feeds of one database have named.
/// Sequences increase over all timelines that it comes from.
[[nodiscard]] inline bool is_after(const FeedPosition& left, const FeedPosition& right) noexcept {
    return std::pair{left.sequence(), left.index()} > std::pair{right.sequence(), right.index()};
}

/// What a feed reads from.
struct FeedSource {
    /// Who gives the commits, for messages.
    enum class Kind : std::uint8_t { journal, archive };

    std::function<std::unique_ptr<journal::JournalCursor>(journal::CommitTags wanted)> cursor;
    std::shared_ptr<const stores::BoundSchema> schema;  ///< the newest
    std::unique_ptr<CatalogVersions> versions;
    Lineage lineage;
    Kind kind = Kind::journal;
};

/// Reads the selected changes of a journal or an archive, one after the other, while others commit.
///
/// Invariant: `position` is after the last change that was returned, and after every later change
/// that was not selected. So a new feed at that position returns exactly the changes that this one
/// has not returned.
///
/// Only durable commits are read: a power cut takes back no change that was returned. A journal
/// keeps what the feed has not read, and must outlive it. Changes are tested with the newest schema,
/// and shown with that of their commit. Used by one thread at a time, except
/// `wake`.
class Feed {
  public:
    /// Begins at the oldest change that the source holds. Throws as `Selector`.
    Feed(FeedSource source, std::span<const Selection> selections);
    Feed(const Feed&) = delete;
    Feed& operator=(const Feed&) = delete;

    /// Continues after the last durable commit.
    void seek_end();
    /// Continues with the rows and documents of `snapshot`, whose commit is durable, and then with
    /// every change after it. Throws `feed_gap` if the journal does not hold the changes after it
    /// any more.
    void seek_snapshot(std::shared_ptr<const transaction::Reading> snapshot);
    /// Continues with the rows and documents that are selected, in chunks, and then with every
    /// change. `after`: none begins with the first key, and with the changes after the last durable
    /// commit. Throws as `seek`.
    void seek_chunks(ChunkedSnapshot::TakeSnapshot take, const std::optional<FeedPlace>& after);
    /// Reads one table or collection again, in chunks, in between the changes that continue. The feed
    /// reads nothing else. False: it selects no rows or documents of it.
    [[nodiscard]] bool read_again(ChunkedSnapshot::TakeSnapshot take, std::string_view name);
    /// Whether rows or documents of this table or collection are read with a snapshot.
    [[nodiscard]] bool reads(std::string_view name) const { return space_read(name).has_value(); }
    /// Continues after `position`. Throws, with nothing changed, what `require_known` throws, and
    /// `feed_gap` if a change after it is not in the journal any more.
    void seek(const FeedPosition& position);
    /// The position as this feed itself names it: with the timeline in which its commit was first
    /// made. Throws `unknown_position` for a timeline that the database does not come from, for a
    /// commit that a restore has left out and for one after the last durable one; `feed_gap` for a
    /// timeline from before a repair.
    [[nodiscard]] FeedPosition require_known(const FeedPosition& position) const;

    /// The next selected change, valid until the next call of `next` or of a `seek`; null if none
    /// is durable yet. Throws `corrupt`, `io_error`, and `feed_gap` if the journal could not wait for
    /// it; the position has not changed then.
    [[nodiscard]] const CommitChange* next();
    /// Waits until there is something to read, which may be changes that are not selected.
    [[nodiscard]] journal::JournalCursor::More await(Deadline deadline);
    /// `call` is called when there is something to read again after a `next` that returned null; see
    /// JournalCursor::on_more. Set once.
    void on_more(std::function<void()> call) { cursor_->on_more(std::move(call)); }
    /// Ends the wait that is running, or else the next one. Any thread.
    void wake() noexcept { cursor_->wake(); }
    /// Whether `on_more` is also called for commits without a selected change. Any thread.
    void tell_of_all(bool all) noexcept { cursor_->tell_of_all(all); }
    /// The commit up to which everything is read, or has no selected change. It moves also while
    /// the feed waits. Any thread.
    [[nodiscard]] Sequence read_up_to() const noexcept { return cursor_->position(); }

    /// Where `seek_chunks`, or without a snapshot `seek`, continues.
    [[nodiscard]] FeedPlace place() const {
        return {position_, chunks_ ? std::optional{chunks_->place()} : std::nullopt};
    }
    /// None until the rows and documents of a snapshot have all been read, because a feed cannot
    /// continue among them.
    [[nodiscard]] std::optional<FeedPosition> position() const {
        return snapshot_ ? std::nullopt : std::optional{position_};
    }

  private:
    [[nodiscard]] FeedPosition after(Sequence sequence,
                                     std::uint32_t index = FeedPosition::whole_commit) const {
        return {lineage_.of(sequence).bytes, sequence, index};
    }
    [[nodiscard]] std::optional<SpaceId> space_read(std::string_view name) const;
    void seek_commit(Sequence after, const FeedPosition& position);
    void take_up(const FeedPosition& position);
    [[nodiscard]] const CommitChange* next_of_snapshot();
    [[nodiscard]] const CommitChange* next_of_chunks();
    /// Up to the commit `last`; none: as far as there are commits.
    [[nodiscard]] const CommitChange* next_of_journal(std::optional<Sequence> last = std::nullopt);
    [[nodiscard]] bool begin_commit(std::optional<Sequence> last);
    void return_to(const FeedPosition& position);

    const FeedSource::Kind kind_;
    const Lineage lineage_;
    SchemaHistory history_;
    const Selector selector_;
    const std::unique_ptr<journal::JournalCursor> cursor_;
    CommitReader reader_;
    std::optional<SnapshotReader> snapshot_;  ///< none: read, or there was none
    std::optional<ChunkedSnapshot> chunks_;
    std::optional<Sequence> chunk_as_of_;  ///< a chunk is begun, and as of this commit
    FeedPosition position_;
    bool in_commit_ = false;  ///< the reader is in the commit after the position
    bool is_astray_ = false;  ///< after an error: cursor and reader are not at the position
};

}  // namespace amphora::events
