#include "relational/constraint/children.hpp"
#include "relational/constraint/constraints.hpp"
#include "relational/row/sought_key.hpp"
#include "relational/row/stored_row.hpp"
#include "relational/statement.hpp"

#include <vector>

/// Erasing: first every row of the cascade is erased, then the test whether something still refers
/// to one of them. So the result does not depend on the order in which the cascade is walked, and a
/// row may be referred to by rows that are erased with it. A row is erased before its children are
/// searched, which ends cycles.
namespace amphora::relational {
namespace {

using transaction::atomically;
using transaction::Writing;

class Cascade {
  public:
    explicit Cascade(Writing& writing) : writing_{writing} {}

    /// `row` is in memory that is valid until its key is written.
    void erase(const BoundTable& table, const Row& row) {
        const PickedCells primary{row, table.primary().columns};
        const RowKey key{table, primary.all()};
        const bool has_followers = !table.children().empty() || table.collections() != nullptr;
        if (has_followers) gone_.emplace_back(table, Buffer{row.bytes()});
        remove(writing_, table, row, key);
    }

    /// A list instead of recursion: a chain of children may be as long as the transaction is large.
    void follow() {
        for (std::size_t i = 0; i < gone_.size(); ++i) {
            const OwnedRow parent = gone_[i];
            const BoundTable& table = parent.row().table();
            const PickedCells primary{parent, table.primary().columns};
            for (const Child& child : table.children()) {
                if (child.cascades()) erase_children(child, primary.all());
            }
            if (table.collections() != nullptr) {
                table.collections()->erase_children(writing_, table.definition(), primary.all());
            }
        }
    }

    void require_nothing_left() const {
        for (const OwnedRow& row : gone_) {
            const BoundTable& table = row.row().table();
            const PickedCells primary{row, table.primary().columns};
            require_no_children(writing_, table, primary.all(),
                                catalog::ChildStore::Referring::restricting);
        }
    }

  private:
    void erase_children(const Child& child, std::span<const Cell> primary) {
        ChildWalk walk{writing_, child, primary};
        while (const std::optional<Row> row = walk.next()) erase(*child.table, *row);
    }

    Writing& writing_;
    std::vector<OwnedRow> gone_;  // the erased rows to which something could refer
};

}  // namespace

bool erase(Writing& writing, const BoundTable& table, std::span<const Cell> key_cells) {
    const SoughtKey sought{table, table.primary().columns, key_cells};
    if (!sought.may_exist()) return false;
    return atomically(writing, [&] {
        const RowKey key{table, sought.cells()};
        Buffer scratch;
        const std::optional<Row> row = find_row(writing, table, key, sought.cells(), scratch);
        if (!row) return false;
        Cascade cascade{writing};
        cascade.erase(table, *row);
        cascade.follow();
        cascade.require_nothing_left();
        return true;
    });
}

}  // namespace amphora::relational
