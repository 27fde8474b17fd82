#include "relational/constraint/parent_rows.hpp"

#include "catalog/definition/primary_key.hpp"
#include "relational/row/row_key.hpp"

namespace amphora::relational {

bool ParentRows::has_row(const transaction::Reading& reading, const catalog::Table& parent,
                         std::span<const Cell> parent_key) const {
    Buffer key;
    Buffer scratch;
    catalog::encode_row_key(parent, parent_key, key);
    if (!catalog::is_limited_row_key(key)) {
        return reading.find(TreeId::relational, key, scratch).has_value();
    }
    // Rare, so the table is bound only to compare this row.
    const BoundTable table{parent, nullptr};
    return find_row(reading, table, RowKey{table, parent_key}, parent_key, scratch).has_value();
}

}  // namespace amphora::relational
