#include "base/assert.hpp"
#include "base/clock.hpp"
#include "base/thread_name.hpp"
#include "journal/live/live_journal.hpp"

#include <amphora/error.hpp>

#include <algorithm>
#include <chrono>
#include <optional>

#include <fmt/format.h>

namespace amphora::journal {

void LiveJournal::reserve(std::size_t bytes) {
    const std::uint64_t blocks = frame_blocks_of(bytes);
    if (blocks > segment_room_) {
        throw Error{
            ErrorCode::transaction_too_large,
            fmt::format("a commit of {} bytes does not fit into a journal segment, which takes {}; "
                        "make the transaction smaller or segment_bytes larger",
                        bytes, segment_room_)};
    }
    Lock lock{mutex_};
    if (failed_ || closed_for_good_) {
        throw Error{ErrorCode::needs_reopen,
                    closed_for_good_
                        ? "the journal is closed; reopen the database"
                        : fmt::format("an earlier write of the journal failed ({}); close and "
                                      "reopen the database",
                                      failure_)};
    }
    queue_.reserve_one();
    visibility_.reserve_one();
    reserved_ = 0;
    if (queue_.empty() && !writing_) place_queue();
    // The estimate is for the worst case: writing the queue shows how much room is really left.
    if (blocks > room_ && !writing_ && !queue_.empty()) {
        write_queued(lock);
        wake();
        if (failed_) throw Error{ErrorCode::needs_reopen, failure_};
    }
    while (blocks > room_) {
        obtain_spare(lock, blocks);
        if (blocks > room_) promise_spare();
    }
    place(blocks);
    room_ += blocks;  // used by `append`
    reserved_ = blocks;
}

/// The end of the queue in the worst case: each commit alone in its blocks, as if each was synced
/// before the next.
void LiveJournal::place_queue() noexcept {
    room_ = active_room_;
    spares_promised_ = 0;
    for (const Buffer& record : queue_.records()) place(frame_blocks_of(record.size()));
    if (reserved_ == 0) return;
    place(reserved_);
    room_ += reserved_;
}

void LiveJournal::place(std::uint64_t blocks) noexcept {
    while (blocks > room_) promise_spare();
    room_ -= blocks;
}

/// The queue ends in the next spare. Not every spare has room for every commit: one that is too
/// small for the next commit is skipped, and becomes a segment without commits.
void LiveJournal::promise_spare() noexcept {
    const std::uint64_t bytes = pool_->bytes_of(spares_promised_);
    AMPHORA_ASSERT(bytes > segment_bytes_of(0));
    ++spares_promised_;
    room_ = bytes - segment_bytes_of(0);
}

/// Returns when there is one more spare than is promised, large enough for `blocks` if it is made
/// now. Throws `disk_full` as soon as that is known.
void LiveJournal::obtain_spare(Lock& lock, std::uint64_t blocks) {
    spare_bytes_urgent_ = segment_bytes_of(blocks);
    const std::uint64_t failed_before = preparations_failed_;
    while (pool_->ready() <= spares_promised_) {
        spare_urgent_ = true;
        if (options_.background == Background::manual) {
            prepare_spare(lock);
        } else {
            background_.notify_one();
            roles_.wait(lock);
        }
        if (failed_) throw Error{ErrorCode::needs_reopen, failure_};
        if (preparations_failed_ != failed_before && !preparation_failure_.empty() &&
            pool_->ready() <= spares_promised_) {
            throw Error{preparation_error_, preparation_failure_};
        }
    }
}

/// The next segment is to be as large as all segments in use together. So they double while nothing
/// is recycled, and stay small while the trees soon hold what is committed.
void LiveJournal::aim_spares() noexcept {
    std::uint64_t bytes = active_->file_bytes();
    for (const ChainSegment& segment : closed_) bytes += segment.end;
    pool_->aim(bytes);
}

/// One piece of preparing the next segment.
void LiveJournal::prepare_spare(Lock& lock) {
    const auto bytes_enough = spare_urgent_ ? std::optional{spare_bytes_urgent_} : std::nullopt;
    lock.unlock();
    std::string failure;
    ErrorCode code{};
    try {
        pool_->prepare_step(bytes_enough);
    } catch (const Error& error) {
        failure = error.what();
        code = error.code();
    } catch (const std::exception& error) {
        failure = error.what();
        code = ErrorCode::io_error;
    }
    // Only the preparing thread changes it, and there is one at a time. The log function may wait
    // for a thread that calls the journal, so it is called without the lock.
    if (!failure.empty() && preparation_failure_.empty() && options_.log) {
        options_.log(fmt::format("journal: no next segment: {}", failure));
    }
    lock.lock();
    if (!failure.empty()) ++preparations_failed_;
    preparation_error_ = code;
    preparation_failure_ = std::move(failure);
    answer_urgency();
}

/// Threads that wait for a spare look again, also after a failure, and ask again if necessary.
void LiveJournal::answer_urgency() noexcept {
    if (preparation_failure_.empty() && pool_->ready() <= spares_promised_) return;
    spare_urgent_ = false;
    roles_.notify_all();
}

bool LiveJournal::wants_spare() const noexcept {
    if (pool_->ready() > spares_promised_) return false;
    return spare_urgent_ || spares_promised_ > 0 || active_room_ < active_->file_bytes() / 4 * 3;
}

/// Work except a mark.
bool LiveJournal::background_has_work() const noexcept {
    return !failed_ && (durable_.load() < appended_ || wants_spare());
}

bool LiveJournal::mark_due(std::int64_t now) const noexcept {
    const bool quiet = options_.background == Background::manual || now >= mark_due_ms_;
    return is_unproven() && quiet && mark_leaves_room();
}

/// Whether the next append still has its room after a mark. A mark in the segment's last blocks
/// needs none of it.
bool LiveJournal::mark_leaves_room() const noexcept {
    return active_room_ == 0 || reserved_ + block_bytes <= active_room_ ||
           segment_bytes_of(reserved_) <= pool_->bytes_of_largest();
}

/// One round. True if the next should follow at once.
bool LiveJournal::background_round(Lock& lock) {
    if (pool_->has_problems()) {
        lock.unlock();
        log_problems();
        lock.lock();
    }
    const bool manual = options_.background == Background::manual;
    const bool free = !writing_ && !syncing_;
    if (failed_ || closed_for_good_) return false;
    const std::int64_t now = steady_ms();
    if (durable_.load() == appended_) sync_urgent_ = false;
    const bool flush_due = manual || sync_urgent_ || now >= flush_due_ms_;
    if (flush_due) flush_due_ms_ = now + options_.sync_interval_ms;
    if (free && durable_.load() < appended_) {
        if (flush_due) {
            sync_urgent_ = false;
            write_queued(lock);
            failed_ ? wake() : sync_written(lock);
        }
    } else if (free && mark_due(now)) {
        write_mark(lock, FrameKind::idle);
    }
    announce(lock);
    if (spare_urgent_) answer_urgency();  // a segment may have been recycled meanwhile
    if (failed_ || !wants_spare()) return false;
    prepare_spare(lock);
    return preparation_failure_.empty() && wants_spare();
}

void LiveJournal::log_problems() const {
    for (const std::string& problem : pool_->take_problems()) {
        if (options_.log) options_.log(problem);
    }
}

void LiveJournal::run_background() {
    Lock lock{mutex_};
    while (background_round(lock)) {
    }
}

void LiveJournal::run_thread() noexcept {
    name_thread("amphora-journal");
    Lock lock{mutex_};
    while (!stopping_) {
        if (background_round(lock)) continue;
        if (stopping_) break;
        if (background_has_work() && !closed_for_good_) {
            sleep_with_work(lock);
        } else {
            sleep_until_work(lock);
        }
    }
}

/// After the interval, or earlier if a mark may then be due for what another thread syncs
/// meanwhile.
std::chrono::milliseconds LiveJournal::until_next_look() const noexcept {
    return std::chrono::milliseconds(
        std::max(std::min(options_.sync_interval_ms, options_.idle_mark_ms), 1u));
}

/// A full disk is tried again after the same time, and at once when a thread waits for it.
void LiveJournal::sleep_with_work(Lock& lock) {
    background_.wait_for(lock, until_next_look(),
                         [this] { return stopping_ || spare_urgent_ || may_sync_at_once(); });
}

/// Called with the lock held, when there is more to sync, or a cursor begins to wait. Commits that
/// come while the background thread syncs share the next sync.
void LiveJournal::sync_for_prompt_cursors() noexcept {
    if (failed_ || durable_.load() == appended_) return;
    const auto is_wanted = [this](CommitTags wanted) {
        return tags_.without(wanted, durable_.load(), appended_) < appended_;
    };
    if (!holds_.wait_promptly(is_wanted)) return;
    sync_urgent_ = true;
    background_.notify_one();
}

/// The next commit ends the sleep, or the time of a mark. A mark that was due and had no room, or
/// came while others wrote, is tried again.
void LiveJournal::sleep_until_work(Lock& lock) {
    background_sleeps_ = true;
    if (is_unproven() && !failed_ && !closed_for_good_) {
        const std::int64_t due_in = mark_due_ms_ - steady_ms();
        background_.wait_for(lock,
                             due_in > 0 ? std::chrono::milliseconds(due_in) : until_next_look());
    } else {
        background_.wait(lock);
    }
    background_sleeps_ = false;
}

void LiveJournal::stop_thread() noexcept {
    if (!thread_.joinable()) return;
    {
        const std::lock_guard lock{mutex_};
        stopping_ = true;
    }
    background_.notify_one();
    thread_.join();
}

void LiveJournal::close() {
    stop_thread();
    log_problems();
    Lock lock{mutex_};
    roles_.wait(lock, [this] { return !writing_ && !syncing_; });
    if (closed_for_good_) return;
    reserved_ = 0;  // of a transaction that failed after it had reserved room
    if (!failed_) write_queued(lock);
    if (!failed_) sync_written(lock);
    if (!failed_) write_mark(lock, FrameKind::closing);
    closed_for_good_ = true;
    tell_cursors();
    announce(lock);
    if (failed_ && visible_.load() < appended_) throw_failed(appended_);
}

}  // namespace amphora::journal
