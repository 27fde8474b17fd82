#pragma once

#include "base/clock.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <limits>
#include <mutex>
#include <optional>

namespace amphora {

/// Longer timeouts are cut to this: `milliseconds::max()` would overflow when it is added to a
/// clock's time.
inline constexpr std::chrono::milliseconds timeout_max = std::chrono::hours{24 * 365 * 100};

/// The moment of the steady clock (base/clock.hpp) at which a thread stops waiting, to the
/// millisecond. A negative timeout is one of zero.
class Deadline {
  public:
    /// None: the thread waits as long as necessary.
    constexpr Deadline() noexcept = default;
    explicit Deadline(std::chrono::milliseconds timeout) noexcept
        : at_ms_{steady_ms() +
                 std::clamp(timeout, std::chrono::milliseconds{0}, timeout_max).count()} {}
    /// No timeout: no deadline.
    explicit Deadline(std::optional<std::chrono::milliseconds> timeout) noexcept
        : Deadline{timeout ? Deadline{*timeout} : Deadline{}} {}

    [[nodiscard]] bool has_passed() const noexcept { return !is_none() && steady_ms() >= at_ms_; }
    /// The time left; at most `timeout_max`.
    [[nodiscard]] std::chrono::milliseconds left() const noexcept {
        if (is_none()) return timeout_max;
        return std::max(std::chrono::milliseconds{0},
                        std::chrono::milliseconds{at_ms_ - steady_ms()});
    }
    [[nodiscard]] friend Deadline earlier(Deadline left, Deadline right) noexcept {
        return left.at_ms_ < right.at_ms_ ? left : right;
    }

    /// Waits for notifications of `changed` until `done()` is true. Returns false if the deadline
    /// passes first.
    template <class Condition>
    bool await(std::condition_variable& changed, std::unique_lock<std::mutex>& lock,
               Condition done) const {
        while (!done()) {
            if (is_none()) {
                changed.wait(lock);
                continue;
            }
            const std::chrono::milliseconds rest = left();
            if (rest.count() == 0) return false;
            changed.wait_for(lock, std::min<std::chrono::milliseconds>(rest, wait_max));
        }
        return true;
    }

  private:
    static constexpr std::int64_t none = std::numeric_limits<std::int64_t>::max();
    static constexpr std::chrono::hours wait_max{1};  ///< for one wait of the operating system

    [[nodiscard]] bool is_none() const noexcept { return at_ms_ == none; }

    std::int64_t at_ms_ = none;
};

}  // namespace amphora
