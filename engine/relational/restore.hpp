#pragma once

#include "relational/tables.hpp"
#include "transaction/reading.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

/// Makes a table sound again whose rows were brought back one by one from something damaged.
namespace amphora::relational {

/// A row that cannot stay, and why.
using Refused = std::function<void(Bytes key, Bytes value, const std::string& why)>;

/// Holds rows, from the key `from` on (empty: from the first), to everything that the table
/// promises but for its indexes; a row that does not hold is given to `refused` and removed. Ends
/// after `rows_max` rows; returns the key to go on from, or nothing at the end.
///
/// Tables are restored in the order of their declaration, parents first, and one that refers to
/// itself until nothing more is refused.
[[nodiscard]] std::optional<Buffer> restore_rows(transaction::Writing& writing,
                                                 const BoundTable& table, Bytes from,
                                                 std::size_t rows_max, const Refused& refused);

/// Then enters them into the indexes, which are empty, and lets the AUTO_INCREMENT counter follow.
/// A row whose columns a unique index has already is given to `refused` and removed.
[[nodiscard]] std::optional<Buffer> restore_indexes(transaction::Writing& writing,
                                                    const BoundTable& table, Bytes from,
                                                    std::size_t rows_max, const Refused& refused);

}  // namespace amphora::relational
