#pragma once

#include <amphora/document.hpp>

/// Sums and products of decimal128 as in IEEE 754-2008: exact, then rounded to 34 digits, half to
/// even; infinite beyond the range.
namespace amphora::document {

[[nodiscard]] Decimal128 add(const Decimal128& left, const Decimal128& right);
[[nodiscard]] Decimal128 multiply(const Decimal128& left, const Decimal128& right);

/// The decimal that MongoDB makes of a double: 15 digits.
[[nodiscard]] Decimal128 decimal_of(double number);

}  // namespace amphora::document
