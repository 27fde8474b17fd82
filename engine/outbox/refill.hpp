#pragma once

#include "journal/journal.hpp"
#include "outbox/outbox.hpp"
#include "outbox/pending.hpp"
#include "outbox/relay.hpp"

#include <memory>
#include <optional>

namespace amphora::outbox {

/// Takes over from the journal, at open, what one tree lacks: makes pending tables of it, as full
/// as they would be had the commits just come, and hands each over when it is done.
///
/// Memory is bounded as for writers: beyond the bound the tree's relay begins, and is waited for.
class Refill {
  public:
    /// `delivered`: the tree's mark. Everything else outlives this.
    Refill(TreeId tree, Sequence delivered, Pending& pending, Relay& relay,
           const OutboxOptions& options);

    /// The commits after the mark, one after another. Throws `corrupt` if one is missing or does
    /// not decode, and what the relay's last attempt threw if there is no room because of it.
    void take(const journal::Entry& entry);
    /// Throws `corrupt` if the last one was not `last`.
    void finish(Sequence last);
    /// There is no more to be had: hands over what was taken.
    void give_up();

    /// Of the last commit.
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
    std::int64_t began_us_ = 0;  // the table; its commits count for the window from then on
    std::shared_ptr<PendingTable> table_;
    std::optional<PendingTable::Fill> fill_;
};

}  // namespace amphora::outbox
