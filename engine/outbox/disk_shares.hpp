#pragma once

#include "journal/journal.hpp"
#include "outbox/outbox.hpp"
#include "outbox/pending.hpp"
#include "tree/tree.hpp"

#include <array>
#include <cstdint>
#include <string>

namespace amphora::outbox {

/// How journal and trees share one disk.
///
/// What is promised to a tree is left to it by the other tree and by the journal. Otherwise rows
/// that are still written while the documents have no room left would take what deleting the
/// documents needs. Puts also leave alone what a compaction takes for a time, what the reserves
/// lack, and the journal's next segment; removals need only what is delivered.
///
/// Threads: any.
class DiskShares {
  public:
    DiskShares(const OutboxOptions& options, journal::Journal& journal, const Pending& pending,
               std::array<tree::Tree*, trees_count> trees);

    /// What is committed and not yet delivered.
    [[nodiscard]] tree::Tree::Load pending(TreeId tree) const noexcept;
    [[nodiscard]] tree::Tree::Room room_for(TreeId tree, tree::Tree::Load load) const;
    /// Whether there would be enough for `load` if both trees held everything that is committed:
    /// an estimate of what has to be written is larger than what is written then.
    [[nodiscard]] bool has_room_once_held(TreeId tree, tree::Tree::Load load) const;

    /// Whether it is the tree's own map, and not the disk, that has too little room for `load`.
    [[nodiscard]] bool is_map_full(TreeId tree, tree::Tree::Load load) const;

    /// Whether a segment of the journal waits to be written to.
    [[nodiscard]] bool has_next_segment() const { return next_segment_bytes() == 0; }

    /// Tells the journal what its next segment must not take: what was promised, with `load` for
    /// `tree`.
    void leave_free_for_puts(TreeId tree, tree::Tree::Load load) const;
    void leave_free_for_removals() const;

    /// What puts of `load` into `tree` need, what there is, and which option decides: a clause.
    [[nodiscard]] std::string describe(TreeId tree, tree::Tree::Load load) const;

  private:
    [[nodiscard]] tree::Tree::DiskNeed need(TreeId tree, tree::Tree::Load load) const {
        return trees_[index_of(tree)]->disk_need(load);
    }
    [[nodiscard]] std::uint64_t next_segment_bytes() const;

    const OutboxOptions& options_;
    journal::Journal& journal_;
    const Pending& pending_;
    const std::array<tree::Tree*, trees_count> trees_;
};

}  // namespace amphora::outbox
