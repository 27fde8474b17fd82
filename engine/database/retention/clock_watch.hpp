#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace amphora::retention {

/// Whether the wall clock can be trusted to say what has expired. A wrong clock would expire
/// everything, and many machines start with a wrong clock that is set a little later.
///
/// The wall clock is compared with the steady one, which nobody sets. It is trusted once both have
/// run alike for a while, from the beginning or from the last step on. A clock that is wrong from
/// the beginning and is never set cannot be told from a right one.
class ClockWatch {
  public:
    explicit ClockWatch(std::chrono::milliseconds trusted_after);

    /// The wall clock, µs since 1970; none while it is not trusted.
    [[nodiscard]] std::optional<std::int64_t> trusted_now_us();
    /// Why it is not trusted, as of the last look.
    [[nodiscard]] std::string reason() const;

  private:
    const std::chrono::milliseconds trusted_after_;
    std::int64_t wall_us_;
    std::int64_t uptime_ms_;
    std::int64_t alike_since_ms_;  ///< of the uptime
    std::int64_t step_ms_ = 0;     ///< the last one; 0: there was none
};

}  // namespace amphora::retention
