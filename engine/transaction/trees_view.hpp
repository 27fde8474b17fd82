#pragma once

#include "base/bytes.hpp"
#include "base/ids.hpp"
#include "outbox/outbox.hpp"
#include "outbox/pending_table.hpp"
#include "tree/tree.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace amphora::transaction {

/// Views of both trees from one moment, and for each the commits that were pending then. Together
/// with a sequence S it shows exactly the commit S, for every S from `floor()` to `end()`.
///
/// The order in which it is made matters. The pending lists are taken first: a commit that leaves a
/// list later has reached its tree, and the view, taken later, shows it. In the opposite order a
/// commit could leave its list between the two, and neither would show it. The views' marks are
/// read next, because a view may already show commits after S; then S. A view that shows a commit
/// after S cannot be used for S.
class TreesView {
  public:
    /// Takes lists, views and marks, in this order. `version` is the list version that was read
    /// before.
    static std::shared_ptr<const TreesView> take(outbox::Outbox& outbox);

    /// Neither view shows a commit after this one.
    [[nodiscard]] Sequence floor() const noexcept { return floor_; }
    /// The lists have every commit up to this one. Read `visible` before calling this.
    [[nodiscard]] Sequence end() const noexcept;
    /// The version of the pending lists, read before they were taken.
    [[nodiscard]] std::uint64_t version() const noexcept { return version_; }

    /// The value of `key` as of `sequence`: in memory of this view, or in `scratch`.
    [[nodiscard]] std::optional<Bytes> find(TreeId tree, Bytes key, Sequence sequence,
                                            Buffer& scratch) const;

    /// The pending tables that may hold commits which the tree's view does not show, newest first.
    [[nodiscard]] const std::vector<const outbox::PendingTable*>& tables(
        TreeId tree) const noexcept {
        return sides_[index_of(tree)].tables;
    }
    [[nodiscard]] const tree::ReadView& view(TreeId tree) const noexcept {
        return *sides_[index_of(tree)].view;
    }

  private:
    struct Side {
        std::shared_ptr<const outbox::PendingList> list;
        std::shared_ptr<const tree::ReadView> view;
        std::vector<const outbox::PendingTable*> tables;
    };
    std::array<Side, trees_count> sides_;
    Sequence floor_{};
    std::uint64_t version_ = 0;
};

}  // namespace amphora::transaction
