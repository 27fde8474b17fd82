#include "relational/row/shared_hash.hpp"

#include "codec/key/ordered_key.hpp"
#include "relational/row/row_key.hpp"
#include "relational/value/comparison.hpp"

namespace amphora::relational {
namespace {

bool has_columns(const Row& row, const BoundIndex& index, std::span<const Cell> columns) {
    for (std::size_t i = 0; i < columns.size(); ++i) {
        if (!same(row.cell(index.columns[i]), columns[i])) return false;
    }
    return true;
}

}  // namespace

std::optional<Row> find_by_columns(const transaction::Reading& reading, const BoundTable& table,
                                   const BoundIndex& index, const IndexEntry& entry,
                                   std::span<const Cell> columns, Buffer& scratch) {
    const auto cursor = reading.cursor(TreeId::relational, entry.columns_part(),
                                       codec::prefix_end(entry.columns_part()));
    for (cursor->seek_first(); cursor->valid(); cursor->next()) {
        const Bytes part = primary_part(index, cursor->key(), cursor->value());
        const Row row = require_row(reading, table, index, part, scratch);
        if (has_columns(row, index, columns)) return row;
    }
    return std::nullopt;
}

}  // namespace amphora::relational
