#include "relational/scan/scan.hpp"

#include "base/assert.hpp"
#include "relational/row/index_entry.hpp"
#include "relational/row/row_key.hpp"
#include "relational/row/shared_hash.hpp"
#include "relational/row/sought_key.hpp"
#include "relational/scan/plan.hpp"
#include "relational/scan/walk.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

namespace amphora::relational {
namespace {

/// The cells of an index's columns, read by the columns' positions in the table.
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

RowScan::RowScan(std::unique_ptr<Walk> walk) noexcept : walk_{std::move(walk)} {}
RowScan::RowScan(RowScan&&) noexcept = default;
RowScan& RowScan::operator=(RowScan&&) noexcept = default;
RowScan::~RowScan() = default;

bool RowScan::next() {
    return walk_->next();
}

Row RowScan::row() const {
    return walk_->row();
}

std::string RowScan::explain() const {
    return walk_->explain();
}

RowScan scan(const transaction::Reading& reading, const BoundTable& table, const Scan& scan) {
    return RowScan{
        std::make_unique<Walk>(reading, table, plan(table, scan), scan.direction, scan.limit)};
}

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
    entry.encode(index, IndexedCells{index.columns, sought.cells()}, Bytes{});
    if (entry.meeting() == IndexEntry::Meeting::at_key) {
        Buffer part_scratch;
        const auto part = reading.find(TreeId::relational, entry.key(), part_scratch);
        if (!part) return std::nullopt;
        return require_row(reading, table, index, *part, scratch);
    }
    return find_by_columns(reading, table, index, entry, sought.cells(), scratch);
}

}  // namespace amphora::relational
