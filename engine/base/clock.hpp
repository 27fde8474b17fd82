#pragma once

#include <cstdint>

/// Time, as the engine sees it: the one seam where tests set the clock. The wall clock may jump, in
/// both directions; whoever needs it monotone (commit times) keeps the last value and takes the
/// larger.
namespace amphora {

class Clock {
  public:
    virtual ~Clock() = default;
    /// Microseconds since 1970-01-01T00:00:00Z.
    [[nodiscard]] virtual std::int64_t now_us() const noexcept = 0;
    /// Milliseconds since some moment in the past; never falls, goes on while the wall clock is
    /// set.
    [[nodiscard]] virtual std::int64_t steady_ms() const noexcept = 0;
    /// The same, and it also counts while the machine sleeps: what the wall clock should follow.
    [[nodiscard]] virtual std::int64_t uptime_ms() const noexcept { return steady_ms(); }
};

/// The operating system's own.
[[nodiscard]] const Clock& operating_system_clock() noexcept;

/// Down to the whole millisecond, before 1970 too.
///   floor_milliseconds(1999) == 1, floor_milliseconds(-1) == -1
[[nodiscard]] constexpr std::int64_t floor_milliseconds(std::int64_t microseconds) noexcept {
    return microseconds / 1000 - (microseconds % 1000 < 0 ? 1 : 0);
}

/// What the clock in use says.
[[nodiscard]] std::int64_t now_us() noexcept;
[[nodiscard]] std::int64_t steady_ms() noexcept;
[[nodiscard]] std::int64_t uptime_ms() noexcept;

/// Puts another clock in use, for the whole process, as long as this object lives. For tests.
class ClockInUse {
  public:
    explicit ClockInUse(const Clock& clock) noexcept;
    ~ClockInUse();
    ClockInUse(const ClockInUse&) = delete;
    ClockInUse& operator=(const ClockInUse&) = delete;

  private:
    const Clock* before_;
};

}  // namespace amphora
