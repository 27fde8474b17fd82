#pragma once

#include "relational/row.hpp"
#include "relational/row_key.hpp"
#include "transaction/reading.hpp"

#include <amphora/cell.hpp>

#include <optional>
#include <span>

/// A row together with its index entries: what every statement ends in. The constraints of the row
/// itself have been looked at before; here only what is unique is.
namespace amphora::relational {

/// Enters the row into one index. Throws `duplicate_key` if a unique index has its columns already.
void enter(transaction::Writing& writing, const BoundTable& table, const BoundIndex& index,
           std::span<const Cell> cells, const RowKey& key);

/// Puts a row where none is, with its entries.
void store_new(transaction::Writing& writing, const BoundTable& table, std::span<const Cell> cells,
               const RowKey& key, Bytes encoded);

/// Puts a row in the place of `old`, whose key is `old_key`: the entries that differ change with
/// it. `old` lies in memory that is good until its key is written.
void store_over(transaction::Writing& writing, const BoundTable& table, const Row& old,
                const RowKey& old_key, std::span<const Cell> cells, const RowKey& key,
                Bytes encoded);

/// Takes a row and its entries away.
void remove(transaction::Writing& writing, const BoundTable& table, const Row& row,
            const RowKey& key);

}  // namespace amphora::relational
