#include "relational/constraint/constraints.hpp"

#include "base/assert.hpp"
#include "catalog/definition/check.hpp"
#include "relational/constraint/children.hpp"
#include "relational/value/comparison.hpp"
#include "relational/value/describe.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace amphora::relational {
namespace {

[[noreturn]] void refuse_missing_parent(const BoundTable& table, const Parent& parent,
                                        std::span<const Cell> primary) {
    throw Error{ErrorCode::foreign_key_violation,
                fmt::format("foreign key {} of {}: {} has no row with {}", parent.reference->name,
                            table.name(), parent.table->name(),
                            describe(*parent.table, parent.table->primary().columns, primary))};
}

[[noreturn]] void refuse_null(const BoundTable& table, std::uint32_t place) {
    throw Error{ErrorCode::not_null_violation,
                fmt::format("column {} of {} is NOT NULL and was given no value",
                            table.definition().columns[place].name, table.name())};
}

}  // namespace

void require_no_null(const BoundTable& table, std::span<const std::uint32_t> places,
                     std::span<const Cell> cells) {
    for (std::size_t i = 0; i < places.size(); ++i) {
        if (cells[i].is_null() && table.rule(places[i]).not_null) refuse_null(table, places[i]);
    }
}

void require_valid(const BoundTable& table, std::span<const Cell> cells) {
    AMPHORA_ASSERT(cells.size() == table.column_count());
    for (std::uint32_t place = 0; place < cells.size(); ++place) {
        if (cells[place].is_null() && table.rule(place).not_null) refuse_null(table, place);
    }
    for (const catalog::Check& check : table.definition().checks) {
        if (!catalog::holds(check, cells)) {
            throw Error{
                ErrorCode::check_violation,
                fmt::format("check {} of {} does not hold: {}; the row is {}", check.name,
                            table.name(), check.text,
                            describe(table, table.primary().columns,
                                     PickedCells{CellRow{cells}, table.primary().columns}.all()))};
        }
    }
}

void require_free(const transaction::Reading& reading, const BoundTable& table,
                  std::span<const Cell> primary, const RowKey& key) {
    Buffer scratch;
    if (!reading.find(TreeId::relational, key.bytes(), scratch)) return;
    const std::string words = describe(table, table.primary().columns, primary);
    if (!find_row(reading, table, key, primary, scratch)) {
        throw Error{ErrorCode::value_too_large,
                    fmt::format("the primary key {} of {} is too long to be told from another one",
                                words, table.name())};
    }
    throw Error{ErrorCode::duplicate_key,
                fmt::format("table {} already has a row with {}", table.name(), words)};
}

void require_parents(const transaction::Reading& reading, const BoundTable& table,
                     std::span<const Cell> cells, const RowKey& own, const Row* old) {
    Buffer scratch;
    for (const Parent& parent : table.parents()) {
        const std::span<const std::uint32_t> places = parent.reference->places;
        const PickedCells primary{CellRow{cells}, places};
        if (std::any_of(primary.all().begin(), primary.all().end(),
                        [](const Cell& cell) { return cell.is_null(); })) {
            continue;
        }
        if (old != nullptr && same_at(places, *old, CellRow{cells})) continue;
        const RowKey key{*parent.table, primary.all()};
        if (parent.table == &table && key.bytes() == own.bytes()) {
            // The row stored under this key is this row. It refers to itself, or to another one with
            // the same prefix and hash, and then that one is not there.
            const PickedCells mine{CellRow{cells}, table.primary().columns};
            if (std::ranges::equal(mine.all(), primary.all(), same)) continue;
            refuse_missing_parent(table, parent, primary.all());
        }
        if (!find_row(reading, *parent.table, key, primary.all(), scratch)) {
            refuse_missing_parent(table, parent, primary.all());
        }
    }
}

void require_no_children(const transaction::Reading& reading, const BoundTable& table,
                         std::span<const Cell> primary, catalog::ChildStore::Referring referring) {
    const bool any = referring == catalog::ChildStore::Referring::any;
    const auto row = [&] {
        return fmt::format("{} {}", table.name(),
                           describe(table, table.primary().columns, primary));
    };
    for (const Child& child : table.children()) {
        if (!any && child.cascades()) continue;
        if (has_children(reading, child, primary)) {
            throw Error{ErrorCode::foreign_key_violation,
                        fmt::format("{} cannot go or change its key: {} still refers to it with {}",
                                    row(), child.table->name(), child.reference->name)};
        }
    }
    if (const catalog::ChildStore* collections = table.collections()) {
        if (const auto who =
                collections->find_child(reading, table.definition(), primary, referring)) {
            throw Error{
                ErrorCode::foreign_key_violation,
                fmt::format("{} cannot go or change its key: {} still refers to it", row(), *who)};
        }
    }
}

}  // namespace amphora::relational
