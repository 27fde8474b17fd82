#pragma once

#include <cstddef>
#include <cstdint>

namespace amphora::samplegen {

/// Random numbers that are the same on every machine: splitmix64 (Steele, Lea, Flood: Fast
/// Splittable Pseudorandom Number Generators, 2014), and none of the standard library's
/// distributions, whose results the standard does not define.
class Dice {
  public:
    explicit Dice(std::uint64_t seed) noexcept : state_{seed} {}

    std::uint64_t next() noexcept {
        state_ += 0x9E3779B97F4A7C15ull;
        std::uint64_t mixed = state_;
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9ull;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBull;
        return mixed ^ (mixed >> 31);
    }
    /// 0 to bound - 1.
    std::uint64_t below(std::uint64_t bound) noexcept { return next() % bound; }
    /// low to high, both included.
    std::int64_t between(std::int64_t low, std::int64_t high) noexcept {
        return low + static_cast<std::int64_t>(below(static_cast<std::uint64_t>(high - low) + 1));
    }
    bool percent(std::uint64_t chance) noexcept { return below(100) < chance; }
    template <class List>
    const auto& pick(const List& list) noexcept {
        return list[static_cast<std::size_t>(below(list.size()))];
    }

  private:
    std::uint64_t state_;
};

}  // namespace amphora::samplegen
