// Decimals by value: parsed, printed, compared and rounded in exact arithmetic.
#include "codec/decimal_digits.hpp"
#include "codec/utf8.hpp"

#include <amphora/error.hpp>
#include <amphora/types.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <string>

namespace amphora {

namespace {

using codec::magnitude;
using codec::power_of_ten;
using codec::UInt128;

constexpr int digits_max = 38;

[[noreturn]] void refuse(ErrorCode code, std::string_view text, std::string_view why) {
    throw Error{code, fmt::format("\"{}\" {}", codec::first_bytes(text, 64), why)};
}

[[noreturn]] void not_a_decimal(std::string_view text) {
    refuse(ErrorCode::type_mismatch, text,
           "is not a decimal number; expected digits such as -12.50 or 1.25e3");
}

[[noreturn]] void too_many_digits(std::string_view text) {
    refuse(ErrorCode::value_out_of_range, text, "needs more than the 38 digits of a DECIMAL");
}

// A number as its text has it: digits without leading zeros, of which the last `scale` are after
// the point.
struct Parts {
    bool negative = false;
    std::string digits;
    std::int64_t scale = 0;
};

std::int64_t parse_exponent(std::string_view text, std::string_view whole) {
    bool negative = false;
    if (!text.empty() && (text.front() == '+' || text.front() == '-')) {
        negative = text.front() == '-';
        text.remove_prefix(1);
    }
    if (text.empty()) not_a_decimal(whole);
    std::int64_t exponent = 0;
    for (const char c : text) {
        if (c < '0' || c > '9') not_a_decimal(whole);
        // Far beyond every decimal, and far from an overflow.
        exponent = std::min<std::int64_t>(exponent * 10 + (c - '0'), 1'000'000'000);
    }
    return negative ? -exponent : exponent;
}

Parts split(std::string_view text) {
    Parts parts;
    std::string_view rest = text;
    if (!rest.empty() && (rest.front() == '+' || rest.front() == '-')) {
        parts.negative = rest.front() == '-';
        rest.remove_prefix(1);
    }
    bool any = false;
    bool after_point = false;
    for (; !rest.empty(); rest.remove_prefix(1)) {
        const char c = rest.front();
        if (c == '.' && !after_point) {
            after_point = true;
        } else if (c >= '0' && c <= '9') {
            any = true;
            if (after_point) ++parts.scale;
            if (c != '0' || !parts.digits.empty()) parts.digits.push_back(c);
        } else {
            break;
        }
    }
    if (!any) not_a_decimal(text);
    if (!rest.empty()) {
        if (rest.front() != 'e' && rest.front() != 'E') not_a_decimal(text);
        parts.scale -= parse_exponent(rest.substr(1), text);
    }
    return parts;
}

template <class Real>
Decimal nearest(Real number) {
    std::array<char, 32> text{};
    const std::to_chars_result end = std::to_chars(text.data(), text.data() + text.size(), number);
    const std::string_view digits{text.data(), end.ptr};
    if (!std::isfinite(number)) {
        refuse(ErrorCode::value_out_of_range, digits, "is a floating-point value and no number");
    }
    return parse_decimal(digits);
}

}  // namespace

Decimal::Decimal(std::string_view text) : Decimal{parse_decimal(text)} {}
Decimal::Decimal(double number) : Decimal{nearest(number)} {}
Decimal::Decimal(float number) : Decimal{nearest(number)} {}

std::strong_ordering operator<=>(const Decimal& left, const Decimal& right) noexcept {
    if (left.scale == right.scale) return left.units <=> right.units;
    if (left.scale > right.scale) {
        const std::strong_ordering reversed = right <=> left;
        if (std::is_eq(reversed)) return reversed;
        return std::is_lt(reversed) ? std::strong_ordering::greater : std::strong_ordering::less;
    }
    // right = quotient + remainder / power: no product can overflow.
    const int difference = right.scale - left.scale;
    Int128 quotient = 0;
    Int128 remainder = right.units;
    if (difference <= digits_max) {
        const auto power = static_cast<Int128>(power_of_ten(difference));
        quotient = right.units / power;
        remainder = right.units % power;
    }
    if (left.units != quotient) return left.units <=> quotient;
    return Int128{0} <=> remainder;
}

bool operator==(const Decimal& left, const Decimal& right) noexcept {
    return (left <=> right) == std::strong_ordering::equal;
}

Decimal parse_decimal(std::string_view text) {
    Parts parts = split(text);
    std::string& digits = parts.digits;
    if (digits.empty()) {
        return Decimal{
            0, static_cast<std::uint8_t>(std::clamp<std::int64_t>(parts.scale, 0, digits_max))};
    }
    // Zeros at the end are removed where there are too many digits, and added where an exponent
    // needs them.
    while (parts.scale > 0 && digits.back() == '0' &&
           (parts.scale > digits_max || digits.size() > digits_max)) {
        digits.pop_back();
        --parts.scale;
    }
    if (parts.scale < 0) {
        if (-parts.scale + static_cast<std::int64_t>(digits.size()) > digits_max) {
            too_many_digits(text);
        }
        digits.append(static_cast<std::size_t>(-parts.scale), '0');
        parts.scale = 0;
    }
    if (digits.size() > digits_max || parts.scale > digits_max) too_many_digits(text);
    Int128 units = 0;
    for (const char c : digits) units = units * 10 + (c - '0');
    return Decimal{parts.negative ? -units : units, static_cast<std::uint8_t>(parts.scale)};
}

std::string to_string(const Decimal& number) {
    std::string digits = fmt::format("{}", magnitude(number.units));
    const std::size_t places = number.scale;
    if (places > 0) {
        if (digits.size() <= places) digits.insert(0, places + 1 - digits.size(), '0');
        digits.insert(digits.size() - places, 1, '.');
    }
    if (number.units < 0) digits.insert(0, 1, '-');
    return digits;
}

Decimal rescale(const Decimal& number, std::uint8_t scale) {
    const auto refuse_digits = [&] {
        throw Error{
            ErrorCode::value_out_of_range,
            fmt::format("{} with {} digits after the point needs more than the 38 digits of "
                        "a DECIMAL",
                        to_string(number), scale)};
    };
    if (scale > digits_max) refuse_digits();
    UInt128 units = magnitude(number.units);
    if (scale >= number.scale) {
        const int more = scale - number.scale;
        const UInt128 most = (power_of_ten(digits_max) - 1) / power_of_ten(more);
        if (units > most) refuse_digits();
        units *= power_of_ten(more);
    } else if (const int fewer = number.scale - scale; fewer > digits_max) {
        // 10^39 is more than twice the largest signed 128-bit number.
        units = 0;
    } else {
        const UInt128 power = power_of_ten(fewer);
        const UInt128 remainder = units % power;
        units = units / power + (remainder >= power - remainder ? 1 : 0);
        if (units >= power_of_ten(digits_max)) refuse_digits();
    }
    const auto rounded = static_cast<Int128>(units);
    return Decimal{number.units < 0 ? -rounded : rounded, scale};
}

}  // namespace amphora
