#include "relational/rebuild.hpp"

#include "codec/key/ordered_key.hpp"
#include "codec/key/writer.hpp"
#include "relational/check.hpp"
#include "relational/row/cells.hpp"
#include "relational/row/row_key.hpp"
#include "relational/row/stored_row.hpp"
#include "relational/table/counter.hpp"

#include <amphora/error.hpp>

#include <algorithm>

namespace amphora::relational {

namespace {

/// Calls `visit(key, value)` for at most `rows_max` rows; returns the key to continue from.
template <class Visit>
std::optional<Buffer> each_row(const transaction::Writing& writing, const BoundTable& table,
                               Bytes from, std::size_t rows_max, Visit visit) {
    const codec::KeyWriter all{table.definition().space};
    const auto cursor =
        writing.cursor(TreeId::relational, all.bytes(), codec::prefix_end(all.bytes()));
    std::size_t rows = 0;
    for (cursor->seek(from.empty() ? all.bytes() : from); cursor->valid(); cursor->next()) {
        if (rows++ == rows_max) return Buffer{cursor->key()};
        visit(cursor->key(), cursor->value());
    }
    return std::nullopt;
}

void refuse(transaction::Writing& writing, Bytes key, Bytes value, const std::string& why,
            const Refused& refused) {
    refused(key, value, why);
    writing.erase(TreeId::relational, Buffer{key});
}

}  // namespace

std::optional<Buffer> rebuild_rows(transaction::Writing& writing, const BoundTable& table,
                                   Bytes from, std::size_t rows_max, const Refused& refused) {
    return each_row(writing, table, from, rows_max, [&](Bytes key, Bytes value) {
        if (const auto fault = find_fault(writing, table, key, value)) {
            refuse(writing, key, value, *fault, refused);
        }
    });
}

std::optional<Buffer> rebuild_indexes(transaction::Writing& writing, const BoundTable& table,
                                      Bytes from, std::size_t rows_max, const Refused& refused) {
    std::int64_t highest = 0;
    auto next = each_row(writing, table, from, rows_max, [&](Bytes key, Bytes value) {
        const Row row{table, value};
        RowCells cells{table.column_count()};
        for (std::uint32_t place = 0; place < cells.size(); ++place) cells[place] = row.cell(place);
        const RowKey own{table, key.substr(codec::key_space_bytes)};
        try {
            transaction::Statement statement{writing};
            for (const BoundIndex& index : table.indexes()) {
                enter(writing, table, index, cells.all(), own);
            }
            statement.succeed();
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
