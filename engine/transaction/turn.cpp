#include "transaction/turn.hpp"

#include "base/assert.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

namespace amphora::transaction {

void Turn::require_elsewhere(const char* what) const {
    if (!is_here()) [[likely]] {
        return;
    }
    throw Error{
        ErrorCode::would_deadlock,
        fmt::format("{} inside this thread's own write transaction would wait for itself; use the "
                    "transaction that is open, or end it first",
                    what)};
}

void Turn::take(Deadline deadline, const std::stop_token& stop) {
    require_elsewhere("beginning to write");
    Waiter waiter;
    const auto wake = [&] {
        const std::lock_guard lock{mutex_};
        waiter.granted_or_not.notify_one();
    };
    // Before the lock, which it takes, also if the wait is stopped already.
    const std::stop_callback<decltype(wake)> on_stop{stop, wake};
    std::unique_lock lock{mutex_};
    if (!taken_) {
        taken_ = true;
    } else {
        (last_ != nullptr ? last_->after : first_) = &waiter;
        last_ = &waiter;
        const auto has_ended = [&] { return waiter.granted || stop.stop_requested(); };
        static_cast<void>(deadline.await(waiter.granted_or_not, lock, has_ended));
        if (!waiter.granted) {
            leave_queue(waiter);
            throw Error{
                ErrorCode::timeout,
                "another transaction kept writing for longer than the time allowed; nothing was "
                "changed, try again"};
        }
    }
    lock.unlock();
    used_here();
}

void Turn::give_up() noexcept {
    const std::lock_guard lock{mutex_};
    AMPHORA_ASSERT(taken_);
    holder_.store(0, std::memory_order_relaxed);
    if (first_ == nullptr) {
        taken_ = false;
        return;
    }
    Waiter& waiter = *first_;
    first_ = waiter.after;
    if (first_ == nullptr) last_ = nullptr;
    waiter.granted = true;
    waiter.granted_or_not
        .notify_one();  // under the lock: the waiter is on its thread's stack, and ends with it
}

void Turn::leave_queue(Waiter& waiter) noexcept {
    Waiter* before = nullptr;
    for (Waiter* at = first_; at != &waiter; at = at->after) before = at;
    (before != nullptr ? before->after : first_) = waiter.after;
    if (last_ == &waiter) last_ = before;
}

}  // namespace amphora::transaction
