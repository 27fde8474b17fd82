#pragma once

#include <cstdint>

/// The engine's clocks, which tests can replace. The wall clock may jump in both directions; code
/// that needs times that never decrease (commit times) keeps the last value and takes the larger
/// one.
namespace amphora {

class Clock {
  public:
    virtual ~Clock() = default;
    /// Microseconds since 1970-01-01T00:00:00Z.
    [[nodiscard]] virtual std::int64_t now_us() const noexcept = 0;
    /// Milliseconds since some moment in the past. Never decreases, and does not follow the wall
    /// clock when that is set.
    [[nodiscard]] virtual std::int64_t steady_ms() const noexcept = 0;
    /// The same clock in microseconds.
    [[nodiscard]] virtual std::int64_t steady_us() const noexcept { return steady_ms() * 1000; }
    /// As `steady_ms`, but also counts the time that the machine sleeps, as the wall clock does.
    [[nodiscard]] virtual std::int64_t uptime_ms() const noexcept { return steady_ms(); }
};

/// The operating system's own.
[[nodiscard]] const Clock& operating_system_clock() noexcept;

/// Rounded down to the millisecond, also before 1970.
///   floor_milliseconds(1999) == 1, floor_milliseconds(-1) == -1
[[nodiscard]] constexpr std::int64_t floor_milliseconds(std::int64_t microseconds) noexcept {
    return microseconds / 1000 - (microseconds % 1000 < 0 ? 1 : 0);
}

/// The time of the clock that is in use.
[[nodiscard]] std::int64_t now_us() noexcept;
[[nodiscard]] std::int64_t steady_ms() noexcept;
[[nodiscard]] std::int64_t steady_us() noexcept;
[[nodiscard]] std::int64_t uptime_ms() noexcept;

/// Replaces the clock of the whole process, as long as this object lives. For tests.
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
