#include "relational/index_entry.hpp"
#include "relational/row_key.hpp"
#include "relational/scan.hpp"
#include "relational/sought_key.hpp"

#include "base/assert.hpp"
#include "codec/ordered_key.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

namespace amphora::relational {
namespace {

/// The columns of an index by place, where only they are at hand.
class IndexedCells {
  public:
    IndexedCells(std::span<const std::uint32_t> places, std::span<const Cell> cells) noexcept
        : places_{places}, cells_{cells} {}
    [[nodiscard]] const Cell& cell(std::uint32_t place) const noexcept {
        std::size_t i = 0;
        while (places_[i] != place) ++i;
        return cells_[i];
    }

  private:
    std::span<const std::uint32_t> places_;
    std::span<const Cell> cells_;
};

}  // namespace

std::optional<Row> find(const transaction::Reading& reading, const BoundTable& table,
                        std::span<const Cell> key, Buffer& scratch) {
    const SoughtKey sought{table, table.primary().columns, key};
    if (!sought.may_exist()) return std::nullopt;
    return find_row(reading, table, RowKey{table, sought.cells()}, sought.cells(), scratch);
}

std::optional<Row> find_by(const transaction::Reading& reading, const BoundTable& table,
                           const BoundIndex& index, std::span<const Cell> values, Buffer& scratch) {
    if (!index.unique) {
        throw Error{ErrorCode::invalid_argument,
                    fmt::format("index {} on {} is not unique: scan it", index.definition->name,
                                table.name())};
    }
    if (index.definition == nullptr) return find(reading, table, values, scratch);

    const SoughtKey sought{table, index.columns, values};
    if (!sought.may_exist()) return std::nullopt;
    IndexEntry entry;
    const IndexedCells columns{index.columns, sought.cells()};
    entry.encode(index, columns, Bytes{});
    if (entry.meeting() == IndexEntry::Meeting::at_key) {
        Buffer part_scratch;
        const auto part = reading.find(TreeId::relational, entry.key(), part_scratch);
        if (!part) return std::nullopt;
        return require_row(reading, table, index, *part, scratch);
    }
    // Beyond the limit: the rows tell which of those with this prefix and hash it is.
    const auto cursor = reading.cursor(TreeId::relational, entry.columns_part(),
                                       codec::prefix_end(entry.columns_part()));
    for (cursor->seek_first(); cursor->valid(); cursor->next()) {
        const Row row = require_row(reading, table, index,
                                    primary_part(index, cursor->key(), cursor->value()), scratch);
        bool is_it = true;
        for (const std::uint32_t place : index.columns) {
            is_it = is_it && same(row.cell(place), columns.cell(place));
        }
        if (is_it) return row;
    }
    return std::nullopt;
}

}  // namespace amphora::relational
