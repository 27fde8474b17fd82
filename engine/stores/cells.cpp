#include "stores/cells.hpp"

#include <cstdint>

namespace amphora::stores {

std::vector<Cell> cells_of(std::span<const Value> values) {
    std::vector<Cell> cells;
    cells.reserve(values.size());
    for (const Value& value : values) cells.push_back(value.cell());
    return cells;
}

std::vector<relational::ColumnCondition> conditions_of(const relational::BoundTable& table,
                                                       const Conditions& conditions) {
    std::vector<relational::ColumnCondition> found;
    found.reserve(conditions.all().size());
    for (const Condition& condition : conditions.all()) {
        found.push_back({table.require_column(condition.column), condition.comparison,
                         cells_of(condition.values)});
    }
    return found;
}

std::vector<Cell> cells_of(const relational::BoundTable& table, const Record& row) {
    std::vector<Cell> cells(table.column_count());
    for (const Record::Field& field : row) {
        cells[table.require_column(field.first)] = field.second.cell();
    }
    return cells;
}

std::vector<relational::Assignment> assignments_of(const relational::BoundTable& table,
                                                   const Record& changes) {
    std::vector<relational::Assignment> assignments;
    assignments.reserve(changes.size());
    for (const Record::Field& field : changes) {
        assignments.push_back({table.require_column(field.first), field.second.cell()});
    }
    return assignments;
}

std::vector<relational::Assignment> assignments_of(const relational::BoundTable& table,
                                                   std::span<const Cell> cells) {
    relational::require_width(table, cells);
    std::vector<relational::Assignment> assignments;
    assignments.reserve(cells.size());
    for (std::uint32_t place = 0; place < cells.size(); ++place) {
        if (table.rule(place).now_on_update) continue;
        assignments.push_back({place, cells[place]});
    }
    return assignments;
}

}  // namespace amphora::stores
