#include "codec/bson/decimal128.hpp"

#include "codec/bytes_io.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace amphora {

namespace codec {

namespace {

constexpr int exponent_bias = 6176;
constexpr std::uint64_t sign_bit = std::uint64_t{1} << 63;
constexpr std::uint64_t infinity_bits = 0x78ull << 56;
constexpr std::uint64_t nan_bits = 0x7cull << 56;
constexpr std::uint64_t large_coefficient_bits = 0x60ull << 56;

}  // namespace

DecimalParts unpack(const Decimal128& number) noexcept {
    const auto* const bytes = reinterpret_cast<const char*>(number.bytes.data());
    const auto low = load_little<std::uint64_t>(bytes);
    const auto high = load_little<std::uint64_t>(bytes + 8);
    DecimalParts parts;
    parts.negative = (high & sign_bit) != 0;
    if ((high & nan_bits) == nan_bits) {
        parts.kind = DecimalParts::Kind::nan;
    } else if ((high & infinity_bits) == infinity_bits) {
        parts.kind = DecimalParts::Kind::infinite;
    } else if ((high & large_coefficient_bits) == large_coefficient_bits) {
        // The other form of a coefficient begins at 2^113, which has more than 34 digits: zero.
        parts.exponent = static_cast<int>(high >> 47 & 0x3fff) - exponent_bias;
    } else {
        parts.exponent = static_cast<int>(high >> 49 & 0x3fff) - exponent_bias;
        parts.coefficient = UInt128{high & ((std::uint64_t{1} << 49) - 1)} << 64 | low;
        if (parts.coefficient >= power_of_ten(decimal128_digits_max)) parts.coefficient = 0;
    }
    return parts;
}

Decimal128 pack(const DecimalParts& parts) noexcept {
    std::uint64_t low = 0;
    std::uint64_t high = 0;
    switch (parts.kind) {
        case DecimalParts::Kind::nan:
            high = nan_bits;
            break;
        case DecimalParts::Kind::infinite:
            high = infinity_bits;
            break;
        case DecimalParts::Kind::finite:
            low = static_cast<std::uint64_t>(parts.coefficient);
            high = static_cast<std::uint64_t>(parts.coefficient >> 64) |
                   static_cast<std::uint64_t>(parts.exponent + exponent_bias) << 49;
            break;
    }
    if (parts.negative) high |= sign_bit;
    Decimal128 number;
    auto* const bytes = reinterpret_cast<char*>(number.bytes.data());
    store_little(bytes, low);
    store_little(bytes + 8, high);
    return number;
}

bool fit_exponent(DecimalParts& parts) noexcept {
    if (parts.coefficient == 0) {
        parts.exponent =
            std::clamp(parts.exponent, decimal128_exponent_min, decimal128_exponent_max);
        return true;
    }
    while (parts.exponent > decimal128_exponent_max) {
        if (parts.coefficient >= power_of_ten(decimal128_digits_max - 1)) return false;
        parts.coefficient *= 10;
        --parts.exponent;
    }
    while (parts.exponent < decimal128_exponent_min) {
        if (parts.coefficient % 10 != 0) return false;
        parts.coefficient /= 10;
        ++parts.exponent;
    }
    return true;
}

namespace {

/// Whether `text` is `word` without regard to case; `word` is lower case.
bool spells(std::string_view text, std::string_view word) noexcept {
    return std::equal(text.begin(), text.end(), word.begin(), word.end(),
                      [](char letter, char wanted) { return (letter | 0x20) == wanted; });
}

/// Reads digits with at most one point. Exact: at most 34 of them; trailing zeros that do not fit
/// are added to the exponent.
bool take_digits(std::string_view& text, DecimalParts& parts) noexcept {
    bool seen_digit = false;
    bool seen_point = false;
    std::int64_t zeros = 0;  // zeros already read that count only if another digit follows
    for (; !text.empty(); text.remove_prefix(1)) {
        const char letter = text.front();
        if (letter == '.' && !seen_point) {
            seen_point = true;
            continue;
        }
        if (letter < '0' || letter > '9') break;
        seen_digit = true;
        if (seen_point) --parts.exponent;
        const bool full = parts.coefficient >= power_of_ten(decimal128_digits_max - 1);
        if (!full) {
            parts.coefficient = parts.coefficient * 10 + static_cast<unsigned>(letter - '0');
        } else if (letter == '0') {
            ++zeros;
        } else {
            return false;  // a 35th digit that is not zero
        }
    }
    parts.exponent += static_cast<int>(std::min<std::int64_t>(zeros, INT32_MAX / 4));
    return seen_digit;
}

}  // namespace
}  // namespace codec

using codec::DecimalParts;

std::optional<Decimal128> Decimal128::parse(std::string_view text) noexcept {
    // Longer text cannot fit 34 digits, except by endless zeros.
    if (text.size() > 1'000'000) return std::nullopt;
    DecimalParts parts;
    if (!text.empty() && (text.front() == '-' || text.front() == '+')) {
        parts.negative = text.front() == '-';
        text.remove_prefix(1);
    }
    if (codec::spells(text, "nan")) {
        parts = DecimalParts{.kind = DecimalParts::Kind::nan};
        return codec::pack(parts);
    }
    if (codec::spells(text, "infinity") || codec::spells(text, "inf")) {
        parts.kind = DecimalParts::Kind::infinite;
        return codec::pack(parts);
    }
    if (!codec::take_digits(text, parts)) return std::nullopt;
    if (!text.empty()) {
        if (text.front() != 'e' && text.front() != 'E') return std::nullopt;
        text.remove_prefix(1);
        if (text.size() > 1 && text.front() == '+' && text[1] != '-') text.remove_prefix(1);
        int exponent = 0;
        const auto [end, status] =
            std::from_chars(text.data(), text.data() + text.size(), exponent);
        if (end != text.data() + text.size() || status == std::errc::invalid_argument) {
            return std::nullopt;
        }
        // An exponent beyond int is beyond the format, too; only zero may have it, whose exponent
        // is clamped.
        if (status == std::errc::result_out_of_range) {
            exponent = text.front() == '-' ? -20000 : 20000;
        }
        parts.exponent += std::clamp(exponent, -2'000'000, 2'000'000);
    }
    if (!codec::fit_exponent(parts)) return std::nullopt;
    return codec::pack(parts);
}

Decimal128 Decimal128::from(const Decimal& number) {
    DecimalParts parts{.negative = number.units < 0,
                       .coefficient = codec::magnitude(number.units),
                       .exponent = -number.scale};
    while (parts.coefficient >= codec::power_of_ten(codec::decimal128_digits_max)) {
        if (parts.coefficient % 10 != 0) {
            throw Error{ErrorCode::value_out_of_range,
                        fmt::format("{} has more than the 34 digits of a document's decimal",
                                    amphora::to_string(number))};
        }
        parts.coefficient /= 10;
        ++parts.exponent;
    }
    return codec::pack(parts);
}

std::optional<Decimal> Decimal128::to_decimal() const noexcept {
    constexpr int digits_max = 38;
    DecimalParts parts = codec::unpack(*this);
    if (parts.kind != DecimalParts::Kind::finite) return std::nullopt;
    if (parts.coefficient == 0) parts.exponent = std::clamp(parts.exponent, -digits_max, 0);
    while (parts.exponent > 0) {
        if (parts.coefficient >= codec::power_of_ten(digits_max - 1)) return std::nullopt;
        parts.coefficient *= 10;
        --parts.exponent;
    }
    while (parts.exponent < -digits_max) {
        if (parts.coefficient % 10 != 0) return std::nullopt;
        parts.coefficient /= 10;
        ++parts.exponent;
    }
    const auto units = static_cast<Int128>(parts.coefficient);
    return Decimal{parts.negative ? -units : units, static_cast<std::uint8_t>(-parts.exponent)};
}

// The to-scientific-string of the General Decimal Arithmetic specification, as MongoDB's
// specification requires: without an exponent, unless one is needed or the number is tiny.
std::string to_string(const Decimal128& number) {
    const DecimalParts parts = codec::unpack(number);
    if (parts.kind == DecimalParts::Kind::nan) return "NaN";
    std::string text{parts.negative ? "-" : ""};
    if (parts.kind == DecimalParts::Kind::infinite) return text + "Infinity";

    std::string digits;
    for (codec::UInt128 rest = parts.coefficient; rest != 0; rest /= 10) {
        digits += static_cast<char>('0' + static_cast<int>(rest % 10));
    }
    if (digits.empty()) digits = "0";
    std::reverse(digits.begin(), digits.end());

    const int length = static_cast<int>(digits.size());
    const int scientific = parts.exponent + length - 1;
    if (parts.exponent > 0 || scientific < -6) {
        if (length > 1) digits.insert(1, ".");
        return text + digits + fmt::format("E{:+d}", scientific);
    }
    if (parts.exponent < 0) {
        const int whole = length + parts.exponent;
        if (whole <= 0) digits.insert(0, static_cast<std::size_t>(1 - whole), '0');
        digits.insert(static_cast<std::size_t>(std::max(whole, 1)), ".");
    }
    return text + digits;
}

}  // namespace amphora
