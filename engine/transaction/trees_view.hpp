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

/// Both trees from one moment, and over each the commits that were pending then. Together with a
/// sequence S it answers as of exactly the commit S, for every S from `floor()` to `end()`.
///
/// Why the order of its making matters: the pending lists are taken first. A commit that leaves a
/// list afterwards has reached its tree, and the view, taken later, shows it; the other way round a
/// commit could leave between the two and be seen in neither. The views' marks come next, because a
/// view may already show more than S; then S. A view that shows a commit after S cannot be used for
/// S.
class TreesView {
  public:
    /// Takes lists, views and marks, in this order. `version` is the list version read before.
    static std::shared_ptr<const TreesView> take(outbox::Outbox& outbox);

    /// Neither view shows a commit after this one.
    [[nodiscard]] Sequence floor() const noexcept { return floor_; }
    /// Up to here the lists are sure to know every commit. Read `visible` before it.
    [[nodiscard]] Sequence end() const noexcept;
    /// Of the pending lists, as it was before they were taken.
    [[nodiscard]] std::uint64_t version() const noexcept { return version_; }

    /// The value of `key` as of `sequence`: memory of this view, or put into `scratch`.
    [[nodiscard]] std::optional<Bytes> find(TreeId tree, Bytes key, Sequence sequence,
                                            Buffer& scratch) const;

    /// What may hold commits that the tree's view does not show: newest first.
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
