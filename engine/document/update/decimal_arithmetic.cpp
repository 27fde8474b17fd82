#include "document/update/decimal_arithmetic.hpp"

#include "base/assert.hpp"
#include "codec/bson/decimal128.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace amphora::document {

namespace {

using codec::DecimalParts;
using Kind = DecimalParts::Kind;

constexpr int digits_max = codec::decimal128_digits_max;

/// A whole number in decimal digits, the lowest first. Large enough for a product of two
/// coefficients, or for a sum of two that overlap.
struct Digits {
    static constexpr int capacity = 2 * digits_max + 8;
    std::array<std::uint8_t, capacity> at{};
    int count = 0;  ///< without leading zeros

    static Digits of(codec::UInt128 number) {
        Digits digits;
        for (; number != 0; number /= 10) {
            digits.at[static_cast<std::size_t>(digits.count++)] =
                static_cast<std::uint8_t>(number % 10);
        }
        return digits;
    }
    [[nodiscard]] std::uint8_t operator[](int place) const {
        return place < count ? at[static_cast<std::size_t>(place)] : std::uint8_t{0};
    }
    void set(int place, int digit) {
        AMPHORA_ASSERT(place < capacity);
        at[static_cast<std::size_t>(place)] = static_cast<std::uint8_t>(digit);
        if (digit != 0) count = std::max(count, place + 1);
    }
    void trim() {
        while (count > 0 && at[static_cast<std::size_t>(count - 1)] == 0) --count;
    }
    [[nodiscard]] Digits shifted(int places) const {
        Digits result;
        for (int i = 0; i < count; ++i) result.set(i + places, (*this)[i]);
        return result;
    }
};

bool is_less(const Digits& left, const Digits& right) {
    for (int i = std::max(left.count, right.count); i-- > 0;) {
        if (left[i] != right[i]) return left[i] < right[i];
    }
    return false;
}

Digits plus(const Digits& left, const Digits& right) {
    Digits sum;
    int carry = 0;
    for (int i = 0; i < std::max(left.count, right.count) || carry != 0; ++i) {
        const int digit = left[i] + right[i] + carry;
        sum.set(i, digit % 10);
        carry = digit / 10;
    }
    return sum;
}

/// `left` is not less than `right`.
Digits minus(const Digits& left, const Digits& right) {
    Digits difference;
    int borrow = 0;
    for (int i = 0; i < left.count; ++i) {
        int digit = left[i] - right[i] - borrow;
        borrow = digit < 0 ? 1 : 0;
        if (digit < 0) digit += 10;
        difference.set(i, digit);
    }
    difference.trim();
    return difference;
}

Digits times(const Digits& left, const Digits& right) {
    Digits product;
    for (int i = 0; i < left.count; ++i) {
        int carry = 0;
        for (int j = 0; j < right.count || carry != 0; ++j) {
            const int digit = product[i + j] + left[i] * right[j] + carry;
            product.set(i + j, digit % 10);
            carry = digit / 10;
        }
    }
    return product;
}

/// The decimal128 nearest to digits * 10^exponent.
Decimal128 round(bool negative, const Digits& digits, int exponent) {
    DecimalParts parts;
    parts.negative = negative;
    const int dropped =
        std::max({digits.count - digits_max, codec::decimal128_exponent_min - exponent, 0});
    for (int i = digits.count; i-- > dropped;) {
        parts.coefficient = parts.coefficient * 10 + digits[i];
    }
    exponent += dropped;
    if (dropped > 0) {
        const int half = digits[dropped - 1];
        bool beyond = false;
        for (int i = 0; i < dropped - 1; ++i) beyond = beyond || digits[i] != 0;
        const bool odd = parts.coefficient % 2 == 1;
        if (half > 5 || (half == 5 && (beyond || odd))) ++parts.coefficient;
        if (parts.coefficient == codec::power_of_ten(digits_max)) {
            parts.coefficient /= 10;
            ++exponent;
        }
    }
    while (exponent > codec::decimal128_exponent_max && parts.coefficient != 0 &&
           parts.coefficient < codec::power_of_ten(digits_max - 1)) {
        parts.coefficient *= 10;
        --exponent;
    }
    if (exponent > codec::decimal128_exponent_max) {
        if (parts.coefficient != 0) parts = {Kind::infinite, negative, 0, 0};
        exponent = parts.kind == Kind::infinite ? 0 : codec::decimal128_exponent_max;
    }
    parts.exponent = exponent;
    return codec::pack(parts);
}

Decimal128 not_a_number() {
    return codec::pack({Kind::nan, false, 0, 0});
}

}  // namespace

Decimal128 add(const Decimal128& left, const Decimal128& right) {
    DecimalParts high = codec::unpack(left);
    DecimalParts low = codec::unpack(right);
    if (high.kind == Kind::nan || low.kind == Kind::nan) return not_a_number();
    if (high.kind == Kind::infinite) {
        return low.kind == Kind::infinite && low.negative != high.negative ? not_a_number() : left;
    }
    if (low.kind == Kind::infinite) return right;
    if (high.exponent < low.exponent) std::swap(high, low);

    Digits upper = Digits::of(high.coefficient);
    Digits lower = Digits::of(low.coefficient);
    int exponent = low.exponent;
    // So far apart that the lower number only decides how to round: one of its digits is enough.
    constexpr int apart_max = digits_max + 4;
    if (high.exponent - low.exponent > apart_max) {
        const int shift = upper.count == 0 ? 0 : apart_max;
        if (shift != 0) {
            exponent = high.exponent - shift;
            const int place_over = exponent - low.exponent;
            if (lower.count != 0 && lower.count <= place_over) {
                lower = Digits::of(1);
            } else if (lower.count != 0) {
                Digits kept;
                bool beyond = false;
                for (int i = 0; i < lower.count; ++i) {
                    if (i < place_over) {
                        beyond = beyond || lower[i] != 0;
                    } else {
                        kept.set(i - place_over, lower[i]);
                    }
                }
                if (beyond && kept[0] % 5 == 0) kept.set(0, kept[0] + 1);
                lower = kept;
            }
            upper = upper.shifted(shift);
            if (lower.count == 0) {
                // Nothing is added: zeros are appended, as many as fit, and the exponent becomes
                // lower.
                upper = Digits::of(high.coefficient);
                const int zeros = std::min(digits_max - upper.count, high.exponent - low.exponent);
                upper = upper.shifted(zeros);
                exponent = high.exponent - zeros;
            }
        }
    } else {
        upper = upper.shifted(high.exponent - low.exponent);
    }
    if (high.negative == low.negative) return round(high.negative, plus(upper, lower), exponent);
    if (is_less(upper, lower)) return round(low.negative, minus(lower, upper), exponent);
    const Digits difference = minus(upper, lower);
    return round(high.negative && difference.count != 0, difference, exponent);
}

Decimal128 multiply(const Decimal128& left, const Decimal128& right) {
    const DecimalParts one = codec::unpack(left);
    const DecimalParts other = codec::unpack(right);
    const bool negative = one.negative != other.negative;
    if (one.kind == Kind::nan || other.kind == Kind::nan) return not_a_number();
    if (one.kind == Kind::infinite || other.kind == Kind::infinite) {
        const bool zero = (one.kind == Kind::finite && one.coefficient == 0) ||
                          (other.kind == Kind::finite && other.coefficient == 0);
        return zero ? not_a_number() : codec::pack({Kind::infinite, negative, 0, 0});
    }
    return round(negative, times(Digits::of(one.coefficient), Digits::of(other.coefficient)),
                 one.exponent + other.exponent);
}

Decimal128 decimal_of(double number) {
    if (std::isnan(number)) return not_a_number();
    if (std::isinf(number)) return codec::pack({Kind::infinite, number < 0, 0, 0});
    return *Decimal128::parse(fmt::format("{:.14e}", number));
}

}  // namespace amphora::document
