#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>

namespace amphora::workload {

/// Random numbers that are the same everywhere, for ever: splitmix64 over what it is made from.
///   https://prng.di.unimi.it/splitmix64.c
class Dice {
  public:
    explicit Dice(std::initializer_list<std::uint64_t> made_from) noexcept;

    std::uint64_t operator()() noexcept;
    /// From 0 to `sides` - 1.
    std::uint64_t below(std::uint64_t sides) noexcept { return (*this)() % sides; }
    std::uint64_t between(std::uint64_t least, std::uint64_t most) noexcept {
        return least + below(most - least + 1);
    }
    bool once_in(std::uint64_t times) noexcept { return below(times) == 0; }

  private:
    std::uint64_t state_;
};

/// Text made from its seed and length, so that a model need not keep it.
[[nodiscard]] std::string filler(std::uint64_t seed, std::size_t bytes);

}  // namespace amphora::workload
