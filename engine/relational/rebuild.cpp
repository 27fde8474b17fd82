#include "relational/rebuild.hpp"

#include "codec/key/ordered_key.hpp"
#include "codec/key/writer.hpp"
#include "relational/check.hpp"
#include "relational/row/cells.hpp"
#include "relational/row/row_key.hpp"
#include "relational/row/stored_row.hpp"
#include "relational/table/counter.hpp"
#include "transaction/each_entry.hpp"

#include <amphora/error.hpp>

#include <algorithm>

namespace amphora::relational {

namespace {

void refuse(transaction::Writing& writing, Bytes key, Bytes value, const std::string& why,
            const Refused& refused) {
    refused(key, value, why);
    writing.erase(TreeId::relational, Buffer{key});
}

}  // namespace

std::optional<Buffer> rebuild_rows(transaction::Writing& writing, const BoundTable& table,
                                   Bytes from, std::size_t rows_max, const Refused& refused) {
    return transaction::each_entry(
        writing, TreeId::relational, table.definition().space, from, rows_max,
        [&](Bytes key, Bytes value) {
            if (const auto fault = find_fault(writing, table, key, value)) {
                refuse(writing, key, value, *fault, refused);
            }
        });
}

std::optional<Buffer> rebuild_indexes(transaction::Writing& writing, const BoundTable& table,
                                      Bytes from, std::size_t rows_max, const Refused& refused) {
    std::int64_t highest = 0;
    auto next = transaction::each_entry(
        writing, TreeId::relational, table.definition().space, from, rows_max,
        [&](Bytes key, Bytes value) {
            const Row row{table, value};
            RowCells cells{table.column_count()};
            for (std::uint32_t place = 0; place < cells.size(); ++place) {
                cells[place] = row.cell(place);
            }
            const RowKey own{table, key.substr(codec::key_space_bytes)};
            try {
                transaction::atomically(writing, [&] {
                    for (const BoundIndex& index : table.indexes()) {
                        enter(writing, table, index, cells.all(), own);
                    }
                });
            } catch (const Error& error) {
                if (error.code() != ErrorCode::duplicate_key) throw;
                refuse(writing, key, value, error.what(), refused);
                return;
            }
            if (const auto place = table.numbered_column(); place && !cells[*place].is_null()) {
                highest = std::max(highest, cells[*place].integer());
            }
        });
    if (highest > 0) follow_number(writing, table, highest);
    return next;
}

}  // namespace amphora::relational
