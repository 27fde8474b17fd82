#include "relational/statement.hpp"

#include "relational/constraint/constraints.hpp"
#include "relational/row/cells.hpp"
#include "relational/row/sought_key.hpp"
#include "relational/row/stored_row.hpp"
#include "relational/table/counter.hpp"
#include "relational/value/comparison.hpp"
#include "relational/value/conversion.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <deque>

namespace amphora::relational {
namespace {

using transaction::atomically;
using transaction::Writing;

/// Whether the composed row replaces another one.
enum class Purpose : std::uint8_t { adding, replacing };

/// Makes the cells that are stored from the cells that were given.
class Composition {
  public:
    Composition(Writing& writing, const BoundTable& table)
        : writing_{writing},
          table_{table},
          conversion_{table.definition(), writing.now_us()},
          cells_{table.column_count()} {}

    void set(std::uint32_t place, const Cell& given, Purpose purpose) {
        if (asks_for_number(table_, place, given)) {
            cells_[place] = Cell::of(take_next_number(writing_, table_));
            return;
        }
        cells_[place] = given.is_absent() ? default_of(place, purpose) : conversion_(place, given);
        if (place == table_.numbered_column() && !cells_[place].is_null()) {
            follow_number(writing_, table_, cells_[place].integer());
        }
    }
    void keep(std::uint32_t place, const Cell& stored) { cells_[place] = stored; }

    /// Sets ON UPDATE NOW() columns that were not given, or that were given the stored moment: a
    /// program that reads a whole row, changes it and writes it back does that.
    void touch(const Row& old) {
        for (std::uint32_t place = 0; place < cells_.size(); ++place) {
            if (table_.rule(place).now_on_update && same(cells_[place], old.cell(place))) {
                cells_[place] = Cell::of(DateTime{writing_.now_us()});
            }
        }
    }

    /// Whether NULL, 0 or nothing was given for an AUTO_INCREMENT column, which then takes the next
    /// number.
    [[nodiscard]] static bool asks_for_number(const BoundTable& table, std::uint32_t place,
                                              const Cell& given) noexcept {
        return place == table.numbered_column() &&
               (given.is_absent() || given.is_null() ||
                (given.kind() == Cell::Kind::integer && given.integer() == auto_increment));
    }

    [[nodiscard]] std::span<const Cell> cells() const noexcept { return cells_.all(); }
    [[nodiscard]] CellRow row() const noexcept { return CellRow{cells_.all()}; }

    [[nodiscard]] Buffer encode() const {
        Buffer encoded;
        codec::encode_row(table_.layout(), cells_.all(), encoded);
        return encoded;
    }

  private:
    [[nodiscard]] Cell default_of(std::uint32_t place, Purpose purpose) const {
        const ColumnRule& rule = table_.rule(place);
        const Cell moment = Cell::of(DateTime{writing_.now_us()});
        if (rule.now_on_update && purpose == Purpose::replacing) return moment;
        switch (rule.absent) {
            case ColumnRule::Absent::value:
                return rule.value;
            case ColumnRule::Absent::now:
                return moment;
            case ColumnRule::Absent::null:
            case ColumnRule::Absent::next_number:
                break;
        }
        return Cell::null();
    }

    Writing& writing_;
    const BoundTable& table_;
    Conversion conversion_;
    RowCells cells_;
};

OwnedRow add(Writing& writing, const BoundTable& table, const Composition& composition) {
    require_valid(table, composition.cells());
    const PickedCells primary{composition.row(), table.primary().columns};
    const RowKey key{table, primary.all()};
    require_free(writing, table, primary.all(), key);
    require_parents(writing, table, composition.cells(), key, nullptr);
    Buffer encoded = composition.encode();
    store_new(writing, table, composition.cells(), key, encoded);
    return OwnedRow{table, std::move(encoded)};
}

OwnedRow replace(Writing& writing, const BoundTable& table, Composition& composition,
                 const Row& old, const RowKey& old_key) {
    composition.touch(old);
    require_valid(table, composition.cells());
    const PickedCells primary{composition.row(), table.primary().columns};
    const RowKey key{table, primary.all()};
    const bool moves = key.bytes() != old_key.bytes();
    // Two long primary keys may have one key.
    const bool is_renamed =
        moves || (key.is_limited() && !same_at(table.primary().columns, old, composition.row()));
    if (moves) require_free(writing, table, primary.all(), key);
    require_parents(writing, table, composition.cells(), key, &old);
    Buffer encoded = composition.encode();
    // Outlives `old`, whose memory becomes invalid when its key is written.
    std::optional<OwnedRow> renamed;
    if (is_renamed) renamed.emplace(table, Buffer{old.bytes()});
    store_over(writing, table, old, old_key, composition.cells(), key, encoded);
    if (renamed) {
        // Only now, so that a row that refers to itself can change its key together with its
        // reference.
        const PickedCells left{*renamed, table.primary().columns};
        require_no_children(writing, table, left.all(), catalog::ChildStore::Referring::any);
    }
    return OwnedRow{table, std::move(encoded)};
}

}  // namespace

void require_width(const BoundTable& table, std::span<const Cell> cells) {
    if (cells.size() == table.column_count()) return;
    throw Error{ErrorCode::schema_mismatch,
                fmt::format("table {} has {} columns, the row has {}; was the program built with "
                            "the schema that is stored?",
                            table.name(), table.column_count(), cells.size())};
}

OwnedRow insert(Writing& writing, const BoundTable& table, std::span<const Cell> cells) {
    require_width(table, cells);
    return atomically(writing, [&] {
        Composition composition{writing, table};
        for (std::uint32_t place = 0; place < cells.size(); ++place) {
            composition.set(place, cells[place], Purpose::adding);
        }
        return add(writing, table, composition);
    });
}

void insert_together(Writing& writing, const BoundTable& table,
                     std::span<const std::vector<Cell>> rows) {
    for (const std::vector<Cell>& cells : rows) require_width(table, cells);
    atomically(writing, [&] {
        std::deque<Composition> compositions;
        for (const std::vector<Cell>& cells : rows) {
            Composition& composition = compositions.emplace_back(writing, table);
            for (std::uint32_t place = 0; place < cells.size(); ++place) {
                composition.set(place, cells[place], Purpose::adding);
            }
            require_valid(table, composition.cells());
            const PickedCells primary{composition.row(), table.primary().columns};
            const RowKey key{table, primary.all()};
            require_free(writing, table, primary.all(), key);
            store_new(writing, table, composition.cells(), key, composition.encode());
        }
        for (const Composition& composition : compositions) {
            const PickedCells primary{composition.row(), table.primary().columns};
            require_parents(writing, table, composition.cells(), RowKey{table, primary.all()},
                            nullptr);
        }
    });
}

OwnedRow put(Writing& writing, const BoundTable& table, std::span<const Cell> cells) {
    require_width(table, cells);
    const std::span<const std::uint32_t> places = table.primary().columns;
    const bool is_new = std::any_of(places.begin(), places.end(), [&](std::uint32_t place) {
        return Composition::asks_for_number(table, place, cells[place]);
    });
    if (is_new) return insert(writing, table, cells);

    return atomically(writing, [&] {
        // The primary key first: whether the row exists decides what absent cells become.
        Composition composition{writing, table};
        for (const std::uint32_t place : places) {
            composition.set(place, cells[place], Purpose::adding);
        }
        const PickedCells primary{composition.row(), places};
        require_no_null(table, places, primary.all());
        const RowKey key{table, primary.all()};
        Buffer scratch;
        const std::optional<Row> old = find_row(writing, table, key, primary.all(), scratch);
        const Purpose purpose = old ? Purpose::replacing : Purpose::adding;
        for (std::uint32_t place = 0; place < cells.size(); ++place) {
            if (std::find(places.begin(), places.end(), place) != places.end()) continue;
            composition.set(place, cells[place], purpose);
        }
        return old ? replace(writing, table, composition, *old, key)
                   : add(writing, table, composition);
    });
}

std::optional<OwnedRow> update(Writing& writing, const BoundTable& table,
                               std::span<const Cell> key_cells,
                               std::span<const Assignment> assignments) {
    const SoughtKey sought{table, table.primary().columns, key_cells};
    return atomically(writing, [&]() -> std::optional<OwnedRow> {
        if (!sought.may_exist()) return std::nullopt;
        const RowKey key{table, sought.cells()};
        Buffer scratch;
        const std::optional<Row> old = find_row(writing, table, key, sought.cells(), scratch);
        if (!old) return std::nullopt;

        Composition composition{writing, table};
        for (std::uint32_t place = 0; place < table.column_count(); ++place) {
            composition.keep(place, old->cell(place));
        }
        for (const Assignment& assignment : assignments) {
            if (assignment.column >= table.column_count()) {
                throw Error{ErrorCode::no_such_column,
                            fmt::format("table {} has {} columns and none at place {}",
                                        table.name(), table.column_count(), assignment.column)};
            }
            composition.set(assignment.column, assignment.cell, Purpose::replacing);
        }
        return replace(writing, table, composition, *old, key);
    });
}

}  // namespace amphora::relational
