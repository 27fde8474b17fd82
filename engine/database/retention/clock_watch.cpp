#include "database/retention/clock_watch.hpp"

#include "base/clock.hpp"

#include <fmt/format.h>

#include <cstdlib>

namespace amphora::retention {

namespace {

/// A clock that is slowed down or sped up to the right time differs by at most a thousandth. A
/// second more is for a thread that stands still between its looks at the two clocks.
constexpr std::int64_t tolerance_ms = 1000;
constexpr std::int64_t slewing = 1000;

}  // namespace

ClockWatch::ClockWatch(std::chrono::milliseconds trusted_after)
    : trusted_after_{trusted_after},
      wall_us_{now_us()},
      uptime_ms_{amphora::uptime_ms()},
      alike_since_ms_{uptime_ms_} {}

std::optional<std::int64_t> ClockWatch::trusted_now_us() {
    const std::int64_t wall_us = now_us();
    const std::int64_t uptime_ms = amphora::uptime_ms();
    const std::int64_t elapsed_ms = uptime_ms - uptime_ms_;
    const std::int64_t step_ms = (wall_us - wall_us_) / 1000 - elapsed_ms;
    if (std::abs(step_ms) > tolerance_ms + elapsed_ms / slewing) {
        step_ms_ = step_ms;
        alike_since_ms_ = uptime_ms;
    }
    wall_us_ = wall_us;
    uptime_ms_ = uptime_ms;
    if (uptime_ms - alike_since_ms_ < trusted_after_.count()) return std::nullopt;
    return wall_us;
}

std::string ClockWatch::reason() const {
    const std::int64_t rest_ms = trusted_after_.count() - (uptime_ms_ - alike_since_ms_);
    const std::string rest =
        fmt::format("nothing expires for another {} s, in case the clock is wrong", rest_ms / 1000);
    return step_ms_ == 0 ? fmt::format("the database was opened a short time ago; {}", rest)
                         : fmt::format("the clock was set, by {:+} s; {}", step_ms_ / 1000, rest);
}

}  // namespace amphora::retention
