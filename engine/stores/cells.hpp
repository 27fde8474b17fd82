#pragma once

#include "relational/scan/scan.hpp"
#include "relational/statement.hpp"
#include "relational/table/tables.hpp"

#include <amphora/cell.hpp>
#include <amphora/query.hpp>
#include <amphora/value.hpp>

#include <span>
#include <vector>

/// Rows and keys as the callers of this floor give them, in the form in which the relational store
/// takes them. Text in the results points into the arguments.
namespace amphora::stores {

/// One cell for each value.
[[nodiscard]] std::vector<Cell> cells_of(std::span<const Value> values);

/// The conditions with their columns found. Throws `no_such_column`.
[[nodiscard]] std::vector<relational::ColumnCondition> conditions_of(
    const relational::BoundTable& table, const Conditions& conditions);

/// One cell for each column of the table. A column that the record does not name is absent. Throws
/// `no_such_column`.
[[nodiscard]] std::vector<Cell> cells_of(const relational::BoundTable& table, const Record& row);

/// The columns that the record names. Throws `no_such_column`.
[[nodiscard]] std::vector<relational::Assignment> assignments_of(
    const relational::BoundTable& table, const Record& changes);

/// Every column of a whole row, except those that the engine sets by ON UPDATE NOW(). Throws
/// `schema_mismatch` unless there is one cell for each column.
[[nodiscard]] std::vector<relational::Assignment> assignments_of(
    const relational::BoundTable& table, std::span<const Cell> cells);

}  // namespace amphora::stores
