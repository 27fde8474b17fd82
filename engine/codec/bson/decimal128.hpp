#pragma once

#include "codec/decimal_digits.hpp"

#include <amphora/document.hpp>

#include <cstdint>

/// The parts of a Decimal128: IEEE 754-2008 decimal128 with a binary integer as coefficient (BID).
///
///   value = (-1)^negative * coefficient * 10^exponent
///   coefficient < 10^34,  -6176 <= exponent <= 6111
///   high word: sign 1 bit, exponent + 6176 in 14 bits, the coefficient's upper 49 bits
///
/// The format can also express coefficients of 10^34 and more. They count as zero.
namespace amphora::codec {

inline constexpr int decimal128_exponent_min = -6176;
inline constexpr int decimal128_exponent_max = 6111;
inline constexpr int decimal128_digits_max = 34;

struct DecimalParts {
    enum class Kind : std::uint8_t { finite, infinite, nan };
    Kind kind = Kind::finite;
    bool negative = false;
    UInt128 coefficient = 0;
    int exponent = 0;
};

[[nodiscard]] DecimalParts unpack(const Decimal128& number) noexcept;
/// The parts must be in range.
[[nodiscard]] Decimal128 pack(const DecimalParts& parts) noexcept;

/// Brings the exponent of finite parts into range: moves zeros between coefficient and exponent, so
/// the value does not change. False if the format does not have the value.
[[nodiscard]] bool fit_exponent(DecimalParts& parts) noexcept;

}  // namespace amphora::codec
