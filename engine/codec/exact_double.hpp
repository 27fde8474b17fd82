#pragma once

#include "codec/decimal_digits.hpp"

/// Conversion of decimal numbers to doubles, in exact arithmetic.
namespace amphora::codec {

struct FlooredDouble {
    double value;
    bool exact;  ///< the double equals the number
};

/// The largest finite double that is not above digits * 10^exponent; `digits` is not 0. It is the
/// largest double for numbers above the range of doubles, and 0 for numbers below it.
[[nodiscard]] FlooredDouble floor_to_double(UInt128 digits, int exponent) noexcept;

}  // namespace amphora::codec
