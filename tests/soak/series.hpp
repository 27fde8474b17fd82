#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace amphora::soak {

/// How much larger something may become and still count as flat.
struct Slack {
    double share = 0.10;
    std::uint64_t bytes = 0;
};

/// The size of something, sample after sample, at equal distances.
///
/// In the first third it grows to its size. Flat: the median of the last third is at most that of
/// the middle one, with some slack. Medians are used so that a compaction or a held snapshot at one
/// moment does not count as growth; steady growth shows in them sooner or later.
class Series {
  public:
    explicit Series(std::string name) : name_{std::move(name)} {}

    void add(std::uint64_t bytes) { samples_.push_back(bytes); }

    [[nodiscard]] const std::string& name() const noexcept { return name_; }
    [[nodiscard]] std::uint64_t middle() const { return median(1); }
    [[nodiscard]] std::uint64_t last() const { return median(2); }
    [[nodiscard]] std::uint64_t highest() const;
    [[nodiscard]] bool is_flat(Slack slack) const;
    /// "memory flat", or "memory grew from 120.0 to 180.5 MiB".
    [[nodiscard]] std::string verdict(Slack slack) const;

  private:
    [[nodiscard]] std::uint64_t median(std::size_t third) const;

    std::string name_;
    std::vector<std::uint64_t> samples_;
};

/// "12.3 MiB"
[[nodiscard]] std::string in_mib(std::uint64_t bytes);

}  // namespace amphora::soak
