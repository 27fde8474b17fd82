#pragma once

#include "relational/table/tables.hpp"
#include "transaction/reading.hpp"

#include <cstdint>
#include <optional>

/// AUTO_INCREMENT: the highest number that a table has given or was given. It is kept in the
/// table's counter space, inside the transaction. It only grows, so a number is not reused after
/// its row was erased. Numbers of a transaction that was rolled back may be given again, because
/// nobody has seen them.
namespace amphora::relational {

/// None: the table has not given a number yet.
[[nodiscard]] std::optional<std::int64_t> find_last_number(const transaction::Reading& reading,
                                                           const BoundTable& table);

/// Gives the next number, from 1. Throws `value_out_of_range` once the column's type is exhausted.
[[nodiscard]] std::int64_t take_next_number(transaction::Writing& writing, const BoundTable& table);

/// A number that the caller has chosen: later numbers are above it.
void follow_number(transaction::Writing& writing, const BoundTable& table, std::int64_t chosen);

}  // namespace amphora::relational
