#pragma once

#include "journal/journal.hpp"
#include "outbox/options.hpp"
#include "outbox/pending.hpp"
#include "outbox/relay.hpp"

#include <memory>
#include <optional>

namespace amphora::outbox {

/// Takes over from the journal, at open, the commits that one tree lacks: makes pending tables of
/// them, as large as if the commits had just been made, and passes each on when it is full.
///
/// Memory is bounded as for writers: at the bound the tree's relay is started and waited for.
class Refill {
  public:
    /// `delivered`: the tree's mark. All references must outlive this object.
    Refill(TreeId tree, Sequence delivered, Pending& pending, Relay& relay,
           const OutboxOptions& options);

    /// Takes the commits after the mark, one after another. Throws `corrupt` if one is missing or
    /// does not decode, and the error of the relay's last attempt if there is no room because of
    /// it.
    void take(const journal::Entry& entry);
    /// Throws `corrupt` if the last commit was not `last`.
    void finish(Sequence last);
    /// No further commits can be read: passes on what was taken.
    void give_up();

    /// The epoch of the last commit.
    [[nodiscard]] Epoch epoch() const noexcept { return epoch_; }

  private:
    void begin_table();
    void end_table();
    void await_room();

    const TreeId tree_;
    Pending& pending_;
    Relay& relay_;
    const OutboxOptions& options_;
    Sequence taken_;
    Epoch epoch_{};
    std::int64_t began_us_ = 0;  // of the table; its commits count for the window from then on
    std::shared_ptr<PendingTable> table_;
    std::optional<PendingTable::Fill> fill_;
};

}  // namespace amphora::outbox
