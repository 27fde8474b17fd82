#pragma once

#include "relational/row/index_entry.hpp"
#include "relational/row/row.hpp"
#include "transaction/reading.hpp"

#include <amphora/cell.hpp>

#include <optional>
#include <span>

namespace amphora::relational {

/// Among the rows whose long columns share prefix and hash with `entry`, the one whose columns are
/// `columns`, in the index's order. The hash alone never decides, because it does not resist
/// someone who searches for collisions.
[[nodiscard]] std::optional<Row> find_by_columns(const transaction::Reading& reading,
                                                 const BoundTable& table, const BoundIndex& index,
                                                 const IndexEntry& entry,
                                                 std::span<const Cell> columns, Buffer& scratch);

}  // namespace amphora::relational
