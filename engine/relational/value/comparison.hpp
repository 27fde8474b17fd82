#pragma once

#include "catalog/definition/definition.hpp"
#include "relational/value/conversion.hpp"

#include <amphora/cell.hpp>

#include <cstdint>
#include <span>

/// Compares stored cells with each other and with the values of conditions.
namespace amphora::relational {

/// The value of a condition, in the form in which it is compared with stored cells.
struct Comparand {
    enum class Relation : std::uint8_t {
        equals,   ///< `cell` is of the column's kind, and a stored cell may equal it
        between,  ///< no stored cell equals it; `cell` is a number with a position among them
        /// No stored cell equals it, and it has no position among them (no member of the ENUM).
        apart,
    };
    Relation relation = Relation::apart;
    Cell cell;
};

/// For a condition on a column: never rounds, except that FLOAT columns compare as FLOAT. Throws
/// `type_mismatch` if such a cell cannot be compared with the column, and `value_out_of_range` for
/// a value that no column has, such as a decimal of 39 digits. The cell is neither NULL nor absent.
/// `conversion` holds decoded values.
[[nodiscard]] Comparand comparand(const catalog::Table& table, std::uint32_t place,
                                  const Cell& cell, Conversion& conversion);

/// The order of a stored cell against a comparand's: below (-1), equal (0) or above (1). Numbers
/// compare by value across their kinds; a real counts as the shortest decimal that names it.
/// Neither is NULL.
[[nodiscard]] int compare(const Cell& stored, const Cell& given);

/// Whether two cells of one column are the same value; NULL is the same as NULL.
[[nodiscard]] bool same(const Cell& left, const Cell& right);

/// Whether two rows have the same values at these positions. A row is anything with `cell(place)`.
template <class Left, class Right>
[[nodiscard]] bool same_at(std::span<const std::uint32_t> places, const Left& left,
                           const Right& right) {
    for (const std::uint32_t place : places) {
        if (!same(left.cell(place), right.cell(place))) return false;
    }
    return true;
}

}  // namespace amphora::relational
