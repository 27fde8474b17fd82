#pragma once

#include "codec/decimal_digits.hpp"

/// Doubles beside decimal numbers, in exact arithmetic.
namespace amphora::codec {

struct FlooredDouble {
    double value;
    bool exact;  ///< the double is the number, nothing was lost
};

/// The largest finite double that is not above digits * 10^exponent; `digits` is not 0. Beyond the
/// range of doubles it is the largest one, below it is 0.
[[nodiscard]] FlooredDouble floor_to_double(UInt128 digits, int exponent) noexcept;

}  // namespace amphora::codec
