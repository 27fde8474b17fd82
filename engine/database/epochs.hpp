#pragma once

#include <amphora/types.hpp>

#include <cstdint>

namespace amphora {

/// How many openings are left to the timeline that is left: what it did, or does, behind the place
/// where the new one begins happens under epochs below those of the new one, so that no two commits
/// ever share epoch and sequence.
inline constexpr std::uint64_t epochs_of_a_timeline = 1'000'000;

/// Where the epochs of a new timeline begin.
[[nodiscard]] constexpr Epoch after_all_of(Epoch epoch) noexcept {
    return Epoch{(number(epoch) / epochs_of_a_timeline + 1) * epochs_of_a_timeline};
}

}  // namespace amphora
