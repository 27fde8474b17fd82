#pragma once

#include "codec/decimal_digits.hpp"

#include <amphora/types.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

/// Numbers in keys: int32, int64, double, decimal128 and SQL decimals in one exact order; equal
/// values are equal bytes. Each stage of the encoding ends in a bit that says whether another stage
/// follows.
///
///   whole part 1 to 2^63-1, n bytes   tag 2d+n, then (whole * 2 + more) in n bytes, highest first
///   then a fraction                   (floor(fraction * 2^63) * 2 + more) in 8 bytes
///   then what 2^-63 did not hold      the fraction's decimal digits in pairs, each + 1, then 00
///
///   below 1, or 2^63 and more         tag 2d or 36, then (bits of the double below * 2 + more)
///   then what the double did not hold the exponent of the first digit in two bytes, then all
///                                     digits as above
///
///   encode(   1) == 2e 02                            encode(0.25) == 2d 7f a0 00 00 00 00 00 00
///   encode( 127) == 2e fe                            encode(  -1) == 2a fd
///   encode( 128) == 2f 01 00                         encode(   0) == 2c
///   encode(1.5)  == 2e 03 80 00 00 00 00 00 00 00
///   encode(1.1)  == 2e 03 19 99 99 99 99 99 99 99 0b 00        as a decimal
///
/// A negative number has its own tags, and the complement of every byte after the tag.
namespace amphora::codec {

/// The largest encoding of a number.
inline constexpr std::size_t key_number_bytes_max = 48;

/// A number from a key: its exact value, not the type that it had. Each value has exactly one form,
/// the first that can hold it.
struct KeyNumber {
    enum class Form : std::uint8_t {
        integer,  ///< whole, fits int64
        real,     ///< a double, exactly; also infinities and NaN
        decimal,  ///< anything else: digits * 10^exponent; the last digit is not 0
    };
    Form form = Form::integer;
    bool negative = false;  ///< of a decimal
    std::int16_t exponent = 0;
    std::int64_t integer = 0;
    double real = 0;
    UInt128 digits = 0;

    [[nodiscard]] static KeyNumber of(std::int64_t value) noexcept;
    [[nodiscard]] static KeyNumber of(double value) noexcept;

    /// Exact; none if it is not whole or does not fit.
    [[nodiscard]] std::optional<std::int64_t> to_int64() const noexcept;
    [[nodiscard]] std::optional<Decimal> to_decimal() const noexcept;
    /// The nearest double.
    [[nodiscard]] double to_double() const noexcept;
    bool operator==(const KeyNumber&) const = default;  ///< NaN is not equal to itself
};
[[nodiscard]] std::string to_string(const KeyNumber& number);

/// Each writes at `out`, which has room for `key_number_bytes_max`, and returns the end.
char* encode_integer(char* out, std::int64_t value) noexcept;
char* encode_real(char* out, double value) noexcept;
char* encode_decimal(char* out, const Decimal& value) noexcept;
/// BID encoding, least significant byte first, as BSON stores it. Forms that the standard calls
/// non-canonical are zero, as in the standard.
char* encode_decimal128(char* out, std::span<const std::uint8_t, 16> bytes) noexcept;
char* encode_number(char* out, const KeyNumber& number) noexcept;

/// Reads the number at the front of `from`, whose bytes were each xored with `mask`. Returns its
/// size, or 0 if no encoder wrote it.
[[nodiscard]] std::size_t decode_number(std::string_view from, std::uint8_t mask,
                                        KeyNumber& number) noexcept;

}  // namespace amphora::codec
