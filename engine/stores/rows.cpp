#include "stores/rows.hpp"

#include "relational/row/cells.hpp"
#include "relational/statement.hpp"
#include "stores/cells.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

namespace amphora::stores {

using relational::BoundTable;
using relational::OwnedRow;
using transaction::Reading;
using transaction::Writing;

std::optional<relational::Row> find(const Reading& reading, const BoundSchema& schema,
                                    const Table& table, std::span<const Cell> key,
                                    Buffer& scratch) {
    return relational::find(reading, schema.require(table), key, scratch);
}

std::optional<relational::Row> find(const Reading& reading, const BoundSchema& schema,
                                    const UniqueIndex& index, std::span<const Cell> key,
                                    Buffer& scratch) {
    const BoundTable& table = schema.require(index.table);
    return relational::find_by(reading, table, table.require_index(index.name), key, scratch);
}

relational::RowScan scan(const Reading& reading, const BoundSchema& schema, const Table& table,
                         const Conditions& conditions, const ScanOptions& options) {
    const BoundTable& bound = schema.require(table);
    relational::Scan wanted;
    wanted.conditions = conditions_of(bound, conditions);
    if (!options.index.empty()) wanted.index = &bound.require_index(options.index);
    wanted.direction = options.direction;
    wanted.limit = options.limit;
    return relational::scan(reading, bound, wanted);
}

OwnedRow insert(Writing& writing, const BoundSchema& schema, const Table& table,
                std::span<const Cell> cells) {
    return relational::insert(writing, schema.require(table), cells);
}

OwnedRow insert(Writing& writing, const BoundSchema& schema, const Table& table,
                const Record& row) {
    const BoundTable& bound = schema.require(table);
    return relational::insert(writing, bound, cells_of(bound, row));
}

void insert_together(Writing& writing, const BoundSchema& schema, const Table& table,
                     std::span<const std::vector<Cell>> rows) {
    relational::insert_together(writing, schema.require(table), rows);
}

OwnedRow put(Writing& writing, const BoundSchema& schema, const Table& table,
             std::span<const Cell> cells) {
    return relational::put(writing, schema.require(table), cells);
}

OwnedRow put(Writing& writing, const BoundSchema& schema, const Table& table, const Record& row) {
    const BoundTable& bound = schema.require(table);
    return relational::put(writing, bound, cells_of(bound, row));
}

bool update(Writing& writing, const BoundSchema& schema, const Table& table,
            std::span<const Cell> key, const Record& changes) {
    const BoundTable& bound = schema.require(table);
    return relational::update(writing, bound, key, assignments_of(bound, changes)).has_value();
}

bool replace(Writing& writing, const BoundSchema& schema, const Table& table,
             std::span<const Cell> cells) {
    const BoundTable& bound = schema.require(table);
    const std::vector<relational::Assignment> assignments = assignments_of(bound, cells);
    const relational::PickedCells key{relational::CellRow{cells}, bound.primary().columns};
    return relational::update(writing, bound, key.all(), assignments).has_value();
}

bool replace(Writing& writing, const BoundSchema& schema, const Table& table,
             std::span<const Cell> key, std::span<const Cell> cells) {
    const BoundTable& bound = schema.require(table);
    return relational::update(writing, bound, key, assignments_of(bound, cells)).has_value();
}

bool replace(Writing& writing, const BoundSchema& schema, const Table& table, const Record& row) {
    const BoundTable& bound = schema.require(table);
    const std::vector<Cell> cells = cells_of(bound, row);
    for (const std::uint32_t place : bound.primary().columns) {
        if (!cells[place].is_absent()) continue;
        throw Error{ErrorCode::invalid_argument,
                    fmt::format("replacing a row of {} needs its primary key: give a value for the "
                                "column {}",
                                bound.name(), bound.definition().columns[place].name)};
    }
    return replace(writing, schema, table, cells);
}

bool erase(Writing& writing, const BoundSchema& schema, const Table& table,
           std::span<const Cell> key) {
    return relational::erase(writing, schema.require(table), key);
}

}  // namespace amphora::stores
