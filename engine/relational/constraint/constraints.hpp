#pragma once

#include "relational/row/cells.hpp"
#include "relational/row/row.hpp"
#include "relational/row/row_key.hpp"
#include "transaction/reading.hpp"

#include <amphora/cell.hpp>

#include <span>

/// The constraints on a row that is to be stored, and on one that is to be erased.
namespace amphora::relational {

/// NOT NULL for some columns. `cells` belong to the columns at `places`.
void require_no_null(const BoundTable& table, std::span<const std::uint32_t> places,
                     std::span<const Cell> cells);

/// NOT NULL and CHECK. `cells` are a whole row, of their columns' kinds.
void require_valid(const BoundTable& table, std::span<const Cell> cells);

/// No row has that primary key, from which `key` was made. Throws `duplicate_key`.
void require_free(const transaction::Reading& reading, const BoundTable& table,
                  std::span<const Cell> primary, const RowKey& key);

/// Every foreign key of the row has its parent row. One with a NULL has no parent and holds. The
/// row itself, under `own`, counts as existing. If the row replaces `old` (else null), only foreign
/// keys whose columns differ are tested.
void require_parents(const transaction::Reading& reading, const BoundTable& table,
                     std::span<const Cell> cells, const RowKey& own, const Row* old);

/// Nothing in either store refers to a row with that primary key; `Referring::restricting` ignores
/// references with ON DELETE CASCADE. Throws `foreign_key_violation` naming the child.
void require_no_children(const transaction::Reading& reading, const BoundTable& table,
                         std::span<const Cell> primary, catalog::ChildStore::Referring referring);

}  // namespace amphora::relational
