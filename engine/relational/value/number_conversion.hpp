#pragma once

#include "catalog/definition/definition.hpp"
#include "relational/value/describe.hpp"

#include <amphora/cell.hpp>
#include <amphora/error.hpp>

#include <string_view>

namespace amphora::relational {

/// The column for which a cell is converted, for messages.
struct ColumnRef {
    const catalog::Table& table;
    const catalog::Column& column;
};

/// Throws "column price of wares is DECIMAL(9,2): 1e+300 ", then `why`.
[[noreturn]] void refuse(ErrorCode code, const ColumnRef& at, const Cell& cell,
                         std::string_view why);
/// Throws `type_mismatch`: the column takes no cells of this kind.
[[noreturn]] void refuse_kind(const ColumnRef& at, const Cell& cell);
/// Throws the error of a text form's parser, with the column at the beginning.
[[noreturn]] void refuse_text(const ColumnRef& at, const Error& error);

/// The value of a text form.
template <class Parse>
auto parse_for(const ColumnRef& at, const Cell& cell, Parse parse) {
    try {
        return parse(cell.text());
    } catch (const Error& error) {
        refuse_text(at, error);
    }
}

/// Throws `value_out_of_range` for a decimal of more than 38 digits, before and after the point
/// together. Callers can make such a decimal.
void require_digits(const ColumnRef& at, const Cell& cell);

// Cells of number columns, from cells of any kind that can be a number. They throw as `Conversion`
// does.
[[nodiscard]] Cell to_integer(const ColumnRef& at, const Cell& cell, std::int64_t min,
                              std::int64_t max);
[[nodiscard]] Cell to_real_cell(const ColumnRef& at, const Cell& cell);
[[nodiscard]] Cell to_decimal_cell(const ColumnRef& at, const Cell& cell);
[[nodiscard]] Cell to_boolean(const ColumnRef& at, const Cell& cell);

}  // namespace amphora::relational
