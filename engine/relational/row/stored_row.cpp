#include "relational/row/stored_row.hpp"

#include "codec/key/ordered_key.hpp"
#include "codec/key/writer.hpp"
#include "relational/row/cells.hpp"
#include "relational/row/index_entry.hpp"
#include "relational/row/row_key.hpp"
#include "relational/row/shared_hash.hpp"
#include "relational/value/comparison.hpp"
#include "relational/value/describe.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

namespace amphora::relational {
namespace {

[[noreturn]] void refuse_duplicate(const BoundTable& table, const BoundIndex& index,
                                   std::span<const Cell> cells) {
    const PickedCells columns{CellRow{cells}, index.columns};
    throw Error{ErrorCode::duplicate_key,
                fmt::format("unique index {} on {} already has {}", index.definition->name,
                            table.name(), describe(table, index.columns, columns.all()))};
}

bool is_taken(const transaction::Reading& reading, const BoundTable& table, const BoundIndex& index,
              std::span<const Cell> cells, const IndexEntry& entry) {
    Buffer scratch;
    switch (entry.meeting()) {
        case IndexEntry::Meeting::never:
            return false;
        case IndexEntry::Meeting::at_key:
            return reading.find(TreeId::relational, entry.key(), scratch).has_value();
        case IndexEntry::Meeting::in_rows:
            break;
    }
    const PickedCells columns{CellRow{cells}, index.columns};
    return find_by_columns(reading, table, index, entry, columns.all(), scratch).has_value();
}

void enter(transaction::Writing& writing, const BoundTable& table, const BoundIndex& index,
           std::span<const Cell> cells, const RowKey& key, IndexEntry& entry) {
    entry.encode(index, CellRow{cells}, key.primary_part());
    if (is_taken(writing, table, index, cells, entry)) refuse_duplicate(table, index, cells);
    writing.put(TreeId::relational, entry.key(), entry.value());
}

void leave(transaction::Writing& writing, const BoundIndex& index, const Row& row,
           const RowKey& key, IndexEntry& entry) {
    entry.encode(index, row, key.primary_part());
    writing.erase(TreeId::relational, entry.key());
}

/// What the commit record keeps of a row that is erased. A limited key does not name the row, so
/// the record must.
transaction::KeptState state_to_keep(const Row& row, const RowKey& key) {
    if (!row.table().definition().keeps_before && !key.is_limited()) return std::nullopt;
    return row.bytes();
}

}  // namespace

void enter(transaction::Writing& writing, const BoundTable& table, const BoundIndex& index,
           std::span<const Cell> cells, const RowKey& key) {
    IndexEntry entry;
    enter(writing, table, index, cells, key, entry);
}

void store_new(transaction::Writing& writing, const BoundTable& table, std::span<const Cell> cells,
               const RowKey& key, Bytes encoded) {
    IndexEntry entry;
    for (const BoundIndex& index : table.indexes()) {
        enter(writing, table, index, cells, key, entry);
    }
    writing.put(TreeId::relational, key.bytes(), encoded);
}

void store_over(transaction::Writing& writing, const BoundTable& table, const Row& old,
                const RowKey& old_key, std::span<const Cell> cells, const RowKey& key,
                Bytes encoded) {
    const bool moves = old_key.bytes() != key.bytes();
    IndexEntry entry;
    for (const BoundIndex& index : table.indexes()) {
        if (!moves && same_at(index.columns, old, CellRow{cells})) continue;
        leave(writing, index, old, old_key, entry);
        enter(writing, table, index, cells, key, entry);
    }
    if (moves) {
        writing.erase(TreeId::relational, old_key.bytes(), state_to_keep(old, old_key));
        writing.put(TreeId::relational, key.bytes(), encoded);
        return;
    }
    // Two long primary keys may have one key: the record then needs the row to name the old one.
    const bool is_renamed =
        key.is_limited() && !same_at(table.primary().columns, old, CellRow{cells});
    const bool keeps = table.definition().keeps_before || is_renamed;
    writing.put_over(TreeId::relational, key.bytes(), encoded,
                     keeps ? transaction::KeptState{old.bytes()} : std::nullopt);
}

void remove(transaction::Writing& writing, const BoundTable& table, const Row& row,
            const RowKey& key) {
    IndexEntry entry;
    for (const BoundIndex& index : table.indexes()) leave(writing, index, row, key, entry);
    writing.erase(TreeId::relational, key.bytes(), state_to_keep(row, key));
}

void fill_index(transaction::Writing& writing, const BoundTable& table, const BoundIndex& index) {
    transaction::atomically(writing, [&] {
        const codec::KeyWriter all{table.definition().space};
        const auto cursor =
            writing.cursor(TreeId::relational, all.bytes(), codec::prefix_end(all.bytes()));
        for (cursor->seek_first(); cursor->valid(); cursor->next()) {
            const Row row{table, cursor->value()};
            RowCells cells{table.column_count()};
            for (std::uint32_t place = 0; place < cells.size(); ++place) {
                cells[place] = row.cell(place);
            }
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
    });
}

}  // namespace amphora::relational
