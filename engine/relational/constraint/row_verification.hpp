#pragma once

#include "relational/table/tables.hpp"
#include "transaction/reading.hpp"

#include <optional>
#include <string>

/// Checks stored rows against constraints that are added to their table.
namespace amphora::relational {

/// The primary key of the table's first row, "(id 1)"; none if the table is empty.
[[nodiscard]] std::optional<std::string> find_first_row(const transaction::Reading& reading,
                                                        const BoundTable& table);

/// Checks NOT NULL, CHECK and foreign keys of every row. Throws as a statement does for the first
/// row that violates one of them, and names that row.
void require_rows_valid(const transaction::Reading& reading, const BoundTable& table);

}  // namespace amphora::relational
