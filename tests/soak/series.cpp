#include "soak/series.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace amphora::soak {
namespace {

double mib(std::uint64_t bytes) {
    return static_cast<double>(bytes) / (1u << 20);
}

}  // namespace

std::uint64_t Series::median(std::size_t third) const {
    const std::size_t first = samples_.size() * third / 3;
    const std::size_t end = samples_.size() * (third + 1) / 3;
    if (first == end) return 0;
    std::vector<std::uint64_t> part(samples_.begin() + static_cast<std::ptrdiff_t>(first),
                                    samples_.begin() + static_cast<std::ptrdiff_t>(end));
    const auto middle = part.begin() + static_cast<std::ptrdiff_t>(part.size() / 2);
    std::nth_element(part.begin(), middle, part.end());
    return *middle;
}

std::uint64_t Series::highest() const {
    return samples_.empty() ? 0 : *std::max_element(samples_.begin(), samples_.end());
}

bool Series::is_flat(Slack slack) const {
    const auto most = static_cast<double>(middle()) * (1 + slack.share);
    return static_cast<double>(last()) <= most + static_cast<double>(slack.bytes);
}

std::string Series::verdict(Slack slack) const {
    if (is_flat(slack)) return name_ + " flat";
    return fmt::format("{} grew from {:.1f} to {:.1f} MiB", name_, mib(middle()), mib(last()));
}

std::string in_mib(std::uint64_t bytes) {
    return fmt::format("{:.1f} MiB", mib(bytes));
}

}  // namespace amphora::soak
