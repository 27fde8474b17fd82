#include "journal/live/live_journal.hpp"

#include "base/assert.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

namespace amphora::journal {

/// A thread that waits, on its own stack. The thread that wakes it removes it from the list.
struct LiveJournal::Waiter {
    Sequence sequence;
    Want want;
    bool woken = false;
    Waiter* before = nullptr;
    Waiter* after = nullptr;
    std::condition_variable wakes;
};

LiveJournal::LiveJournal(FileSystem& files, Opened opened, JournalOptions options)
    : files_{files},
      options_{std::move(options)},
      segment_room_{options_.segment_bytes - segment_bytes_of(0)},
      recovery_{std::move(opened.recovery)},
      pool_{std::move(opened.pool)},
      visible_{recovery_.last},
      durable_{recovery_.last},
      closed_{std::make_move_iterator(opened.closed.begin()),
              std::make_move_iterator(opened.closed.end())},
      index_{std::move(opened.index)},
      recycled_{index_.prior().sequence},
      written_{recovery_.last},
      attempted_{recovery_.last},
      appended_{recovery_.last},
      synced_end_{opened.active->end()},
      synced_chain_{opened.active->chain()},
      proven_{recovery_.frames_copied > 0 ? Sequence{} : recovery_.last},
      announced_{recovery_.last},
      active_{std::move(opened.active)},
      last_time_us_{opened.last_time_us},
      clock_{last_time_us_, options_.log} {
    if (options_.on_advance) options_.on_advance(recovery_.last, recovery_.last);
    note_room();
    aim_spares();
    place_queue();
    if (options_.background == Background::thread) thread_ = std::thread([this] { run_thread(); });
}

LiveJournal::~LiveJournal() {
    stop_thread();
    AMPHORA_ASSERT(holds_.empty());  // the journal outlives its cursors
}

void LiveJournal::append(Sequence sequence, Durability durability, Buffer record,
                         CommitTags tags) noexcept {
    const std::lock_guard lock{mutex_};
    AMPHORA_ASSERT(sequence == next(appended_));
    AMPHORA_ASSERT(!closed_for_good_);
    const std::uint64_t blocks = frame_blocks_of(record.size());
    AMPHORA_ASSERT(blocks <= reserved_);  // `reserve` was called, for at least this much
    room_ -= blocks;
    reserved_ = 0;
    appended_ = sequence;
    queue_.push(std::move(record));
    tags_.add(sequence, tags);
    visibility_.push(sequence, durability);
    if (durability == Durability::buffered) note_reached();
    if (background_sleeps_) background_.notify_one();
    if (durability != Durability::synced) sync_for_prompt_cursors();
}

void LiveJournal::on_durable(std::function<void()> call) {
    const std::lock_guard lock{mutex_};
    on_durable_ = std::move(call);
}

void LiveJournal::on_segment_closed(std::function<void()> call) {
    const std::lock_guard lock{mutex_};
    on_segment_closed_ = std::move(call);
}

void LiveJournal::on_hold_released(std::function<void()> call) {
    const std::lock_guard lock{mutex_};
    on_hold_released_ = std::move(call);
}

void LiveJournal::await_visible(Sequence sequence) {
    if (visible_.load() >= sequence) return;
    await(sequence, Want::visible);
}

void LiveJournal::await_durable(Sequence sequence) {
    if (durable_.load() >= sequence) return;
    await(sequence, Want::durable);
}

void LiveJournal::await_proven(Sequence sequence) {
    await_durable(sequence);
    Lock lock{mutex_};
    while (proven_ < sequence && mark_leaves_room()) {
        if (failed_) throw_failed(sequence);
        if (closed_for_good_) return;  // with a closing mark
        if (writing_ || syncing_) {
            roles_.wait(lock);
        } else if (durable_.load() < appended_) {
            // The next frame says how far the journal was durable.
            write_queued(lock);
            failed_ ? wake() : sync_written(lock);
            announce(lock);
        } else {
            write_mark(lock, FrameKind::idle);
            announce(lock);
        }
    }
}

void LiveJournal::await(Sequence sequence, Want want) {
    Lock lock{mutex_};
    AMPHORA_ASSERT(sequence <= appended_);
    while (!reached(sequence, want)) {
        if (failed_) throw_failed(sequence);
        AMPHORA_ASSERT(!closed_for_good_);
        if (!step_towards(lock, sequence, want)) sleep(lock, sequence, want);
    }
}

bool LiveJournal::reached(Sequence sequence, Want want) const noexcept {
    return (want == Want::visible ? visible_ : durable_).load() >= sequence;
}

bool LiveJournal::needs_sync(Sequence sequence, Want want) const noexcept {
    return want == Want::durable || visibility_.needs_sync(sequence);
}

/// Takes the roles that advance `sequence`. False if another thread has them.
bool LiveJournal::step_towards(Lock& lock, Sequence sequence, Want want) {
    const bool sync = needs_sync(sequence, want);
    if (writing_ || (sync && syncing_)) return false;
    write_queued(lock);
    if (sync && !failed_) {
        sync_written(lock);
    } else {
        wake();
    }
    announce(lock);
    return true;
}

void LiveJournal::sleep(Lock& lock, Sequence sequence, Want want) {
    Waiter waiter{.sequence = sequence, .want = want, .before = waiters_last_, .wakes = {}};
    (waiters_last_ != nullptr ? waiters_last_->after : waiters_first_) = &waiter;
    waiters_last_ = &waiter;
    waiter.wakes.wait(lock, [&] { return waiter.woken; });
}

/// Wakes all threads whose wait is over, or will never end, and one of the others to do the next
/// step. That one is woken first, because the disk is idle.
void LiveJournal::wake() noexcept {
    const auto wake_one = [this](Waiter& waiter) {
        (waiter.before != nullptr ? waiter.before->after : waiters_first_) = waiter.after;
        (waiter.after != nullptr ? waiter.after->before : waiters_last_) = waiter.before;
        waiter.woken = true;
        waiter.wakes.notify_one();
    };
    const auto is_done = [this](const Waiter& waiter) {
        return failed_ || reached(waiter.sequence, waiter.want);
    };
    for (Waiter* waiter = waiters_first_; waiter != nullptr && !writing_; waiter = waiter->after) {
        if (is_done(*waiter) || (syncing_ && needs_sync(waiter->sequence, waiter->want))) continue;
        wake_one(*waiter);
        break;
    }
    for (Waiter* waiter = waiters_first_; waiter != nullptr;) {
        Waiter* const after = waiter->after;
        if (is_done(*waiter)) wake_one(*waiter);
        waiter = after;
    }
    roles_.notify_all();
    if (may_sync_at_once()) background_.notify_one();
}

void LiveJournal::throw_failed(Sequence sequence) const {
    if (sequence <= attempted_) {
        throw Error{
            ErrorCode::outcome_unknown,
            fmt::format("commit {} could not be made durable ({}); whether it survives is decided "
                        "when the database is reopened",
                        number(sequence), failure_)};
    }
    throw Error{
        ErrorCode::needs_reopen,
        fmt::format("commit {} was not written: an earlier write of the journal failed ({}); close "
                    "and reopen the database",
                    number(sequence), failure_)};
}

Mark LiveJournal::mark_of(Sequence sequence) const {
    const std::lock_guard lock{mutex_};
    if (sequence == Sequence{}) return {};
    AMPHORA_ASSERT(sequence <= durable_.load());
    const auto mark = index_.find(sequence);
    AMPHORA_ASSERT(mark.has_value());  // not recycled
    return *mark;
}

}  // namespace amphora::journal
