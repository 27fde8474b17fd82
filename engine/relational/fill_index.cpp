#include "codec/key_writer.hpp"
#include "codec/ordered_key.hpp"
#include "relational/cells.hpp"
#include "relational/describe.hpp"
#include "relational/row_key.hpp"
#include "relational/statement.hpp"
#include "relational/stored_row.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

namespace amphora::relational {

void fill_index(transaction::Writing& writing, const BoundTable& table, const BoundIndex& index) {
    transaction::Statement statement{writing};
    const codec::KeyWriter all{table.definition().space};
    const auto cursor =
        writing.cursor(TreeId::relational, all.bytes(), codec::prefix_end(all.bytes()));
    for (cursor->seek_first(); cursor->valid(); cursor->next()) {
        const Row row{table, cursor->value()};
        RowCells cells{table.column_count()};
        for (std::uint32_t place = 0; place < cells.size(); ++place) cells[place] = row.cell(place);
        try {
            enter(writing, table, index, cells.all(),
                  RowKey{table, cursor->key().substr(codec::key_space_bytes)});
        } catch (const Error& error) {
            if (error.code() != ErrorCode::duplicate_key) throw;
            const PickedCells primary{row, table.primary().columns};
            throw Error{error.code(),
                        fmt::format("{}; the row with {} has the same", error.what(),
                                    describe(table, table.primary().columns, primary.all()))};
        }
    }
    statement.succeed();
}

}  // namespace amphora::relational
