#include "relational/constraint/row_verification.hpp"

#include "codec/key/ordered_key.hpp"
#include "codec/key/writer.hpp"
#include "relational/constraint/constraints.hpp"
#include "relational/row/cells.hpp"
#include "relational/row/row_key.hpp"
#include "relational/value/describe.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

namespace amphora::relational {

namespace {

std::unique_ptr<transaction::Cursor> rows_of(const transaction::Reading& reading,
                                             const BoundTable& table) {
    const codec::KeyWriter all{table.definition().space};
    return reading.cursor(TreeId::relational, all.bytes(), codec::prefix_end(all.bytes()));
}

std::string describe_key(const BoundTable& table, const Row& row) {
    const PickedCells primary{row, table.primary().columns};
    return describe(table, table.primary().columns, primary.all());
}

}  // namespace

std::optional<std::string> find_first_row(const transaction::Reading& reading,
                                          const BoundTable& table) {
    const auto cursor = rows_of(reading, table);
    cursor->seek_first();
    if (!cursor->valid()) return std::nullopt;
    return describe_key(table, Row{table, cursor->value()});
}

void require_rows_valid(const transaction::Reading& reading, const BoundTable& table) {
    const auto cursor = rows_of(reading, table);
    for (cursor->seek_first(); cursor->valid(); cursor->next()) {
        const Row row{table, cursor->value()};
        RowCells cells{table.column_count()};
        for (std::uint32_t place = 0; place < cells.size(); ++place) cells[place] = row.cell(place);
        try {
            require_valid(table, cells.all());
            require_parents(reading, table, cells.all(),
                            RowKey{table, cursor->key().substr(codec::key_space_bytes)}, nullptr);
        } catch (const Error& error) {
            // The message of a CHECK already names the row.
            if (error.code() == ErrorCode::check_violation) throw;
            throw Error{error.code(), fmt::format("{}; in the row with {}", error.what(),
                                                  describe_key(table, row))};
        }
    }
}

}  // namespace amphora::relational
