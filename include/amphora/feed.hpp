#pragma once

#include <amphora/document.hpp>
#include <amphora/feed_position.hpp>
#include <amphora/row.hpp>
#include <amphora/selection.hpp>
#include <amphora/typed.hpp>

#include <chrono>
#include <concepts>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace amphora {

namespace detail {
class FeedState;    // what a feed reads from; engine/database
class ShownChange;  // what a change shows; engine/database
}  // namespace detail

/// One change that a feed shows, in place: views of it are valid until the feed's next call of
/// `next`, `seek` or `each`. Asking for what a change does not have throws `invalid_argument`.
class Change {
  public:
    [[nodiscard]] ChangeKind kind() const noexcept;
    [[nodiscard]] bool is_row() const noexcept;
    [[nodiscard]] bool is_document() const noexcept;
    /// The table, the collection or the topic. Valid as long as the feed, except for a topic.
    [[nodiscard]] std::string_view name() const noexcept;

    /// After this change: a feed at this position continues with the next one. Of a `read` it is
    /// the position after the commit of the snapshot, from which the rest of the snapshot would not
    /// be read: see `Feed::position`.
    [[nodiscard]] FeedPosition position() const noexcept;
    /// The commit that made the change; of a `read` that of the snapshot.
    [[nodiscard]] Commit commit() const noexcept;
    /// When the commit was made; of a `read` when the feed took the snapshot.
    [[nodiscard]] DateTime time() const noexcept;
    /// Whether no change follows in the same commit, selected or not.
    [[nodiscard]] bool is_last_of_commit() const noexcept;
    /// What `WriteOptions` said, and the change whose handler made this one. Each may be empty.
    [[nodiscard]] std::string_view origin() const noexcept;
    [[nodiscard]] std::string_view correlation() const noexcept;
    [[nodiscard]] std::string_view causation() const noexcept;
    /// Whether the engine removed the document because it had expired: WITH (retain = ...), see
    /// schema/README.md. The origin is then "amphora.retain", which no program can choose.
    [[nodiscard]] bool is_expired() const noexcept;

    // Of a row. It has the columns of the table at the commit: asking a row for a column that was
    // added later throws `no_such_column`. A typed row has all columns of the table as it is now,
    // and a column that was added later has its default. Typed rows with more columns than the
    // table has, in an archive that is older than the program, throw `schema_mismatch`.
    /// The columns of the primary key.
    [[nodiscard]] Record key() const;
    /// The row as the commit left it, and as it was before. Null where there is none: after an
    /// erase, before an insert, and before any change of a table without `before = TRUE`.
    [[nodiscard]] const RowView* row_after() const;
    [[nodiscard]] const RowView* row_before() const;
    template <class Row>
    [[nodiscard]] std::optional<Row> after(const TypedTable<Row>& table) const {
        return typed(table, newest_after());
    }
    template <class Row>
    [[nodiscard]] std::optional<Row> before(const TypedTable<Row>& table) const {
        return typed(table, newest_before());
    }

    // Of a document, in the same way.
    /// The _id. Of an erased document without its state before, a whole number is an int64 and
    /// another number a double, or a decimal128 if no double is equal; numbers are found by value,
    /// so `Id{change.id()}` finds the same document.
    [[nodiscard]] BsonValue id() const;
    [[nodiscard]] OptionalDocument document_after() const;
    [[nodiscard]] OptionalDocument document_before() const;

    /// Of an event.
    [[nodiscard]] DocumentView payload() const;
    /// Of a change of the schema: CREATE TABLE or CREATE COLLECTION, as it is from this commit on.
    [[nodiscard]] std::string_view definition() const;

  private:
    friend class detail::ShownChange;
    explicit Change(detail::ShownChange& shown) noexcept : shown_{&shown} {}
    void require_typed(std::string_view table, std::size_t columns) const;
    [[nodiscard]] const RowView* newest_after() const;
    [[nodiscard]] const RowView* newest_before() const;
    template <class Row>
    [[nodiscard]] std::optional<Row> typed(const TypedTable<Row>& table, const RowView* row) const {
        require_typed(table.table.name, detail::columns_count<Row>);
        if (row == nullptr) return std::nullopt;
        return detail::from_row<Row>(*row);
    }

    detail::ShownChange* shown_;
};

/// Where a feed begins.
enum class FeedStart : std::uint8_t {
    /// With the oldest change that the journal still holds. It holds whole segments, without a gap,
    /// from the first one that a store, the archive, a backup, a consumer, a named reader or an open
    /// feed still needs. An opening recycles the others soon; what is left of these is never shown.
    oldest,
    end,  ///< with the first change after the last durable commit
    /// With the rows and documents of a snapshot, as changes of the kind `read`, and then with
    /// every change after it: nothing is missing, and nothing comes twice.
    snapshot,
};

/// What happens if a consumer, or a named reader, comes with other selections than before.
enum class ChangedSelections : std::uint8_t {
    refused,       ///< `consumer_changed`
    continues,     ///< the new selections count from its position on
    starts_again,  ///< a reader at `start`; a consumer with a reset, and then a snapshot
};

struct FeedOptions {
    /// A change is shown if one of them selects it. None: every change, except in the engine's own
    /// tables, collections and topics. Conditions are on the schema as it is now: a column that was
    /// added after a change has its default there.
    std::vector<Selection> selections = {};
    FeedStart start = FeedStart::oldest;
    /// Continues after this position, whatever `start` says.
    std::optional<FeedPosition> after = std::nullopt;
    FeedFull when_full = FeedFull::hold;
    /// While the feed waits, a `written` or `buffered` commit is synced at once, so that it is shown
    /// without waiting for `Options::sync_interval_ms`. Costs a sync for each such commit, or for
    /// those that come during a sync together.
    bool prompt = false;
    /// A name makes the feed a reader that the database knows, as it knows consumers: it continues
    /// after the last change that was acknowledged, and the journal keeps everything after that,
    /// whether the reader is open or not, until `Database::drop_consumer`. A new reader begins at
    /// `start` or `after`; without a position of its own it keeps nothing, so one that begins with a
    /// snapshot should acknowledge when that is read. For one that is known, `after` is refused with
    /// `invalid_argument`. Empty: nobody knows the feed.
    std::string reader = {};
    /// Of a named reader that comes with other selections than before.
    ChangedSelections changed = ChangedSelections::refused;
};

/// The changes of a database, in the order of its commits: rows, documents, changes of the schema,
/// and published events.
///
///   Feed feed = database.feed({.selections = {inserts(mission::users)}});
///   while (const Change* change = feed.next()) {
///       if (const auto user = change->after(mission::users)) greet(*user);
///       remember(to_string(change->position()));
///   }
///
/// A change is shown once its commit is durable, so a power cut takes back none that was shown. A
/// `written` commit is durable after at most `Options::sync_interval_ms`, or see `prompt`. Within a
/// commit, changes of the schema come first, then rows in the order of tables and keys, then
/// documents, then events in the order in which they were published. A row or document comes once,
/// with the net effect of the transaction: inserted and erased again, it is no change. A changed
/// primary key is an erase and an insert.
///
/// An open feed keeps what it has not read in the journal, up to `Options::feed_bytes_max`. Then
/// `FeedOptions::when_full` decides: writers get `feed_full`, or the feed loses its place, and `next`
/// throws `feed_gap`. A position that a program has stored keeps nothing.
///
/// Threads: one at a time, except `wake`, `pause` and `resume`. The feed keeps the
/// parts of the database alive; after `Database::close` it shows what was durable by then, and ends.
class Feed {
  public:
    Feed(Feed&&) noexcept;
    Feed& operator=(Feed&&) noexcept;
    Feed(const Feed&) = delete;
    Feed& operator=(const Feed&) = delete;
    ~Feed();

    /// Waits for the next selected change. Returns null when `timeout` has passed (none: no limit;
    /// zero: no wait), when `wake` was called, or when there will never be another one
    /// (`has_ended`). Throws `corrupt`, `io_error`, `feed_gap`, `snapshot_expired`; a further call
    /// then tries again at the same position.
    const Change* next(std::optional<std::chrono::milliseconds> timeout = std::nullopt);
    /// Waits for the first change as `next`, then calls `visit(const Change&)` for it and for those
    /// that are there without waiting, `changes_max` at most. Returns how many there were.
    template <std::invocable<const Change&> Visit>
    std::size_t each(std::size_t changes_max, std::optional<std::chrono::milliseconds> timeout,
                     Visit&& visit) {
        std::size_t count = 0;
        while (count < changes_max) {
            const Change* const change =
                count == 0 ? next(timeout) : next(std::chrono::milliseconds{0});
            if (change == nullptr) break;
            ++count;
            std::invoke(visit, *change);
        }
        return count;
    }

    /// After the last change that was shown, and after all later ones that were not selected. A
    /// program that stores it continues with `FeedOptions::after`. None while the feed shows the
    /// rows and documents of a snapshot, in which no feed can continue.
    [[nodiscard]] std::optional<FeedPosition> position() const;
    /// Continues after `position`, which may be from before a restore (feed_position.hpp). Throws,
    /// with nothing changed, `unknown_position` and `feed_gap`.
    void seek(const FeedPosition& position);

    /// Of a named reader: everything up to `position` is done, and will not be shown again. This is a
    /// commit, so a reader should acknowledge many changes at once. What is shown and not yet
    /// acknowledged is shown again after a restart: a reader gets every change at least once. Throws
    /// `invalid_argument` for a feed without a name, for a position that was not shown yet and for
    /// one before the last acknowledged one, and what `seek` and a commit throw.
    void acknowledge(const FeedPosition& position);

    /// Ends the wait that is running, or else the next one.
    void wake() noexcept;
    /// A file descriptor for `poll`, `epoll` and the event loops built on them. It is readable when
    /// `next` may have something to show, or the feed has ended, until a `next` returns null. Only
    /// to be waited for: the feed reads and closes it. Throws `io_error` where the operating system
    /// has no descriptor left.
    [[nodiscard]] int descriptor();
    /// While it is paused a feed shows nothing, and keeps its position.
    void pause() noexcept;
    void resume() noexcept;
    [[nodiscard]] bool is_paused() const noexcept;
    /// Whether everything was shown and there will be no more: the database was closed or is
    /// read-only, or it is the feed of an archive.
    [[nodiscard]] bool has_ended() const noexcept;

  private:
    friend class Database;
    friend class Archive;
    explicit Feed(std::unique_ptr<detail::FeedState> state) noexcept;
    [[nodiscard]] detail::FeedState& state() const;
    std::unique_ptr<detail::FeedState> state_;
};

}  // namespace amphora
