#pragma once

#include "relational/tables.hpp"
#include "transaction/reading.hpp"

#include <cstdint>
#include <optional>

/// AUTO_INCREMENT: the highest number that a table has given or been given, kept in the table's
/// counter space inside the transaction. It only grows, so a number is not used again when its row
/// has gone; numbers of a transaction that was given up were never seen by anyone and may come
/// again.
namespace amphora::relational {

/// None: the table has not given a number yet.
[[nodiscard]] std::optional<std::int64_t> find_last_number(const transaction::Reading& reading,
                                                           const BoundTable& table);

/// The next number, from 1, which is thereby given. Throws `value_out_of_range` once the column's
/// type is exhausted.
[[nodiscard]] std::int64_t take_next_number(transaction::Writing& writing, const BoundTable& table);

/// A number that the caller chose: what is given later lies above it.
void follow_number(transaction::Writing& writing, const BoundTable& table, std::int64_t chosen);

}  // namespace amphora::relational
