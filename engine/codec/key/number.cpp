#include "codec/key/number.hpp"

#include "base/assert.hpp"
#include "codec/bytes_io.hpp"
#include "codec/exact_double.hpp"
#include "codec/key/format.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

namespace amphora::codec {

namespace {

constexpr double two_63 = 9223372036854775808.0;
constexpr std::uint64_t whole_limit = std::uint64_t{1} << 63;
constexpr int exponent_bias = 0x8000;
// The sum of a positive tag and the negative tag of the same size.
constexpr std::uint8_t tag_sum = tag::plus_base + tag::minus_base;
static_assert(tag::plus_large + tag::minus_large == tag_sum);

char* put_tag(char* out, std::uint8_t value) noexcept {
    *out = static_cast<char>(value);
    return out + 1;
}

// Turns the bytes of a positive number into those of the negative one.
char* negate(char* from, char* end) noexcept {
    *from = static_cast<char>(tag_sum - static_cast<std::uint8_t>(*from));
    for (char* at = from + 1; at != end; ++at) *at = static_cast<char>(~*at);
    return end;
}

char* put_whole(char* out, std::uint64_t whole, std::uint64_t more) noexcept {
    const std::uint64_t value = whole << 1 | more;
    const int unused = __builtin_clzll(value) / 8;
    out = put_tag(out, static_cast<std::uint8_t>(tag::plus_base + 8 - unused));
    store_big64(out, value << (8 * unused));
    return out + (8 - unused);
}

char* put_double(char* out, std::uint8_t tag_of_size, double value, std::uint64_t more) noexcept {
    out = put_tag(out, tag_of_size);
    store_big64(out, std::bit_cast<std::uint64_t>(value) << 1 | more);
    return out + 8;
}

// `count` digits, with leading zeros, in pairs of 1 to 100, then 0.
char* put_digits(char* out, UInt128 digits, int count) noexcept {
    std::uint8_t each[40]{};
    for (int i = count - 1; i >= 0; --i) {
        each[i] = static_cast<std::uint8_t>(digits % 10);
        digits /= 10;
    }
    for (int i = 0; i < count; i += 2) {
        *out++ = static_cast<char>(each[i] * 10 + each[i + 1] + 1);
    }
    *out++ = 0;
    return out;
}

// floor(part * 2^63 / whole), for part < whole < 2^127, and whether there is a rest.
std::uint64_t fraction_63(UInt128 part, UInt128 whole, bool& left) noexcept {
    if (whole >> 64 == 0) {
        const UInt128 shifted = part << 63;
        left = shifted % whole != 0;
        return static_cast<std::uint64_t>(shifted / whole);
    }
    std::uint64_t fraction = 0;
    for (int i = 0; i < 63; ++i) {
        part <<= 1;
        fraction <<= 1;
        if (part >= whole) {
            part -= whole;
            fraction |= 1;
        }
    }
    left = part != 0;
    return fraction;
}

void strip_zeros(UInt128& digits, int& exponent) noexcept {
    while (digits >> 64 != 0 && digits % 10 == 0) {
        digits /= 10;
        ++exponent;
    }
    if (digits >> 64 != 0) return;
    auto low = static_cast<std::uint64_t>(digits);
    while (low % 10 == 0) {
        low /= 10;
        ++exponent;
    }
    digits = low;
}

// The value digits * 10^exponent, if it is whole and below 2^63.
bool find_whole(UInt128 digits, int exponent, std::uint64_t& whole) noexcept {
    if (exponent > 18 || digits >= whole_limit) return false;
    const UInt128 value = digits * power_of_ten(exponent);
    whole = static_cast<std::uint64_t>(value);
    return value < whole_limit;
}

// Numbers below 1, and of 2^63 and more.
char* encode_far(char* out, std::uint8_t tag_of_size, UInt128 digits, int exponent) noexcept {
    const FlooredDouble below = floor_to_double(digits, exponent);
    out = put_double(out, tag_of_size, below.value, below.exact ? 0 : 1);
    if (below.exact) return out;
    const int count = count_digits(digits);
    const int biased = exponent_bias + exponent + count;
    *out++ = static_cast<char>(biased >> 8);
    *out++ = static_cast<char>(biased);
    return put_digits(out, digits, count);
}

char* encode_positive(char* out, UInt128 digits, int exponent) noexcept {
    std::uint64_t whole = 0;
    if (exponent >= 0) {
        if (find_whole(digits, exponent, whole)) return put_whole(out, whole, 0);
        return encode_far(out, tag::plus_large, digits, exponent);
    }
    const int places = -exponent;
    if (places > 38 || digits < power_of_ten(places)) {
        return encode_far(out, tag::plus_base, digits, exponent);
    }
    const UInt128 power = power_of_ten(places);
    const UInt128 wide = digits / power;
    if (wide >= whole_limit) return encode_far(out, tag::plus_large, digits, exponent);

    const UInt128 part = digits % power;
    bool left = false;
    const std::uint64_t fraction = fraction_63(part, power, left);
    out = put_whole(out, static_cast<std::uint64_t>(wide), 1);
    store_big64(out, fraction << 1 | (left ? 1 : 0));
    return left ? put_digits(out + 8, part, places) : out + 8;
}

char* encode_parts(char* out, bool negative, UInt128 digits, int exponent) noexcept {
    if (digits == 0) return put_tag(out, tag::zero);
    strip_zeros(digits, exponent);
    char* const end = encode_positive(out, digits, exponent);
    return negative ? negate(out, end) : end;
}

}  // namespace

char* encode_integer(char* out, std::int64_t value) noexcept {
    if (value > 0) return put_whole(out, static_cast<std::uint64_t>(value), 0);
    if (value == 0) return put_tag(out, tag::zero);
    const std::uint64_t positive = 0 - static_cast<std::uint64_t>(value);
    if (positive == whole_limit) return negate(out, put_double(out, tag::plus_large, two_63, 0));
    char* const end = put_whole(out, positive, 0);
    // All eight bytes and not only those in use, which saves a loop.
    store_little(out + 1, ~load_little<std::uint64_t>(out + 1));
    *out = static_cast<char>(tag_sum - static_cast<std::uint8_t>(*out));
    return end;
}

char* encode_real(char* out, double value) noexcept {
    if (std::isnan(value)) return put_tag(out, tag::not_a_number);
    if (value == 0) return put_tag(out, tag::zero);
    if (std::isinf(value)) {
        return put_tag(out, value < 0 ? tag::minus_infinity : tag::plus_infinity);
    }
    const double positive = std::fabs(value);
    char* end = nullptr;
    if (positive < 1) {
        end = put_double(out, tag::plus_base, positive, 0);
    } else if (positive >= two_63) {
        end = put_double(out, tag::plus_large, positive, 0);
    } else {
        const auto whole = static_cast<std::uint64_t>(positive);
        const double fraction = positive - static_cast<double>(whole);
        end = put_whole(out, whole, fraction != 0 ? 1 : 0);
        if (fraction != 0) {
            // A double of 1 or more has at most 52 bits after the point: nothing is lost.
            store_big64(end, static_cast<std::uint64_t>(fraction * two_63) << 1);
            end += 8;
        }
    }
    return value < 0 ? negate(out, end) : end;
}

char* encode_decimal(char* out, const Decimal& value) noexcept {
    return encode_parts(out, value.units < 0, magnitude(value.units),
                        -static_cast<int>(value.scale));
}

char* encode_decimal128(char* out, std::span<const std::uint8_t, 16> bytes) noexcept {
    constexpr UInt128 largest = power_of_ten(34) - 1;
    std::uint64_t low = 0;
    std::uint64_t high = 0;
    std::memcpy(&low, bytes.data(), sizeof low);
    std::memcpy(&high, bytes.data() + sizeof low, sizeof high);
    const bool negative = high >> 63 != 0;
    if ((high >> 59 & 0xF) == 0xF) {
        if ((high >> 58 & 1) != 0) return put_tag(out, tag::not_a_number);
        return put_tag(out, negative ? tag::minus_infinity : tag::plus_infinity);
    }
    // The form with an implicit 100 before the coefficient always has more than 34 digits.
    if ((high >> 61 & 3) == 3) return put_tag(out, tag::zero);
    UInt128 digits = static_cast<UInt128>(high & ((std::uint64_t{1} << 49) - 1)) << 64 | low;
    if (digits > largest) digits = 0;
    const int exponent = static_cast<int>(high >> 49 & 0x3FFF) - 6176;
    return encode_parts(out, negative, digits, exponent);
}

char* encode_number(char* out, const KeyNumber& number) noexcept {
    switch (number.form) {
        case KeyNumber::Form::integer:
            return encode_integer(out, number.integer);
        case KeyNumber::Form::real:
            return encode_real(out, number.real);
        case KeyNumber::Form::decimal:
            return encode_parts(out, number.negative, number.digits, number.exponent);
    }
    AMPHORA_ASSERT(false);
}

}  // namespace amphora::codec
