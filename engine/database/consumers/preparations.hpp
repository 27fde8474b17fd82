#pragma once

#include "base/wake_signal.hpp"
#include "database/core.hpp"
#include "events/commit_change.hpp"

#include <amphora/consumer.hpp>

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace amphora::detail {

/// Prepares the changes of one consumer on several threads at once, outside of any transaction.
class Preparations {
  public:
    /// What one change needs, once it is `done`: the work, or why there is none.
    struct Task {
        const events::CommitChange* change = nullptr;
        std::shared_ptr<void> work;
        std::exception_ptr failure;
        std::atomic<bool> done{false};
    };

    /// `finished` is given after each task. Throws `io_error` where the system has no more threads.
    Preparations(std::shared_ptr<Core> core, Preparation prepare, std::size_t workers,
                 WakeSignal& finished);
    /// Waits for the preparations that run; the others are not begun.
    ~Preparations();
    Preparations(const Preparations&) = delete;
    Preparations& operator=(const Preparations&) = delete;

    /// The change must stay in memory until the task is done, or this object is destroyed.
    [[nodiscard]] std::shared_ptr<Task> begin(const events::CommitChange& change);
    /// On the thread that calls. Throws what the preparation throws.
    [[nodiscard]] std::shared_ptr<void> prepare(const events::CommitChange& change);

  private:
    void run() noexcept;
    [[nodiscard]] std::shared_ptr<const transaction::Reading> snapshot_with(Sequence sequence);

    const std::shared_ptr<Core> core_;
    const Preparation prepare_;
    WakeSignal& finished_;

    std::mutex snapshot_mutex_;
    std::shared_ptr<const transaction::Reading> snapshot_;  ///< durable, shared by several changes
    std::int64_t snapshot_until_ms_ = 0;

    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<std::shared_ptr<Task>> waiting_;
    bool ending_ = false;
    std::vector<std::jthread> threads_;
};

}  // namespace amphora::detail
