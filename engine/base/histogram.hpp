#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstdint>

namespace amphora {

/// The distribution of durations, in microseconds, in a fixed 4 KiB: sixteen steps to each
/// doubling, so a percentile is at most a sixteenth too high. Any number of threads record without
/// locks. A reader at the same time may miss some of the newest records.
class Histogram {
  public:
    void record(std::uint64_t microseconds) noexcept {
        counts_[bucket_of(microseconds)].fetch_add(1, std::memory_order_relaxed);
        sum_.fetch_add(microseconds, std::memory_order_relaxed);
        std::uint64_t seen = max_.load(std::memory_order_relaxed);
        while (seen < microseconds &&
               !max_.compare_exchange_weak(seen, microseconds, std::memory_order_relaxed)) {
        }
    }

    [[nodiscard]] std::uint64_t count() const noexcept;
    [[nodiscard]] double mean() const noexcept;  ///< 0 if nothing was recorded
    [[nodiscard]] std::uint64_t max() const noexcept {
        return max_.load(std::memory_order_relaxed);
    }
    /// The duration that `share` of all records (0 to 1) do not exceed; 0 if nothing was recorded.
    [[nodiscard]] std::uint64_t percentile(double share) const noexcept;

    /// The bucket of a duration, and the longest duration of a bucket:
    ///   0..15 each have their own, 16..31 too, then 32-33, 34-35, ... and 64-67, 68-71, ...
    [[nodiscard]] static constexpr std::size_t bucket_of(std::uint64_t microseconds) noexcept {
        if (microseconds < steps) return static_cast<std::size_t>(microseconds);
        const unsigned doublings =
            static_cast<unsigned>(std::bit_width(microseconds)) - steps_bits - 1;
        const std::size_t bucket =
            (doublings + 1) * steps + static_cast<std::size_t>((microseconds >> doublings) - steps);
        return bucket < buckets ? bucket : buckets - 1;
    }
    [[nodiscard]] static constexpr std::uint64_t longest_of(std::size_t bucket) noexcept {
        if (bucket < steps) return bucket;
        const std::size_t doublings = bucket / steps - 1;
        return ((steps + bucket % steps + 1) << doublings) - 1;
    }

    static constexpr unsigned steps_bits = 4;
    static constexpr std::uint64_t steps = 1u << steps_bits;
    static constexpr std::size_t buckets = 32 * steps;  // up to 2^35 us, about nine hours

  private:
    std::array<std::atomic<std::uint64_t>, buckets> counts_{};
    std::atomic<std::uint64_t> sum_{0};
    std::atomic<std::uint64_t> max_{0};
};

}  // namespace amphora
