#include "base/clock.hpp"

#include <atomic>
#include <ctime>

namespace amphora {
namespace {

class OperatingSystemClock final : public Clock {
  public:
    std::int64_t now_us() const noexcept override { return microseconds(read(CLOCK_REALTIME)); }
    std::int64_t steady_ms() const noexcept override { return milliseconds(read(CLOCK_MONOTONIC)); }
    std::int64_t steady_us() const noexcept override { return microseconds(read(CLOCK_MONOTONIC)); }
    std::int64_t uptime_ms() const noexcept override { return milliseconds(read(CLOCK_BOOTTIME)); }

  private:
    static std::int64_t milliseconds(const timespec& time) noexcept {
        return std::int64_t{time.tv_sec} * 1'000 + time.tv_nsec / 1'000'000;
    }
    static std::int64_t microseconds(const timespec& time) noexcept {
        return std::int64_t{time.tv_sec} * 1'000'000 + time.tv_nsec / 1'000;
    }
    static timespec read(clockid_t which) noexcept {
        timespec time{};
        ::clock_gettime(which, &time);  // cannot fail for these
        return time;
    }
};

constinit const OperatingSystemClock operating_system;
constinit std::atomic<const Clock*> in_use{&operating_system};

}  // namespace

const Clock& operating_system_clock() noexcept {
    return operating_system;
}

std::int64_t now_us() noexcept {
    return in_use.load(std::memory_order_acquire)->now_us();
}
std::int64_t steady_ms() noexcept {
    return in_use.load(std::memory_order_acquire)->steady_ms();
}
std::int64_t steady_us() noexcept {
    return in_use.load(std::memory_order_acquire)->steady_us();
}
std::int64_t uptime_ms() noexcept {
    return in_use.load(std::memory_order_acquire)->uptime_ms();
}

ClockInUse::ClockInUse(const Clock& clock) noexcept
    : before_{in_use.exchange(&clock, std::memory_order_acq_rel)} {}
ClockInUse::~ClockInUse() {
    in_use.store(before_, std::memory_order_release);
}

}  // namespace amphora
