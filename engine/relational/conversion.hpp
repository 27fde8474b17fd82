#pragma once

#include "base/bytes.hpp"
#include "catalog/definition.hpp"

#include <amphora/cell.hpp>

#include <cstdint>
#include <forward_list>
#include <span>

/// From the cells that callers give to cells of exactly their columns' kinds.
namespace amphora::relational {

/// What a column stores for a cell. Whole numbers and booleans are taken exactly or not at all,
/// DECIMAL rounds half away from zero, FLOAT takes the nearest. Text becomes any type by its text
/// form. Text and blobs still point where the caller's cell pointed, except decoded ones, which
/// live in here.
class Conversion {
  public:
    /// `now_us` is what `amphora::now` becomes.
    Conversion(const catalog::Table& table, std::int64_t now_us) noexcept
        : table_{table}, now_us_{now_us} {}

    /// NULL stays NULL, absent must not come. Throws `type_mismatch`, `value_out_of_range`,
    /// `value_too_large`, `invalid_utf8`, `malformed_json`, or `check_violation` for an ENUM.
    [[nodiscard]] Cell operator()(std::uint32_t place, const Cell& cell);

  private:
    const catalog::Table& table_;
    std::int64_t now_us_;
    std::forward_list<Buffer> decoded_;
};

/// What stored cells of a column are compared with.
struct Comparand {
    enum class Relation : std::uint8_t {
        equals,   ///< `cell` is of the column's kind, and a stored cell may equal it
        between,  ///< no stored cell equals it; `cell` is a number that has its place among them
        apart,    ///< no stored cell equals it, and it has no place among them (no member of the
                  ///< ENUM)
    };
    Relation relation = Relation::apart;
    Cell cell;
};

/// For a condition on a column: never rounds, except that FLOAT columns compare as FLOAT. Throws
/// `type_mismatch` if such a cell cannot be compared with the column at all, `value_out_of_range`
/// for what is no value of any column, such as a decimal of 39 digits. NULL and absent must not
/// come. `conversion` holds what had to be decoded.
[[nodiscard]] Comparand comparand(const catalog::Table& table, std::uint32_t place,
                                  const Cell& cell, Conversion& conversion);

/// Where a stored cell stands to a comparand's: below (-1), equal (0) or above (1). Numbers compare
/// by value across their kinds; a real counts as the shortest decimal that names it. Neither is
/// NULL.
[[nodiscard]] int compare(const Cell& stored, const Cell& given);

/// Whether two cells of one column are the same value; NULL is the same as NULL.
[[nodiscard]] bool same(const Cell& left, const Cell& right);

/// Whether two rows have the same values at these places. Rows are whatever has `cell(place)`.
template <class Left, class Right>
[[nodiscard]] bool same_at(std::span<const std::uint32_t> places, const Left& left,
                           const Right& right) {
    for (const std::uint32_t place : places) {
        if (!same(left.cell(place), right.cell(place))) return false;
    }
    return true;
}

}  // namespace amphora::relational
