#pragma once

#include "relational/row/row.hpp"
#include "relational/scan/scan.hpp"
#include "stores/bound_schema.hpp"
#include "transaction/reading.hpp"

#include <amphora/cell.hpp>
#include <amphora/query.hpp>
#include <amphora/schema.hpp>
#include <amphora/value.hpp>

#include <optional>
#include <span>
#include <vector>

/// Rows, by the names of their tables, indexes and columns. For everything above the two stores:
/// the public interface, SQL, and handlers of events.
///
/// `relational/scan/scan.hpp` and `relational/statement.hpp` have the rules: how cells are
/// converted, how long a row is valid, that a statement happens as a whole or not at all, and what
/// it throws. In addition each function throws `no_such_table`, and `no_such_index` or
/// `no_such_column` where one is named.
///
/// A row "as cells" has one cell for each column, in the table's order; another number of cells is
/// `schema_mismatch`. A row "as a record" names its columns.
namespace amphora::stores {

/// The row with that primary key.
[[nodiscard]] std::optional<relational::Row> find(const transaction::Reading& reading,
                                                  const BoundSchema& schema, const Table& table,
                                                  std::span<const Cell> key, Buffer& scratch);

/// The row with that key of a unique index.
[[nodiscard]] std::optional<relational::Row> find(const transaction::Reading& reading,
                                                  const BoundSchema& schema,
                                                  const UniqueIndex& index,
                                                  std::span<const Cell> key, Buffer& scratch);

/// The rows that fulfil all conditions. `schema` must outlive the scan, `conditions` need not.
[[nodiscard]] relational::RowScan scan(const transaction::Reading& reading,
                                       const BoundSchema& schema, const Table& table,
                                       const Conditions& conditions = {},
                                       const ScanOptions& options = {});

/// Inserts a row, and returns it as stored. Columns that the record does not name take their
/// DEFAULT.
relational::OwnedRow insert(transaction::Writing& writing, const BoundSchema& schema,
                            const Table& table, std::span<const Cell> cells);
relational::OwnedRow insert(transaction::Writing& writing, const BoundSchema& schema,
                            const Table& table, const Record& row);

/// Inserts rows, as cells, as one statement. They may refer to each other.
void insert_together(transaction::Writing& writing, const BoundSchema& schema, const Table& table,
                     std::span<const std::vector<Cell>> rows);

/// As `insert`, but a row with the same primary key is replaced.
relational::OwnedRow put(transaction::Writing& writing, const BoundSchema& schema,
                         const Table& table, std::span<const Cell> cells);
relational::OwnedRow put(transaction::Writing& writing, const BoundSchema& schema,
                         const Table& table, const Record& row);

/// Sets the columns that the record names, in the row with that primary key. Was there one?
bool update(transaction::Writing& writing, const BoundSchema& schema, const Table& table,
            std::span<const Cell> key, const Record& changes);

/// Sets every column of the row with that primary key, except those with ON UPDATE NOW(), which
/// become the moment of the transaction. Was there one? The first form takes the key from the row;
/// with the second form the primary key may change.
bool replace(transaction::Writing& writing, const BoundSchema& schema, const Table& table,
             std::span<const Cell> cells);
bool replace(transaction::Writing& writing, const BoundSchema& schema, const Table& table,
             std::span<const Cell> key, std::span<const Cell> cells);
/// The same with a record. A column that it does not name gets its DEFAULT. Throws
/// `invalid_argument` where a column of the primary key is missing.
bool replace(transaction::Writing& writing, const BoundSchema& schema, const Table& table,
             const Record& row);

/// Removes the row with that primary key and, through ON DELETE CASCADE, what refers to it in both
/// stores. Was there one?
bool erase(transaction::Writing& writing, const BoundSchema& schema, const Table& table,
           std::span<const Cell> key);

}  // namespace amphora::stores
