#include "base/assert.hpp"
#include "base/clock.hpp"
#include "journal/live/live_cursor.hpp"
#include "journal/live/live_journal.hpp"

#include <algorithm>

/// What the journal does for its cursors, and recycling, which spares what they hold.
namespace amphora::journal {

namespace {

/// So many commits that it does not want are passed before a cursor is told, so that its owner can
/// store how far it has come.
constexpr std::uint64_t commits_untold_max = 4000;

}  // namespace

std::unique_ptr<JournalCursor> LiveJournal::cursor(HoldOptions options) {
    return std::make_unique<LiveCursor>(*this, files_, std::move(options));
}

std::unique_ptr<PositionHold> LiveJournal::hold(HoldOptions options, Sequence after) {
    return std::make_unique<LivePositionHold>(*this, std::move(options), after);
}

LivePositionHold::LivePositionHold(LiveJournal& journal, HoldOptions options, Sequence after)
    : journal_{journal}, hold_{std::move(options)} {
    journal_.begin_hold(hold_);
    if (journal_.seek_hold(hold_, after) == JournalCursor::Seek::recycled) release();
}

LivePositionHold::~LivePositionHold() {
    journal_.forget_hold(hold_);
}

void LivePositionHold::move(Sequence after, Sequence stored_by) {
    journal_.move_hold(hold_, {.after = after, .stored_by = stored_by});
}

void LivePositionHold::release() noexcept {
    journal_.end_hold(hold_);
}

void LiveJournal::begin_hold(LiveHold& hold) {
    const std::lock_guard lock{mutex_};
    holds_.add(hold);
    hold.segment = oldest_number();
    hold.position.store(recycled_);
    hold.moved_ms.store(steady_ms());
}

void LiveJournal::end_hold(LiveHold& hold) noexcept {
    Lock lock{mutex_};
    hold.is_lost.store(true);
    tell_released(lock);
}

void LiveJournal::forget_hold(const LiveHold& hold) noexcept {
    const std::lock_guard lock{mutex_};
    holds_.remove(hold);
}

JournalCursor::Seek LiveJournal::seek_hold(LiveHold& hold, Sequence after) {
    Lock lock{mutex_};
    if (after < recycled_) return JournalCursor::Seek::recycled;
    if (after > durable_.load()) return JournalCursor::Seek::not_durable;
    hold.is_armed = false;
    place_hold(hold, after);
    tell_released(lock);
    return JournalCursor::Seek::found;
}

/// Where some commits after it are gone, it holds nothing.
void LiveJournal::place_hold(LiveHold& hold, Sequence after) noexcept {
    const std::size_t read = closed_through(after);
    hold.segment = read < closed_.size() ? closed_[read].header.number : active_->header().number;
    hold.position.store(after);
    hold.moved_ms.store(steady_ms());
    hold.is_lost.store(after < recycled_);
}

void LiveJournal::move_hold(LiveHold& hold, LiveHold::Move move) {
    Lock lock{mutex_};
    (hold.next.stored_by == Sequence{} ? hold.next : hold.last) = move;
    settle_moves(hold);
    tell_released(lock);
}

void LiveJournal::settle_moves(LiveHold& hold) noexcept {
    while (hold.next.is_due(durable_.load())) {
        place_hold(hold, hold.next.after);
        hold.next = std::exchange(hold.last, {});
    }
}

std::optional<HeldSegment> LiveJournal::held(const LiveHold& hold) const {
    const std::lock_guard lock{mutex_};
    if (hold.is_lost) return std::nullopt;
    const auto found = std::find_if(closed_.begin(), closed_.end(), [&](const ChainSegment& each) {
        return each.header.number == hold.segment;
    });
    if (found != closed_.end()) return HeldSegment{.segment = *found, .is_closed = true};
    AMPHORA_ASSERT(hold.segment == active_->header().number);  // held, so not recycled
    return HeldSegment{.segment = durable_part_of_active()};
}

void LiveJournal::hold_successor(LiveHold& hold) {
    Lock lock{mutex_};
    const auto after = std::find_if(closed_.begin(), closed_.end(), [&](const ChainSegment& each) {
        return each.header.number > hold.segment;
    });
    hold.segment = after != closed_.end() ? after->header.number : active_->header().number;
    tell_released(lock);
}

/// A hold may have been the only one of a segment that is not needed otherwise.
void LiveJournal::tell_released(Lock& lock) noexcept {
    const bool is_released = closed_unneeded() > 0 && !holds_.hold(oldest_number());
    if (!is_released || closed_for_good_ || !on_hold_released_) return;
    lock.unlock();
    on_hold_released_();
}

/// Null: nothing is kept only for holds.
LiveHold* LiveJournal::slowest_keeping() const noexcept {
    LiveHold* const slowest = holds_.slowest();
    const std::size_t unneeded = closed_unneeded();
    if (slowest == nullptr || unneeded == 0) return nullptr;
    return slowest->segment <= closed_[unneeded - 1].header.number ? slowest : nullptr;
}

FeedLag LiveJournal::lag_of(const LiveHold& hold) const {
    const Sequence after = hold.position.load();
    FeedLag lag{.name = hold.options.name,
                .remedy = hold.options.remedy,
                .when_full = hold.options.when_full,
                .after = after,
                .commits = number(durable_.load()) - number(after),
                .bytes = synced_end_,
                .moved_ms = hold.moved_ms.load()};
    for (const ChainSegment& segment : closed_) {
        if (segment.header.number >= hold.segment) lag.bytes += segment.end;
    }
    return lag;
}

std::optional<FeedLag> LiveJournal::slowest_feed() const {
    const std::lock_guard lock{mutex_};
    const LiveHold* const slowest = slowest_keeping();
    return slowest == nullptr ? std::nullopt : std::optional{lag_of(*slowest)};
}

std::optional<FeedLag> LiveJournal::give_up_slowest_feed() {
    std::optional<FeedLag> lag;
    Sequence unneeded{};
    {
        const std::lock_guard lock{mutex_};
        LiveHold* const slowest = slowest_keeping();
        if (slowest == nullptr || slowest->options.when_full == FeedFull::hold) return {};
        lag = lag_of(*slowest);
        slowest->is_lost.store(true);
        unneeded = unneeded_;
    }
    recycle(unneeded);
    return lag;
}

JournalCursor::More LiveJournal::await_more(LiveHold& hold, Deadline deadline) {
    Lock lock{mutex_};
    const auto has_more = [&] {
        pass(hold);
        return hold.position.load() < durable_.load();
    };
    const auto has_ended = [&] { return failed_.load() || closed_for_good_; };
    hold.is_waiting = !has_more();
    if (hold.is_waiting) sync_for_prompt_cursors();
    (void)deadline.await(durable_moved_, lock,
                         [&] { return hold.is_woken || has_more() || has_ended(); });
    hold.is_woken = hold.is_waiting = false;
    if (has_more()) return JournalCursor::More::now;
    return has_ended() ? JournalCursor::More::never : JournalCursor::More::not_yet;
}

void LiveJournal::wake_cursor(LiveHold& hold) noexcept {
    {
        const std::lock_guard lock{mutex_};
        hold.is_woken = true;
        LiveHolds::tell_more(hold);
    }
    durable_moved_.notify_all();
}

void LiveJournal::set_on_more(LiveHold& hold, std::function<void()> call) {
    const std::lock_guard lock{mutex_};
    hold.on_more = std::move(call);
}

bool LiveJournal::arm(LiveHold& hold) {
    const std::lock_guard lock{mutex_};
    if (hold.position.load() < durable_.load()) return false;
    hold.is_armed = hold.on_more && !failed_ && !closed_for_good_;
    hold.armed_at = hold.position.load();
    sync_for_prompt_cursors();
    return true;
}

void LiveJournal::disarm(LiveHold& hold) {
    const std::lock_guard lock{mutex_};
    hold.is_armed = false;
}

void LiveJournal::tell_of_all(LiveHold& hold, bool all) noexcept {
    const std::lock_guard lock{mutex_};
    hold.tells_all = all;
}

void LiveJournal::pass(LiveHold& hold) const noexcept {
    hold.position.store(tags_.without(hold.options.wanted, hold.position.load(), durable_.load()));
}

bool LiveJournal::pass_unwanted(LiveHold& hold) {
    const std::lock_guard lock{mutex_};
    if (hold.is_lost) return false;
    pass(hold);
    const std::size_t read = closed_through(hold.position.load());
    const std::uint64_t needed =
        read < closed_.size() ? closed_[read].header.number : active_->header().number;
    return needed > hold.segment;
}

/// Called with the mutex held, when the durable commits, or whether there will be more, has changed.
/// An armed cursor is moved over commits that it does not want, and is told of them only when its
/// segment is full, so that it lets go of it, or when they are many.
void LiveJournal::tell_cursors() noexcept {
    durable_moved_.notify_all();
    const bool has_ended = failed_ || closed_for_good_;
    for (LiveHold* const hold : holds_.all()) {
        if (!hold->is_armed) continue;
        pass(*hold);
        const std::uint64_t passed = number(hold->position.load()) - number(hold->armed_at);
        if (has_ended || hold->tells_all || hold->position.load() < durable_.load() ||
            hold->segment < active_->header().number || passed >= commits_untold_max) {
            LiveHolds::tell_more(*hold);
        }
    }
}

void LiveJournal::recycle(Sequence sequence) {
    std::vector<std::string> given;
    {
        const std::lock_guard lock{mutex_};
        const Sequence limit = std::min(sequence, durable_.load());
        for (LiveHold* const hold : holds_.all()) settle_moves(*hold);
        unneeded_ = std::max(unneeded_, limit);
        const std::size_t most = closed_through(limit);
        while (given.size() < most) {
            if (holds_.hold(oldest_number())) break;
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

/// For how many of them `recycle` was called. They are left because of holds.
std::size_t LiveJournal::closed_unneeded() const noexcept {
    return unneeded_ == Sequence{} ? 0 : closed_through(unneeded_);
}

JournalBytes LiveJournal::bytes() const noexcept {
    const std::lock_guard lock{mutex_};
    JournalBytes bytes;
    const LiveHold* const slowest = holds_.slowest();
    const std::size_t unneeded = closed_unneeded();
    for (std::size_t i = 0; i < closed_.size(); ++i) {
        const ChainSegment& segment = closed_[i];
        bytes.closed += segment.end;
        if (i >= unneeded) continue;
        bytes.unneeded += segment.end;
        const bool is_held = slowest != nullptr && slowest->segment <= segment.header.number;
        if (is_held) bytes.for_feeds += segment.end;
    }
    bytes.live = bytes.closed + active_->file_bytes() - active_room_;
    return bytes;
}

}  // namespace amphora::journal
