#pragma once

#include "relational/table/tables.hpp"
#include "transaction/reading.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

/// Makes a table consistent whose rows were recovered one by one from a damaged one.
namespace amphora::relational {

/// Called with a row that cannot stay, and the reason.
using Refused = std::function<void(Bytes key, Bytes value, const std::string& why)>;

/// Tests rows, from the key `from` on (empty: from the first), against all constraints of the
/// table, except its indexes. A row that does not hold is passed to `refused` and removed. Ends
/// after `rows_max` rows; returns the key to continue from, or none at the end.
///
/// Tables are restored in the order of their declaration, parents first. A table that refers to
/// itself is restored again until nothing more is refused.
[[nodiscard]] std::optional<Buffer> rebuild_rows(transaction::Writing& writing,
                                                 const BoundTable& table, Bytes from,
                                                 std::size_t rows_max, const Refused& refused);

/// Then adds the rows to the indexes, which are empty, and raises the AUTO_INCREMENT counter. A row
/// whose columns a unique index already has is passed to `refused` and removed.
[[nodiscard]] std::optional<Buffer> rebuild_indexes(transaction::Writing& writing,
                                                    const BoundTable& table, Bytes from,
                                                    std::size_t rows_max, const Refused& refused);

}  // namespace amphora::relational
