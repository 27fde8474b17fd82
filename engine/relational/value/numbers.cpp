#include "relational/value/numbers.hpp"

#include "base/assert.hpp"
#include "codec/decimal_digits.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <string>

namespace amphora::relational {
Int128 power_of_ten(unsigned exponent) noexcept {
    AMPHORA_ASSERT(exponent <= digits_max);
    return static_cast<Int128>(codec::power_of_ten(static_cast<int>(exponent)));
}

std::optional<ShortestDecimal> find_decimal(double value, std::uint8_t scale_max) {
    if (!std::isfinite(value)) return std::nullopt;
    std::array<char, 40> text{};
    const auto [end, failed] =
        std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::scientific);
    AMPHORA_ASSERT(failed == std::errc{});

    // "-1.2345e-07": at most 17 digits, the point after the first, then the exponent.
    Int128 units = 0;
    int digits = 0;
    int exponent = 0;
    const char* at = text.data();
    const bool negative = *at == '-';
    if (negative) ++at;
    for (; at != end && *at != 'e'; ++at) {
        if (*at == '.') continue;
        units = units * 10 + (*at - '0');
        ++digits;
    }
    if (at != end) {
        ++at;
        if (*at == '+') ++at;
        std::from_chars(at, end, exponent);
    }
    int scale = digits - 1 - exponent;

    ShortestDecimal result;
    if (units == 0) return result;
    if (exponent >= static_cast<int>(digits_max)) return std::nullopt;
    const int sign = negative ? -1 : 1;
    if (scale < 0) {
        units *= power_of_ten(static_cast<unsigned>(-scale));
        scale = 0;
    } else if (scale > scale_max) {
        const int dropped = scale - scale_max;
        if (dropped > digits) {
            units = 0;
            result.remainder = sign;
        } else {
            const Int128 divisor = power_of_ten(static_cast<unsigned>(dropped));
            const Int128 rest = units % divisor;
            units /= divisor;
            if (rest != 0) result.remainder = sign;
            if (rest * 2 >= divisor) {
                ++units;
                if (rest != 0) result.remainder = -sign;
            }
        }
        scale = scale_max;
    }
    result.number.units = negative ? -units : units;
    result.number.scale = static_cast<std::uint8_t>(scale);
    return result;
}

double to_real(const Decimal& number) {
    const std::string text = to_string(number);
    double value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

std::optional<std::int64_t> find_whole(const Decimal& number) noexcept {
    const Int128 divisor = power_of_ten(number.scale);
    if (number.units % divisor != 0) return std::nullopt;
    const Int128 whole = number.units / divisor;
    if (whole < INT64_MIN || whole > INT64_MAX) return std::nullopt;
    return static_cast<std::int64_t>(whole);
}

std::optional<std::int64_t> find_whole(double value) noexcept {
    // -2^63 is a double and the smallest that fits; 2^63 is the first that does not.
    if (!(value >= -0x1p63 && value < 0x1p63) || std::trunc(value) != value) return std::nullopt;
    return static_cast<std::int64_t>(value);
}

}  // namespace amphora::relational
