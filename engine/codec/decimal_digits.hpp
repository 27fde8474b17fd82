#pragma once

#include <amphora/types.hpp>

#include <array>
#include <cstddef>
#include <cstdint>

/// Whole numbers of up to 38 decimal digits, and their powers of ten.
namespace amphora::codec {

__extension__ typedef unsigned __int128
    UInt128;  // NOLINT: the only spelling that -Wpedantic accepts

namespace detail {
inline constexpr auto powers_of_ten = [] {
    std::array<UInt128, 39> powers{};
    UInt128 power = 1;
    for (auto& each : powers) {
        each = power;
        power *= 10;
    }
    return powers;
}();
}  // namespace detail

/// 10^exponent, for 0 to 38.
[[nodiscard]] constexpr UInt128 power_of_ten(int exponent) noexcept {
    return detail::powers_of_ten[static_cast<std::size_t>(exponent)];
}

/// The absolute value, also of the smallest number, whose negative does not fit.
[[nodiscard]] constexpr UInt128 magnitude(Int128 value) noexcept {
    return value < 0 ? 0 - static_cast<UInt128>(value) : static_cast<UInt128>(value);
}

/// How many digits `value` has; 0 has none.
[[nodiscard]] constexpr int count_digits(UInt128 value) noexcept {
    int digits = 0;
    while (digits < 39 && value >= power_of_ten(digits)) ++digits;
    return digits;
}

}  // namespace amphora::codec
