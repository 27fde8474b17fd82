#include "codec/bytes_io.hpp"
#include "codec/key/format.hpp"
#include "codec/key/number.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

namespace amphora::codec {

namespace {

constexpr int exponent_bias = 0x8000;
constexpr std::uint8_t tag_sum = tag::plus_base + tag::minus_base;

bool append_digit(UInt128& digits, unsigned digit) noexcept {
    return !__builtin_mul_overflow(digits, UInt128{10}, &digits) &&
           !__builtin_add_overflow(digits, UInt128{digit}, &digits);
}

bool put_decimal(KeyNumber& number, bool negative, UInt128 digits, int exponent) noexcept {
    if (digits == 0) return false;
    for (; digits % 10 == 0; ++exponent) digits /= 10;
    if (exponent < std::numeric_limits<std::int16_t>::min() ||
        exponent > std::numeric_limits<std::int16_t>::max()) {
        return false;
    }
    number = KeyNumber{};
    number.form = KeyNumber::Form::decimal;
    number.negative = negative;
    number.digits = digits;
    number.exponent = static_cast<std::int16_t>(exponent);
    return true;
}

// whole + fraction / 2^64: a double, or a decimal if it has more bits than a double.
bool put_binary(KeyNumber& number, bool negative, std::uint64_t whole,
                std::uint64_t fraction) noexcept {
    if (whole == 0 || fraction == 0) return false;
    const int places = 64 - __builtin_ctzll(fraction);
    if (places + 64 - __builtin_clzll(whole) <= 53) {
        const double value =
            static_cast<double>(whole) + std::ldexp(static_cast<double>(fraction), -64);
        number = KeyNumber::of(negative ? -value : value);
        return true;
    }
    if (places > 38) return false;
    UInt128 digits = fraction >> (64 - places);
    for (int i = 0; i < places; ++i) {
        if (__builtin_mul_overflow(digits, UInt128{5}, &digits)) return false;
    }
    UInt128 above = 0;
    if (__builtin_mul_overflow(UInt128{whole}, power_of_ten(places), &above) ||
        __builtin_add_overflow(digits, above, &digits)) {
        return false;
    }
    return put_decimal(number, negative, digits, -places);
}

// Reads the positive form. Every step returns whether its bytes were there and made sense. Bytes
// that are only not canonical are found by encoding the result again.
class NumberReader {
  public:
    NumberReader(const char* at, const char* end) : at_{at}, end_{end} {}

    [[nodiscard]] const char* position() const noexcept { return at_; }

    bool read_far(KeyNumber& number, bool negative) noexcept {
        std::uint64_t bits = 0;
        if (!read_eight(bits)) return false;
        if ((bits & 1) == 0) {
            const double value = std::bit_cast<double>(bits >> 1);
            number = KeyNumber::of(negative ? -value : value);
            return true;
        }
        if (end_ - at_ < 2) return false;
        const int biased =
            static_cast<std::uint8_t>(at_[0]) << 8 | static_cast<std::uint8_t>(at_[1]);
        at_ += 2;
        UInt128 digits = 0;
        int count = 0;
        return read_digits(digits, count) &&
               put_decimal(number, negative, digits, biased - exponent_bias - count);
    }

    bool read_near(std::size_t bytes, KeyNumber& number, bool negative) noexcept {
        if (static_cast<std::size_t>(end_ - at_) < bytes) return false;
        std::uint64_t whole = 0;
        for (std::size_t i = 0; i < bytes; ++i) {
            whole = whole << 8 | static_cast<std::uint8_t>(*at_++);
        }
        const bool more = (whole & 1) != 0;
        whole >>= 1;
        if (!more) {
            const auto value = static_cast<std::int64_t>(whole);
            number = KeyNumber::of(negative ? -value : value);
            return true;
        }
        std::uint64_t fraction = 0;
        if (!read_eight(fraction)) return false;
        if ((fraction & 1) == 0) return put_binary(number, negative, whole, fraction);
        UInt128 digits = whole;
        int count = 0;
        return read_digits(digits, count) && put_decimal(number, negative, digits, -count);
    }

  private:
    bool read_eight(std::uint64_t& bits) noexcept {
        if (end_ - at_ < 8) return false;
        bits = load_big64(at_);
        at_ += 8;
        return true;
    }

    // Appends pairs of digits, up to and including the final 00.
    bool read_digits(UInt128& digits, int& count) noexcept {
        while (at_ != end_) {
            const auto pair = static_cast<std::uint8_t>(*at_++);
            if (pair == 0) return count > 0;
            if (pair > 100) return false;
            const unsigned tens = (pair - 1u) / 10;
            const unsigned ones = (pair - 1u) % 10;
            if (!append_digit(digits, tens)) return false;
            ++count;
            // A lone last digit is filled up with a zero, which may be one digit more than 128 bits
            // hold.
            if (ones == 0 && at_ != end_ && *at_ == 0) continue;
            if (!append_digit(digits, ones)) return false;
            ++count;
        }
        return false;
    }

    const char* at_;
    const char* end_;
};

}  // namespace

std::size_t decode_number(std::string_view from, std::uint8_t mask, KeyNumber& number) noexcept {
    char bytes[key_number_bytes_max];
    const std::size_t size = std::min(from.size(), sizeof bytes);
    if (size == 0) return 0;
    const auto first = static_cast<std::uint8_t>(static_cast<std::uint8_t>(from[0]) ^ mask);
    switch (first) {
        case tag::not_a_number:
            number = KeyNumber::of(std::numeric_limits<double>::quiet_NaN());
            return 1;
        case tag::minus_infinity:
            number = KeyNumber::of(-std::numeric_limits<double>::infinity());
            return 1;
        case tag::plus_infinity:
            number = KeyNumber::of(std::numeric_limits<double>::infinity());
            return 1;
        case tag::zero:
            number = KeyNumber::of(std::int64_t{0});
            return 1;
        default:
            break;
    }
    if (first < tag::minus_large || first > tag::plus_large) return 0;
    const bool negative = first < tag::zero;
    const auto flip = static_cast<char>(negative ? ~mask : mask);
    for (std::size_t i = 1; i < size; ++i) bytes[i] = static_cast<char>(from[i] ^ flip);
    const auto positive = static_cast<std::uint8_t>(negative ? tag_sum - first : first);

    NumberReader reader{bytes + 1, bytes + size};
    const bool far = positive == tag::plus_base || positive == tag::plus_large;
    const bool read = far ? reader.read_far(number, negative)
                          : reader.read_near(positive - tag::plus_base, number, negative);
    if (!read) return 0;
    const auto used = static_cast<std::size_t>(reader.position() - bytes);

    char again[key_number_bytes_max];
    const auto written = static_cast<std::size_t>(encode_number(again, number) - again);
    if (written != used) return 0;
    for (std::size_t i = 0; i < used; ++i) {
        if (static_cast<char>(again[i] ^ static_cast<char>(mask)) != from[i]) return 0;
    }
    return used;
}

}  // namespace amphora::codec
