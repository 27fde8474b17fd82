// The conversion of a number from a key to the types of a program.
#include "codec/exact_double.hpp"
#include "codec/key/number.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <limits>

namespace amphora::codec {

namespace {

constexpr int digits_max = 38;
constexpr double two_63 = 9223372036854775808.0;

std::optional<Decimal> make_decimal(bool negative, UInt128 digits, int exponent) {
    if (exponent > 0) {
        if (exponent > digits_max ||
            digits > (power_of_ten(digits_max) - 1) / power_of_ten(exponent)) {
            return std::nullopt;
        }
        digits *= power_of_ten(exponent);
        exponent = 0;
    }
    const bool fits = digits <= static_cast<UInt128>(std::numeric_limits<Int128>::max());
    if (!fits || exponent < -std::numeric_limits<std::uint8_t>::max()) return std::nullopt;
    const auto units = static_cast<Int128>(digits);
    return Decimal{negative ? -units : units, static_cast<std::uint8_t>(-exponent)};
}

}  // namespace

KeyNumber KeyNumber::of(std::int64_t value) noexcept {
    KeyNumber number;
    number.integer = value;
    return number;
}

KeyNumber KeyNumber::of(double value) noexcept {
    if (value >= -two_63 && value < two_63) {
        const auto whole = static_cast<std::int64_t>(value);
        if (static_cast<double>(whole) == value) return of(whole);
    }
    KeyNumber number;
    number.form = Form::real;
    number.real = value;
    return number;
}

std::optional<std::int64_t> KeyNumber::to_int64() const noexcept {
    // Each value has one form, and a whole one that fits has the form integer.
    if (form != Form::integer) return std::nullopt;
    return integer;
}

std::optional<Decimal> KeyNumber::to_decimal() const noexcept {
    if (form == Form::integer) return Decimal{integer, 0};
    if (form == Form::decimal) return make_decimal(negative, digits, exponent);
    if (!std::isfinite(real)) return std::nullopt;
    // real = bits * 2^power = bits * 5^-power * 10^power
    int power = 0;
    const double mantissa = std::frexp(std::fabs(real), &power);
    auto bits = static_cast<UInt128>(std::ldexp(mantissa, 53));
    power -= 53;
    for (; power < 0 && (bits & 1) == 0; ++power) bits >>= 1;
    if (power >= 0) {
        if (power > 127 - 53) return std::nullopt;
        bits <<= power;
        if (bits >= power_of_ten(digits_max)) return std::nullopt;
        return make_decimal(real < 0, bits, 0);
    }
    if (power < -digits_max) return std::nullopt;
    for (int i = 0; i < -power; ++i) {
        if (bits > power_of_ten(digits_max) / 5) return std::nullopt;
        bits *= 5;
    }
    return make_decimal(real < 0, bits, power);
}

double KeyNumber::to_double() const noexcept {
    if (form == Form::integer) return static_cast<double>(integer);
    if (form == Form::real) return real;
    char text[80];
    const auto written = fmt::format_to_n(text, sizeof text, "{}e{}", digits, exponent);
    double value = 0;
    const auto parsed = std::from_chars(text, text + written.size, value);
    if (parsed.ec != std::errc{}) value = floor_to_double(digits, exponent).value;
    return negative ? -value : value;
}

std::string to_string(const KeyNumber& number) {
    switch (number.form) {
        case KeyNumber::Form::integer:
            return fmt::format("{}", number.integer);
        case KeyNumber::Form::real:
            return fmt::format("{}", number.real);
        case KeyNumber::Form::decimal:
            break;
    }
    if (const auto decimal = number.to_decimal(); decimal && number.exponent >= -digits_max) {
        return to_string(*decimal);
    }
    return fmt::format("{}{}e{}", number.negative ? "-" : "", number.digits, number.exponent);
}

}  // namespace amphora::codec
