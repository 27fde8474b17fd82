#include "relational/stored_row.hpp"

#include "codec/ordered_key.hpp"
#include "relational/cells.hpp"
#include "relational/conversion.hpp"
#include "relational/describe.hpp"
#include "relational/index_entry.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace amphora::relational {
namespace {

[[noreturn]] void refuse_duplicate(const BoundTable& table, const BoundIndex& index,
                                   std::span<const Cell> cells) {
    const PickedCells columns{CellRow{cells}, index.columns};
    throw Error{ErrorCode::duplicate_key,
                fmt::format("unique index {} on {} already has {}", index.definition->name,
                            table.name(), describe(table, index.columns, columns.all()))};
}

// Whether one of the rows that share prefix and hash with `entry` has the same columns too.
bool meets_in_rows(const transaction::Reading& reading, const BoundTable& table,
                   const BoundIndex& index, std::span<const Cell> cells, const IndexEntry& entry) {
    const auto cursor = reading.cursor(TreeId::relational, entry.columns_part(),
                                       codec::prefix_end(entry.columns_part()));
    Buffer scratch;
    for (cursor->seek_first(); cursor->valid(); cursor->next()) {
        const Row row = require_row(reading, table, index,
                                    primary_part(index, cursor->key(), cursor->value()), scratch);
        if (std::all_of(index.columns.begin(), index.columns.end(),
                        [&](std::uint32_t place) { return same(row.cell(place), cells[place]); })) {
            return true;
        }
    }
    return false;
}

void require_unique(const transaction::Reading& reading, const BoundTable& table,
                    const BoundIndex& index, std::span<const Cell> cells, const IndexEntry& entry) {
    bool meets = false;
    switch (entry.meeting()) {
        case IndexEntry::Meeting::never:
            return;
        case IndexEntry::Meeting::at_key: {
            Buffer scratch;
            meets = reading.find(TreeId::relational, entry.key(), scratch).has_value();
            break;
        }
        case IndexEntry::Meeting::in_rows:
            meets = meets_in_rows(reading, table, index, cells, entry);
            break;
    }
#ifndef AMPHORA_MUTANT_UNIQUE_NOT_CHECKED
    if (meets) refuse_duplicate(table, index, cells);
#else
    static_cast<void>(meets);
    static_cast<void>(&refuse_duplicate);
#endif
}

void enter(transaction::Writing& writing, const BoundTable& table, const BoundIndex& index,
           std::span<const Cell> cells, const RowKey& key, IndexEntry& entry) {
    entry.encode(index, CellRow{cells}, key.primary_part());
    require_unique(writing, table, index, cells, entry);
    writing.put(TreeId::relational, entry.key(), entry.value());
}

void leave(transaction::Writing& writing, const BoundIndex& index, const Row& row,
           const RowKey& key, IndexEntry& entry) {
    entry.encode(index, row, key.primary_part());
#ifndef AMPHORA_MUTANT_INDEX_ENTRY_NOT_REMOVED
    writing.erase(TreeId::relational, entry.key());
#endif
}

bool is_touched(const BoundIndex& index, const Row& old, std::span<const Cell> cells) {
    return !std::all_of(index.columns.begin(), index.columns.end(),
                        [&](std::uint32_t place) { return same(old.cell(place), cells[place]); });
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
        if (!moves && !is_touched(index, old, cells)) continue;
        leave(writing, index, old, old_key, entry);
        enter(writing, table, index, cells, key, entry);
    }
    // From here on `old` is gone.
    if (moves) writing.erase(TreeId::relational, old_key.bytes());
    writing.put(TreeId::relational, key.bytes(), encoded);
}

void remove(transaction::Writing& writing, const BoundTable& table, const Row& row,
            const RowKey& key) {
    IndexEntry entry;
    for (const BoundIndex& index : table.indexes()) leave(writing, index, row, key, entry);
    writing.erase(TreeId::relational, key.bytes());
}

}  // namespace amphora::relational
