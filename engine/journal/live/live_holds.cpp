#include "base/assert.hpp"
#include "journal/live/live_cursor.hpp"
#include "journal/live/live_journal.hpp"

#include <algorithm>

/// What the journal does for its cursors, and recycling, which spares what they hold.
namespace amphora::journal {

std::unique_ptr<JournalCursor> LiveJournal::cursor() {
    return std::make_unique<LiveCursor>(*this, files_);
}

void LiveJournal::begin_hold(CursorHold& hold) {
    const std::lock_guard lock{mutex_};
    cursors_.add(hold);
    hold.segment = oldest_number();
    hold.position.store(recycled_);
}

void LiveJournal::end_hold(const CursorHold& hold) noexcept {
    Lock lock{mutex_};
    cursors_.remove(hold);
    tell_released(lock);
}

JournalCursor::Seek LiveJournal::seek_hold(CursorHold& hold, Sequence after) {
    Lock lock{mutex_};
    if (after < recycled_) return JournalCursor::Seek::recycled;
    if (after > durable_.load()) return JournalCursor::Seek::not_durable;
    const std::size_t read = closed_through(after);
    hold.segment = read < closed_.size() ? closed_[read].header.number : active_->header().number;
    hold.position.store(after);
    tell_released(lock);
    return JournalCursor::Seek::found;
}

HeldSegment LiveJournal::held(const CursorHold& hold) const {
    const std::lock_guard lock{mutex_};
    const auto found = std::find_if(closed_.begin(), closed_.end(), [&](const ChainSegment& each) {
        return each.header.number == hold.segment;
    });
    if (found != closed_.end()) return {.segment = *found, .is_closed = true};
    AMPHORA_ASSERT(hold.segment == active_->header().number);  // held, so not recycled
    return {.segment = durable_part_of_active()};
}

void LiveJournal::hold_successor(CursorHold& hold) {
    Lock lock{mutex_};
    const auto after = std::find_if(closed_.begin(), closed_.end(), [&](const ChainSegment& each) {
        return each.header.number > hold.segment;
    });
    hold.segment = after != closed_.end() ? after->header.number : active_->header().number;
    tell_released(lock);
}

/// A cursor may have been the only one to hold a segment that is not needed otherwise.
void LiveJournal::tell_released(Lock& lock) noexcept {
    const bool is_released = closed_unneeded() > 0 && !cursors_.hold(oldest_number());
    if (!is_released || closed_for_good_ || !on_cursor_released_) return;
    lock.unlock();
    on_cursor_released_();
}

JournalCursor::More LiveJournal::await_more(CursorHold& hold, Deadline deadline) {
    Lock lock{mutex_};
    const auto has_more = [&] { return hold.position.load() < durable_.load(); };
    const auto has_ended = [&] { return failed_.load() || closed_for_good_; };
    (void)deadline.await(durable_moved_, lock,
                         [&] { return hold.is_woken || has_more() || has_ended(); });
    hold.is_woken = false;
    if (has_more()) return JournalCursor::More::now;
    return has_ended() ? JournalCursor::More::never : JournalCursor::More::not_yet;
}

void LiveJournal::wake_cursor(CursorHold& hold) noexcept {
    {
        const std::lock_guard lock{mutex_};
        hold.is_woken = true;
        CursorHolds::tell_more(hold);
    }
    durable_moved_.notify_all();
}

void LiveJournal::set_on_more(CursorHold& hold, std::function<void()> call) {
    const std::lock_guard lock{mutex_};
    hold.on_more = std::move(call);
}

bool LiveJournal::arm(CursorHold& hold) {
    const std::lock_guard lock{mutex_};
    if (hold.position.load() < durable_.load()) return false;
    hold.is_armed = hold.on_more && !failed_ && !closed_for_good_;
    return true;
}

/// Called with the mutex held, when the durable commits, or whether there will be more, has changed.
void LiveJournal::tell_cursors() noexcept {
    durable_moved_.notify_all();
    cursors_.tell_more();
}

void LiveJournal::recycle(Sequence sequence) {
    std::vector<std::string> given;
    {
        const std::lock_guard lock{mutex_};
        const Sequence limit = std::min(sequence, durable_.load());
        unneeded_ = std::max(unneeded_, limit);
        const std::size_t most = closed_through(limit);
        while (given.size() < most) {
            if (cursors_.hold(oldest_number())) break;
            given.push_back(closed_.front().path);
            closed_.pop_front();
            const SegmentHeader& after =
                closed_.empty() ? active_->header() : closed_.front().header;
            index_.drop_through(after.prior);
            recycled_ = after.prior.sequence;
        }
        if (!given.empty()) aim_spares();
    }
    for (const std::string& path : given) pool_->give_back(path);
    if (pool_->has_problems()) background_.notify_one();
}

std::uint64_t LiveJournal::oldest_number() const noexcept {
    return closed_.empty() ? active_->header().number : closed_.front().header.number;
}

/// How many of the closed segments, from the oldest, have no commit after `sequence`.
std::size_t LiveJournal::closed_through(Sequence sequence) const noexcept {
    std::size_t count = 0;
    while (count < closed_.size()) {
        const SegmentHeader& after =
            count + 1 < closed_.size() ? closed_[count + 1].header : active_->header();
        if (after.prior.sequence > sequence) break;
        ++count;
    }
    return count;
}

/// For how many of them `recycle` was called. They are left because of cursors.
std::size_t LiveJournal::closed_unneeded() const noexcept {
    return unneeded_ == Sequence{} ? 0 : closed_through(unneeded_);
}

std::uint64_t LiveJournal::bytes_for_cursors() const noexcept {
    const std::lock_guard lock{mutex_};
    std::uint64_t bytes = 0;
    for (std::size_t i = closed_unneeded(); i-- > 0;) bytes += closed_[i].end;
    return bytes;
}

}  // namespace amphora::journal
