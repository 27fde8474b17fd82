#pragma once

#include "catalog/definition/definition.hpp"

#include <amphora/cell.hpp>

#include <cstdint>
#include <span>

/// Whether a CHECK holds for a row, in SQL's three-valued logic.
namespace amphora::catalog {

enum class Truth : std::uint8_t { no, yes, unknown };

/// `row` has one cell for each column, in the table's order (for a collection: for each declared
/// field), of the column's kind or null. An ENUM's member is given by its position
/// (Kind::enumeration).
///
/// Whole numbers and decimals are exact in every operation and of any size. An operation with a
/// FLOAT or DOUBLE is one on doubles. Division by zero is NULL. Text is compared byte by byte.
/// LENGTH counts characters of text, bytes of a BLOB.
///
/// The predicate must come from a parsed schema, which has checked its types.
[[nodiscard]] Truth evaluate(const Expression& predicate, std::span<const Cell> row);

/// A CHECK is violated only by `no`; NULL is no violation.
[[nodiscard]] inline bool holds(const Check& check, std::span<const Cell> row) {
    return evaluate(check.predicate, row) != Truth::no;
}

}  // namespace amphora::catalog
