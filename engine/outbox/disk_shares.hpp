#pragma once

#include "journal/journal.hpp"
#include "outbox/options.hpp"
#include "outbox/pending.hpp"
#include "tree/tree.hpp"

#include <array>
#include <cstdint>
#include <string>

namespace amphora::outbox {

/// How the journal and the trees share one disk.
///
/// Room that is promised to one tree is not used by the other tree or by the journal. Otherwise
/// rows, which are still written while the documents have no room left, would take the room that
/// removing documents needs. Puts also leave free what a compaction takes for a time, what the
/// reserves lack, and the journal's next segment. Removals need only the room to be delivered.
///
/// Threads: any.
class DiskShares {
  public:
    DiskShares(const OutboxOptions& options, journal::Journal& journal, const Pending& pending,
               std::array<tree::Tree*, trees_count> trees);

    /// What is committed and not yet delivered.
    [[nodiscard]] tree::Tree::Load pending(TreeId tree) const noexcept;
    [[nodiscard]] tree::Tree::Room room_for(TreeId tree, tree::Tree::Load load) const;
    /// Whether there would be enough room for `load` if both trees held everything that is
    /// committed. The estimate of what must be written is larger than what is then really written.
    [[nodiscard]] bool has_room_once_held(TreeId tree, tree::Tree::Load load) const;

    /// Whether it is the tree's own map, and not the disk, that has too little room for `load`.
    [[nodiscard]] bool is_map_full(TreeId tree, tree::Tree::Load load) const;

    /// Whether the journal has a spare segment.
    [[nodiscard]] bool has_next_segment() const { return next_segment_bytes() == 0; }

    /// Tells the journal what its next segment must not take: what was promised, with `load` for
    /// `tree`.
    void leave_free_for_puts(TreeId tree, tree::Tree::Load load) const;
    void leave_free_for_removals() const;

    /// A clause for people: what puts of `load` into `tree` need, what is free, and which option
    /// decides.
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
