#pragma once

#include <amphora/document.hpp>

#include <compare>

/// MongoDB's order of all values, across types. It is also the order of keys (`bson_key.hpp`).
///
///   MinKey < undefined < null < numbers < strings and symbols < documents < arrays < binaries
///          < object ids < booleans < dates < timestamps < regular expressions < db pointers < code
///          < code with scope < MaxKey
///   https://www.mongodb.com/docs/manual/reference/bson-type-comparison-order/
///
/// Numbers compare by value across their types, exactly; strings by bytes; documents field by
/// field, each by type, then name, then value, the shorter one first; arrays element by element;
/// binaries by length, subtype, bytes.
namespace amphora::codec {

/// Throws `malformed_bson` for damaged bytes that nobody has validated.
[[nodiscard]] std::weak_ordering compare(BsonView left, BsonView right);
[[nodiscard]] std::weak_ordering compare(DocumentView left, DocumentView right);

/// The position of the type in the order. Types that compare with each other by value have the
/// same.
[[nodiscard]] int order_of(BsonType type) noexcept;

}  // namespace amphora::codec
