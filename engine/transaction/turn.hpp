#pragma once

#include "base/deadline.hpp"

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <stop_token>

namespace amphora::transaction {

/// The writer's turn: one at a time, first come, first served. It does not belong to a thread: a
/// transaction may be moved to another thread, with its turn.
///
/// To report a deadlock it remembers the thread on which the transaction was last used.
class Turn {
  public:
    /// Throws `would_deadlock` if this thread has it, `timeout` if the time runs out or the wait is
    /// stopped.
    void take(Deadline deadline, const std::stop_token& stop = {});
    /// Passes it to the writer that has waited longest.
    void give_up() noexcept;

    /// Whether another writer waits for it.
    [[nodiscard]] bool is_awaited() const {
        const std::lock_guard lock{mutex_};
        return first_ != nullptr;
    }

    /// Notes that the transaction is used on this thread.
    void used_here() noexcept {
        const std::uint64_t here = this_thread();
        if (holder_.load(std::memory_order_relaxed) != here) {
            holder_.store(here, std::memory_order_relaxed);
        }
    }
    [[nodiscard]] bool is_here() const noexcept {
        return holder_.load(std::memory_order_relaxed) == this_thread();
    }
    /// Throws `would_deadlock` if this thread has the turn. `what` completes "... inside this
    /// thread's own write transaction".
    void require_elsewhere(const char* what) const;

  private:
    struct Waiter {
        std::condition_variable granted_or_not;
        bool granted = false;
        Waiter* after = nullptr;
    };
    /// From 1 on. Never reused after a thread has ended, unlike an address or the system's number.
    [[nodiscard]] static std::uint64_t this_thread() noexcept {
        static std::atomic<std::uint64_t> threads{0};
        static thread_local const std::uint64_t number = threads.fetch_add(1) + 1;
        return number;
    }
    void leave_queue(Waiter& waiter) noexcept;

    mutable std::mutex mutex_;
    bool taken_ = false;
    Waiter* first_ = nullptr;
    Waiter* last_ = nullptr;
    std::atomic<std::uint64_t> holder_{0};
};

}  // namespace amphora::transaction
