#pragma once

#include "relational/tables.hpp"
#include "transaction/reading.hpp"

#include <optional>
#include <string>

/// What a constraint that is added to a table asks of the rows that are stored.
namespace amphora::relational {

/// The primary key of the table's first row, "(id 1)"; none if the table is empty.
[[nodiscard]] std::optional<std::string> find_first_row(const transaction::Reading& reading,
                                                        const BoundTable& table);

/// NOT NULL, CHECK and foreign keys hold for every row. Throws as a statement does for the first
/// row that breaks one of them, and names that row.
void require_rows_valid(const transaction::Reading& reading, const BoundTable& table);

}  // namespace amphora::relational
