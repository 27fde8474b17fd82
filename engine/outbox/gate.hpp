#pragma once

#include "base/deadline.hpp"
#include "journal/journal.hpp"
#include "outbox/admission.hpp"
#include "outbox/disk_shares.hpp"
#include "outbox/keepers.hpp"
#include "outbox/options.hpp"
#include "outbox/pending.hpp"
#include "outbox/relay.hpp"
#include "tree/tree.hpp"

#include <array>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace amphora::outbox {

/// Keeps undelivered work within its bounds, before a writer gets its turn and never in it.
class Gate {
  public:
    struct Side {
        tree::Tree* tree;
        Relay* relay;
    };
    Gate(const OutboxOptions& options, journal::Journal& journal, const Pending& pending,
         const Keepers& keepers, std::array<Side, trees_count> sides);

    /// See Outbox::admit; does not test for failures of journal or relays.
    Admission admit(Deadline deadline, FeedBound feeds);
    [[nodiscard]] Admission admission(FeedBound feeds) noexcept;
    [[noreturn]] void refuse(TreeId tree, const TreeAdmission& admission) const;
    /// Something was delivered, held or recycled: test again.
    void notify() noexcept;

    /// Throws `disk_full` for a commit that does not fit in addition to what is pending. Called
    /// before the commit is promised.
    void require_room(const Record& record);
    /// Asks both trees to take and to hold everything that is committed, and to give back the space
    /// of what was removed.
    void request_everything() const noexcept;
    /// For a commit for which the journal has found no room on the disk: waits until segments that
    /// both trees hold can be reused. False: there was none. Waits with the writer's turn, because
    /// nobody else could commit meanwhile.
    [[nodiscard]] bool await_next_segment();

  private:
    /// What was last found, how much was pending then, and how much had ever entered. Work that was
    /// delivered since then is no longer pending, and uses its room.
    struct Room {
        std::atomic<tree::Tree::Room> found{tree::Tree::Room::enough};
        std::atomic<std::int64_t> at_ms{INT64_MIN / 2};
        std::atomic<std::uint64_t> entries{0};
        std::atomic<std::uint64_t> entered_bytes{0};
        std::atomic<std::uint64_t> entered_entries{0};
        std::atomic<std::uint64_t> slack_bytes{0};  ///< that was tested in addition
        std::atomic<std::uint64_t> slack_keys{0};

        [[nodiscard]] tree::Tree::Load slack() const noexcept {
            return {.bytes = slack_bytes.load(std::memory_order_relaxed),
                    .keys = slack_keys.load(std::memory_order_relaxed)};
        }
    };
    struct JournalUse {
        std::uint64_t bytes = 0;  ///< without what is kept only for feeds
        std::uint64_t for_feeds = 0;
    };
    [[nodiscard]] TreeAdmission of(TreeId tree, const JournalUse& journal,
                                   FeedBound feeds) noexcept;
    [[nodiscard]] tree::Tree::Room room(TreeId tree) noexcept;
    [[nodiscard]] tree::Tree::Room look_for_room(TreeId tree, tree::Tree::Load load,
                                                 tree::Tree::Load& slack) const;
    /// Whether something is not held yet, and no tree that lags is stalled.
    [[nodiscard]] bool is_delivering() const noexcept;
    void await_change(Deadline until);
    [[nodiscard]] bool delivery_makes_room(TreeId tree,
                                           const TreeAdmission& admission) const noexcept;
    [[nodiscard]] JournalUse journal_use() const noexcept;
    [[nodiscard]] bool documents_hold_up_the_journal(std::uint64_t journal_bytes) const noexcept;
    [[nodiscard]] bool feeds_read_on() const noexcept;
    [[nodiscard]] std::string what_feeds_keep() const;
    [[nodiscard]] std::string what_delivery_waits_for() const;
    void hurry(const Admission& admission);
    [[nodiscard]] bool worth_waiting(const Admission& admission) const noexcept;

    const OutboxOptions& options_;
    journal::Journal& journal_;
    const Pending& pending_;
    const Keepers& keepers_;
    const std::array<Side, trees_count> sides_;
    const DiskShares disk_;
    std::array<Room, trees_count> rooms_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::uint64_t changes_ = 0;
};

}  // namespace amphora::outbox
