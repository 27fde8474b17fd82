#pragma once

#include "relational/cells.hpp"
#include "relational/row.hpp"
#include "relational/row_key.hpp"
#include "transaction/reading.hpp"

#include <amphora/cell.hpp>

#include <span>

/// What must hold for a row that is to be stored, and for one that is to go.
namespace amphora::relational {

/// NOT NULL of some columns. `cells` are those at `places`.
void require_no_null(const BoundTable& table, std::span<const std::uint32_t> places,
                     std::span<const Cell> cells);

/// NOT NULL and CHECK. `cells` are a whole row, of their columns' kinds.
void require_valid(const BoundTable& table, std::span<const Cell> cells);

/// No row has that primary key, of which `key` is made. Throws `duplicate_key`.
void require_free(const transaction::Reading& reading, const BoundTable& table,
                  std::span<const Cell> primary, const RowKey& key);

/// Every foreign key of the row leads to a row that is there; one with a NULL leads nowhere and
/// holds. The row itself, under `own`, counts as there. Of a row that replaces `old` (or null),
/// only the foreign keys whose columns differ are looked at.
void require_parents(const transaction::Reading& reading, const BoundTable& table,
                     std::span<const Cell> cells, const RowKey& own, const Row* old);

/// Nothing refers to a row with that primary key, in neither store; `Referring::restricting` leaves
/// out what is ON DELETE CASCADE. Throws `foreign_key_violation` naming who does.
void require_no_children(const transaction::Reading& reading, const BoundTable& table,
                         std::span<const Cell> primary, catalog::ChildStore::Referring referring);

}  // namespace amphora::relational
