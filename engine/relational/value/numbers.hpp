#pragma once

#include <amphora/cell.hpp>
#include <amphora/types.hpp>

#include <cstdint>
#include <optional>
#include <string_view>

/// Converts numbers between kinds, exactly or with the rounding that is named.
namespace amphora::relational {

/// The shortest decimal that names `value` (0.1 is 0.1, not 0.1000000000000000055), rounded half
/// away from zero to at most `scale_max` digits after the point.
struct ShortestDecimal {
    Decimal number;
    int remainder = 0;  ///< sign of the part that rounding removed: -1, 0, 1
};
/// None if the value is not finite or has more than 38 digits before the point.
[[nodiscard]] std::optional<ShortestDecimal> find_decimal(double value, std::uint8_t scale_max);

/// The double nearest to the decimal, correctly rounded.
[[nodiscard]] double to_real(const Decimal& number);

/// The value of a decimal or real as a whole number; none if it has a fraction or does not fit 64
/// bits.
[[nodiscard]] std::optional<std::int64_t> find_whole(const Decimal& number) noexcept;
[[nodiscard]] std::optional<std::int64_t> find_whole(double value) noexcept;

/// The number in an integer cell; the place of an enumeration's member; 0 or 1 for a boolean.
[[nodiscard]] constexpr std::int64_t whole_number(const Cell& cell) {
    return cell.kind() == Cell::Kind::boolean ? std::int64_t{cell.boolean()} : cell.integer();
}

/// Digits of a decimal, before and after the point together.
inline constexpr unsigned digits_max = 38;

/// 10^exponent, which is at most `digits_max`.
[[nodiscard]] Int128 power_of_ten(unsigned exponent) noexcept;

}  // namespace amphora::relational
