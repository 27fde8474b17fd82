#pragma once

#include "relational/row/row.hpp"
#include "transaction/reading.hpp"

#include <amphora/cell.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

/// Changes to rows. Each call is one statement: it happens as a whole, or it throws and changes
/// nothing in the transaction.
///
/// Cells are converted to their columns: whole numbers and booleans must be exact, DECIMAL rounds
/// half away from zero, FLOAT takes the nearest, an ENUM takes a member by name or position, and
/// text becomes any type that has a text form. Throws, with table and column in the message:
/// `type_mismatch`, `value_out_of_range`, `value_too_large`, `invalid_utf8`, `malformed_json`,
/// `not_null_violation`, `check_violation`; with index and key in the message: `duplicate_key`,
/// `foreign_key_violation`. A whole row with more or fewer cells than the table has columns is
/// `schema_mismatch`.
///
/// Absent cells take the column's DEFAULT, AUTO_INCREMENT's next number, or NULL.
namespace amphora::relational {

/// Throws `schema_mismatch` unless there is one cell for each column of the table.
void require_width(const BoundTable& table, std::span<const Cell> cells);

/// Inserts a row. `cells` has one for each column, in the table's order. Returns the row as it was
/// stored.
OwnedRow insert(transaction::Writing& writing, const BoundTable& table,
                std::span<const Cell> cells);

/// Inserts several rows as one statement. They may refer to each other: foreign keys are tested
/// after all of them are stored.
void insert_together(transaction::Writing& writing, const BoundTable& table,
                     std::span<const std::vector<Cell>> rows);

/// As `insert`, but a row with the same primary key is replaced, as by an update of every column.
OwnedRow put(transaction::Writing& writing, const BoundTable& table, std::span<const Cell> cells);

struct Assignment {
    std::uint32_t column = 0;
    Cell cell;  ///< absent: the column's DEFAULT
};
/// Sets columns of the row with the primary key `key`. Returns the changed row, or none if there is
/// no such row. ON UPDATE NOW() columns that are not assigned become the moment of the transaction.
/// A primary key may change as long as nothing refers to the row.
std::optional<OwnedRow> update(transaction::Writing& writing, const BoundTable& table,
                               std::span<const Cell> key, std::span<const Assignment> assignments);

/// Erases the row with the primary key `key` and, through ON DELETE CASCADE, everything that refers
/// to it, in both stores. False: there was no such row. Throws `foreign_key_violation` if something
/// still refers to an erased row after that.
bool erase(transaction::Writing& writing, const BoundTable& table, std::span<const Cell> key);

}  // namespace amphora::relational
