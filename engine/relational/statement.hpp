#pragma once

#include "relational/row.hpp"
#include "transaction/reading.hpp"

#include <amphora/cell.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

/// What changes rows. Each call is one statement: it happens whole, or throws and leaves no trace
/// in the transaction.
///
/// Cells that come in are converted to their columns: whole numbers and booleans exactly or not at
/// all, DECIMAL rounded half away from zero, FLOAT to the nearest, an ENUM's member by name or
/// place, and text to any type that has a text form. Thrown are, naming table and column:
/// `type_mismatch`, `value_out_of_range`, `value_too_large`, `invalid_utf8`, `malformed_json`,
/// `not_null_violation`, `check_violation`; and naming index and key: `duplicate_key`,
/// `foreign_key_violation`.
///
/// Absent cells take the column's DEFAULT, AUTO_INCREMENT's next number, or NULL.
namespace amphora::relational {

/// A new row; `cells` has one for each column, in the table's order. Returns the row as it was
/// stored.
OwnedRow insert(transaction::Writing& writing, const BoundTable& table,
                std::span<const Cell> cells);

/// Several new rows as one statement. They may refer to each other: foreign keys are checked when
/// all of them are there.
void insert_together(transaction::Writing& writing, const BoundTable& table,
                     std::span<const std::vector<Cell>> rows);

/// As `insert`, except that a row with the same primary key is replaced, as by an update of every
/// column.
OwnedRow put(transaction::Writing& writing, const BoundTable& table, std::span<const Cell> cells);

struct Assignment {
    std::uint32_t column = 0;
    Cell cell;  ///< absent: the column's DEFAULT
};
/// Sets columns of the row with the primary key `key`. Returns the row as it is now, or none if
/// there is no such row. ON UPDATE NOW() columns that are not assigned get the moment of the
/// transaction. A primary key may change as long as nothing refers to the row.
std::optional<OwnedRow> update(transaction::Writing& writing, const BoundTable& table,
                               std::span<const Cell> key, std::span<const Assignment> assignments);

/// Removes the row with the primary key `key`, and what refers to it with ON DELETE CASCADE, and
/// what refers to that, in both stores. False: there was no such row. `foreign_key_violation` if,
/// all that done, something still refers to a row that went.
bool erase(transaction::Writing& writing, const BoundTable& table, std::span<const Cell> key);

/// Enters every row of `table` into `index`, which is one of its own and empty. Throws
/// `duplicate_key`.
void fill_index(transaction::Writing& writing, const BoundTable& table, const BoundIndex& index);

}  // namespace amphora::relational
