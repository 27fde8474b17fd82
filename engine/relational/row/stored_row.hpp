#pragma once

#include "relational/row/row.hpp"
#include "relational/row/row_key.hpp"
#include "transaction/reading.hpp"

#include <amphora/cell.hpp>

#include <optional>
#include <span>

/// Stores a row together with its index entries: the end of every statement. The caller has tested
/// the constraints of the row; here only uniqueness is tested.
namespace amphora::relational {

/// Adds the row to one index. Throws `duplicate_key` if a unique index already has its columns.
void enter(transaction::Writing& writing, const BoundTable& table, const BoundIndex& index,
           std::span<const Cell> cells, const RowKey& key);

/// Stores a row whose key is not in use, with its entries.
void store_new(transaction::Writing& writing, const BoundTable& table, std::span<const Cell> cells,
               const RowKey& key, Bytes encoded);

/// Stores a row in place of `old`, whose key is `old_key`, and changes the entries that differ.
/// `old` is in memory that is valid until its key is written.
void store_over(transaction::Writing& writing, const BoundTable& table, const Row& old,
                const RowKey& old_key, std::span<const Cell> cells, const RowKey& key,
                Bytes encoded);

/// Erases a row and its entries.
void remove(transaction::Writing& writing, const BoundTable& table, const Row& row,
            const RowKey& key);

/// Adds every row of `table` to `index`, an empty index of the table. Throws `duplicate_key` with
/// the primary key of the row.
void fill_index(transaction::Writing& writing, const BoundTable& table, const BoundIndex& index);

}  // namespace amphora::relational
