#pragma once

#include "base/deadline.hpp"
#include "journal/journal.hpp"

#include <cstdint>
#include <functional>
#include <optional>

namespace amphora::journal {

/// Reads the commits of a journal, oldest first, while others commit.
///
/// Invariant: recycled <= position <= durable, each a sequence of the journal. `position` is the
/// last commit that was read, or passed because it is not wanted (`HoldOptions::wanted`). A commit
/// that is not durable is never given, also if it is written,
/// visible, or in a frame whose sync failed.
///
/// A cursor holds what it has not read: the segment with the commit after its position, and all
/// later segments, are not recycled. A segment that it has read is held until the next call of
/// `next` or `seek`, because its file is still open. The destructor ends the hold, and so does
/// `Journal::give_up_slowest_feed`. A journal that was opened to read only holds nothing, because
/// another process may recycle.
///
/// Any number of cursors may be open. Each is used by one thread at a time, except `wake`. The
/// journal must outlive its cursors.
///
/// After a failed write or sync, or `Journal::close`, cursors give what was durable by then, and
/// nothing more.
class JournalCursor {
  public:
    JournalCursor() = default;
    JournalCursor(const JournalCursor&) = delete;
    JournalCursor& operator=(const JournalCursor&) = delete;
    virtual ~JournalCursor() = default;

    /// The commit after the position, which it becomes; none if no later commit is durable yet.
    /// Commits that are not wanted are passed where that costs nothing, and given otherwise. The
    /// bytes of its record are valid until the next call of `next` or `seek`. Throws `corrupt`, with
    /// file and offset, if a frame that was durable does not verify, `io_error`, and `feed_gap` if
    /// its hold was ended and the commit is not in the journal any more. Then the position has not
    /// changed.
    [[nodiscard]] virtual std::optional<Entry> next() = 0;

    enum class Seek : std::uint8_t {
        found,
        recycled,     ///< the commit after it is not in the journal any more
        not_durable,  ///< later than the last durable commit
    };
    /// Moves to `after`, so that the commit after it comes next; its segment is read up to there.
    /// Except for `found`, and where it throws, the cursor stays at its position. A cursor of an
    /// archive throws `feed_gap` instead of `recycled`, with what is missing.
    [[nodiscard]] virtual Seek seek(Sequence after) = 0;

    enum class More : std::uint8_t {
        now,      ///< `next` has a commit to give
        not_yet,  ///< the deadline has passed, or `wake` was called
        never,    ///< the journal has failed, is closed or is read-only, and all that is durable is
                  ///< read
    };
    /// Waits until a commit after the position is durable that may be wanted. Commits that wait for no sync become so at
    /// the interval; for a prompt cursor (`HoldOptions::is_prompt`) the background thread syncs them
    /// at once, as long as the cursor waits here or for the call of `on_more`.
    [[nodiscard]] virtual More await(Deadline deadline) = 0;
    /// `call` is called, once after each `next` that returned none, when there is a commit to give,
    /// when `wake` is called, or when there will never be one. It is called on any thread and with
    /// locks of the journal held: it must return at once, must not throw, and must not call the
    /// journal. Set once.
    /// While it waits, its position moves over commits that are not wanted; it is called after
    /// some thousands of them, and when the segment that it holds is full.
    virtual void on_more(std::function<void()> call) = 0;
    /// Whether `on_more` is also called for commits that are not wanted. Any thread.
    virtual void tell_of_all(bool all) noexcept = 0;
    /// The wait that is running ends at once, or else the next one. Any thread.
    virtual void wake() noexcept = 0;

    /// Any thread.
    [[nodiscard]] virtual Sequence position() const noexcept = 0;
    /// The last commit to which it can move at the moment. Any thread.
    [[nodiscard]] virtual Sequence durable() const noexcept = 0;
};

}  // namespace amphora::journal
