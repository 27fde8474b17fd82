#include "base/histogram.hpp"

#include <algorithm>
#include <cmath>

namespace amphora {

std::uint64_t Histogram::count() const noexcept {
    std::uint64_t total = 0;
    for (const auto& bucket : counts_) total += bucket.load(std::memory_order_relaxed);
    return total;
}

double Histogram::mean() const noexcept {
    const std::uint64_t total = count();
    if (total == 0) return 0;
    return static_cast<double>(sum_.load(std::memory_order_relaxed)) / static_cast<double>(total);
}

std::uint64_t Histogram::percentile(double share) const noexcept {
    const std::uint64_t total = count();
    if (total == 0) return 0;
    const double wanted = std::ceil(std::clamp(share, 0.0, 1.0) * static_cast<double>(total));
    const auto rank = std::max<std::uint64_t>(1, static_cast<std::uint64_t>(wanted));
    std::uint64_t passed = 0;
    for (std::size_t bucket = 0; bucket < buckets; ++bucket) {
        passed += counts_[bucket].load(std::memory_order_relaxed);
        if (passed >= rank) {
            return bucket + 1 == buckets ? max() : std::min(longest_of(bucket), max());
        }
    }
    return max();
}

}  // namespace amphora
