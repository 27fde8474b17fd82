#pragma once

#include "base/histogram.hpp"
#include "soak/pulse.hpp"

#include <chrono>
#include <memory>
#include <mutex>

namespace amphora::soak {

/// How long things took since the last question; any number of threads.
class LapTimes {
  public:
    template <class Call>
    void measure(Call&& call) {
        const auto start = std::chrono::steady_clock::now();
        call();
        record(std::chrono::steady_clock::now() - start);
    }
    void record(std::chrono::steady_clock::duration took) {
        const auto us = std::chrono::duration_cast<std::chrono::microseconds>(took).count();
        const std::lock_guard lock{mutex_};
        lap_->record(static_cast<std::uint64_t>(us));
    }
    /// Begins a new lap.
    [[nodiscard]] Pulse::Times take() {
        auto lap = std::make_unique<Histogram>();
        {
            const std::lock_guard lock{mutex_};
            lap.swap(lap_);
        }
        return {.count = lap->count(),
                .p50_us = lap->percentile(0.5),
                .p99_us = lap->percentile(0.99),
                .p999_us = lap->percentile(0.999),
                .max_us = lap->max()};
    }

  private:
    std::mutex mutex_;
    std::unique_ptr<Histogram> lap_ = std::make_unique<Histogram>();
};

}  // namespace amphora::soak
