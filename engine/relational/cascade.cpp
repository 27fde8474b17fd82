#include "relational/atomically.hpp"
#include "relational/children.hpp"
#include "relational/constraints.hpp"
#include "relational/sought_key.hpp"
#include "relational/statement.hpp"
#include "relational/stored_row.hpp"

#include <vector>

/// Erasing: first everything that goes, then the question whether something is left that refers to
/// it. So the outcome does not depend on the order in which the paths of a cascade are walked, and
/// a row that is referred to from inside what goes with it is no obstacle. A row is gone before its
/// children are looked for, which ends cycles.
namespace amphora::relational {
namespace {

using transaction::Writing;

class Cascade {
  public:
    explicit Cascade(Writing& writing) : writing_{writing} {}

    /// `row` lies in memory that is good until its key is written.
    void erase(const BoundTable& table, const Row& row) {
        const PickedCells primary{row, table.primary().columns};
        const RowKey key{table, primary.all()};
        const bool has_followers = !table.children().empty() || table.collections() != nullptr;
        if (has_followers) gone_.emplace_back(table, Buffer{row.bytes()});
        remove(writing_, table, row, key);
    }

    /// A list and not recursion: a chain of children may be as long as the transaction is large.
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
    std::vector<OwnedRow> gone_;  // those that something could refer to
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
