#pragma once

#include "base/deadline.hpp"

#include <condition_variable>
#include <mutex>
#include <utility>

namespace amphora {

/// What one thread waits for, and others give. A signal that is given while nobody waits ends the
/// next wait.
class WakeSignal {
  public:
    /// Any thread, also with locks held.
    void give() {
        {
            const std::lock_guard lock{mutex_};
            given_ = true;
        }
        changed_.notify_all();
    }
    /// Returns when a signal is given, or the deadline has passed.
    void await(Deadline deadline) {
        std::unique_lock lock{mutex_};
        static_cast<void>(deadline.await(changed_, lock, [&] { return given_; }));
        given_ = false;
    }

  private:
    std::mutex mutex_;
    std::condition_variable changed_;
    bool given_ = false;
};

}  // namespace amphora
