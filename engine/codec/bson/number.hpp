#pragma once

#include <amphora/document.hpp>

#include <compare>
#include <cstdint>
#include <optional>

/// Compares and converts numbers of BSON's four types, exactly: nothing is rounded for a
/// comparison.
namespace amphora::codec {

/// The number if it is whole and fits; -0.0 is 0.
[[nodiscard]] std::optional<std::int64_t> whole_int64(double number) noexcept;
[[nodiscard]] std::optional<std::int64_t> whole_int64(const Decimal128& number) noexcept;

/// Correctly rounded. Infinite beyond the range of double.
[[nodiscard]] double nearest_double(const Decimal128& number) noexcept;

/// By value, in MongoDB's order: NaN is below everything and equal to itself, -0.0 equals 0. Both
/// must be numbers.
[[nodiscard]] std::weak_ordering compare_numbers(BsonView left, BsonView right) noexcept;

}  // namespace amphora::codec
