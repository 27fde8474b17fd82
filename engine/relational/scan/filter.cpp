#include "relational/scan/filter.hpp"

#include "relational/value/describe.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace amphora::relational {
namespace {

using Relation = Comparand::Relation;

void require_count(const BoundTable& table, const ColumnCondition& condition) {
    const std::size_t given = condition.cells.size();
    bool right = given == 1;
    if (condition.comparison == Comparison::in) right = true;
    if (condition.comparison == Comparison::is_null ||
        condition.comparison == Comparison::is_not_null) {
        right = given == 0;
    }
    if (!right) {
        throw Error{
            ErrorCode::invalid_argument,
            fmt::format("a condition on column {} of {} has {} values",
                        table.definition().columns[condition.column].name, table.name(), given)};
    }
}

}  // namespace

bool Filter::holds(const Row& row) const {
    const Cell cell = row.cell(column);
    if (comparison == Comparison::is_null) return cell.is_null();
    if (cell.is_null()) return false;
    switch (comparison) {
        case Comparison::equal:
            return compare(cell, comparands[0].cell) == 0;
        case Comparison::not_equal:
            return compare(cell, comparands[0].cell) != 0;
        case Comparison::less:
            return compare(cell, comparands[0].cell) < 0;
        case Comparison::less_equal:
            return compare(cell, comparands[0].cell) <= 0;
        case Comparison::greater:
            return compare(cell, comparands[0].cell) > 0;
        case Comparison::greater_equal:
            return compare(cell, comparands[0].cell) >= 0;
        case Comparison::in:
            return std::any_of(comparands.begin(), comparands.end(),
                               [&](const Comparand& one) { return compare(cell, one.cell) == 0; });
        case Comparison::is_null:
        case Comparison::is_not_null:
            return true;
    }
    return false;
}

Filters::Filters(const BoundTable& table, const std::vector<ColumnCondition>& conditions) {
    for (const ColumnCondition& condition : conditions) {
        if (condition.column >= table.column_count()) {
            throw Error{ErrorCode::no_such_column,
                        fmt::format("table {} has {} columns and none at place {}", table.name(),
                                    table.column_count(), condition.column)};
        }
        require_count(table, condition);
        add(table, condition);
    }
}

void Filters::add(const BoundTable& table, const ColumnCondition& condition) {
    Filter filter{condition.column, condition.comparison, {}};
    for (const Cell& cell : condition.cells) {
        // A comparison with NULL never holds; in a list NULL is left out.
        const auto understood = understand(table, condition.column, cell);
        if (understood) filter.comparands.push_back(*understood);
    }
    switch (condition.comparison) {
        case Comparison::equal:
        case Comparison::in: {
            std::erase_if(filter.comparands,
                          [](const Comparand& one) { return one.relation != Relation::equals; });
            if (filter.comparands.empty()) may_hold_ = false;
            const auto below = [](const Comparand& left, const Comparand& right) {
                return compare(left.cell, right.cell) < 0;
            };
            std::sort(filter.comparands.begin(), filter.comparands.end(), below);
            const auto doubles = std::unique(
                filter.comparands.begin(), filter.comparands.end(),
                [&](const Comparand& left, const Comparand& right) { return !below(left, right); });
            filter.comparands.erase(doubles, filter.comparands.end());
            break;
        }
        case Comparison::not_equal:
            if (filter.comparands.empty()) {
                may_hold_ = false;
            } else if (filter.comparands[0].relation != Relation::equals) {
                filter = {condition.column, Comparison::is_not_null, {}};
            }
            break;
        case Comparison::less:
        case Comparison::less_equal:
        case Comparison::greater:
        case Comparison::greater_equal:
            if (filter.comparands.empty()) {
                may_hold_ = false;
            } else if (filter.comparands[0].relation == Relation::apart) {
                const catalog::Column& column = table.definition().columns[condition.column];
                throw Error{
                    ErrorCode::type_mismatch,
                    fmt::format("column {} of {} has no place in its order for {}", column.name,
                                table.name(), describe(condition.cells[0], column.type))};
            }
            break;
        case Comparison::is_null:
        case Comparison::is_not_null:
            break;
    }
    all_.push_back(std::move(filter));
}

std::optional<Comparand> Filters::understand(const BoundTable& table, std::uint32_t column,
                                             const Cell& cell) {
    if (cell.is_null()) return std::nullopt;
    if (cell.is_absent()) {
        throw Error{ErrorCode::invalid_argument,
                    fmt::format("a condition on column {} of {} has no value",
                                table.definition().columns[column].name, table.name())};
    }
    Conversion conversion{table.definition(), 0};
    Comparand result = comparand(table.definition(), column, cell, conversion);
    if (result.cell.kind() == Cell::Kind::text) {
        result.cell = Cell::of(std::string_view{texts_.emplace_front(result.cell.text())});
    } else if (result.cell.kind() == Cell::Kind::blob) {
        result.cell = Cell::blob(texts_.emplace_front(result.cell.text()));
    }
    return result;
}

}  // namespace amphora::relational
