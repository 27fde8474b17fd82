#pragma once

#include "base/bytes.hpp"
#include "base/deadline.hpp"
#include "base/ids.hpp"
#include "base/log.hpp"
#include "journal/journal.hpp"
#include "outbox/admission.hpp"
#include "outbox/gate.hpp"
#include "outbox/keepers.hpp"
#include "outbox/options.hpp"
#include "outbox/pending.hpp"
#include "outbox/relay.hpp"
#include "outbox/statistics.hpp"
#include "tree/tree.hpp"

#include <amphora/types.hpp>

#include <array>
#include <atomic>
#include <cstdint>
#include <exception>
#include <functional>
#include <limits>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

/// The outbox: journal, pending and relays together, with everything that is committed and not yet
/// delivered.
///
///   commit ──► pending (memory) + journal (disk) ──► relay ──► relational tree
///                                               └──► relay ──► document tree
///
/// Promises: a commit is published to the next writer at once; a relay delivers only what the
/// journal holds durably, in order, with the tree's mark in the same atomic write; a journal
/// segment is recycled only when both trees hold it. Recovery is the relays' ordinary step over the
/// journal's undelivered rest.
namespace amphora::outbox {

/// One pending, one relay for each tree, one gate. Threads: `commit` by one at a time (the writer
/// that has the turn); everything else by any.
class Outbox {
  public:
    /// The journal and the trees must outlive it. Nothing runs before `recover`.
    Outbox(journal::Journal& journal, tree::Tree& relational, tree::Tree& documents,
           const OutboxOptions& options, Log log);
    /// Stops the relays after their current step. Undelivered commits stay in the journal.
    ~Outbox() { stop(); }
    Outbox(const Outbox&) = delete;
    Outbox& operator=(const Outbox&) = delete;

    /// Starts the relays and gives them the commits that the journal holds after the trees' marks,
    /// in bounded memory. Returns when all of them are pending or delivered. Throws `foreign_piece`
    /// for a tree that is newer than the journal or older than its oldest record, `corrupt` for a
    /// record that does not decode, and a tree's own error if the commits do not fit in memory and
    /// that tree takes nothing.
    void recover();

    // For `RelayThreads::none`, over a journal and trees that another process writes. After
    // `recover`, by one thread at a time; readers may take snapshots meanwhile. The order matters:
    // the commits first, then `visible` of the journal, then new views of the trees, then
    // `drop_delivered`.

    /// Adds a further commit, read from the journal, to pending. Readers see it once it is visible.
    /// Throws `corrupt` if it is not the next one or does not decode.
    void follow(const journal::Entry& entry);
    /// `tree` shows a new view: removes the pending tables of which it shows all commits, and tells
    /// readers (`on_delivered`).
    void drop_delivered(TreeId tree);

    /// Delivers everything, asks both trees to hold it and recycles the journal, so that the next
    /// opening is quick; then stops the relays. Commits that a failing tree does not take stay in
    /// the journal and are logged; this is not an error. The journal's own `close` comes after
    /// this. No writer may have the turn.
    void close();

    // For writers.

    /// Waits until the outbox admits everything, until waiting is pointless, or until the time is
    /// over. Returns what it admits then. Throws `needs_reopen`, and `outbox_full`, `feed_full` or
    /// `disk_full` where not even a removal of rows is admitted. Must not be called by the thread
    /// that has the writer's turn.
    Admission admit(Deadline deadline, FeedBound feeds = FeedBound::counts) {
        require_usable();
        return gate_.admit(deadline, feeds);
    }
    /// The same without waiting or throwing.
    [[nodiscard]] Admission admission(FeedBound feeds = FeedBound::counts) const noexcept {
        return gate_.admission(feeds);
    }
    /// Whether undelivered commits leave free half of the memory that they may take. Work that can
    /// wait is done only then, so that it never fills the outbox before other writers.
    [[nodiscard]] bool has_ample_room() const noexcept {
        return pending_.memory_bytes(TreeId::relational) < options_.pending_bytes_max / 2 &&
               pending_.memory_bytes(TreeId::documents) < options_.pending_bytes_max / 2;
    }
    /// Throws the error of `admission` for `tree`, with a sentence.
    [[noreturn]] void refuse(TreeId tree, const TreeAdmission& admission) const {
        gate_.refuse(tree, admission);
    }

    /// Publishes an encoded commit record (record.hpp): takes the next sequence, adds the commit to
    /// pending and to the journal's queue. Throws, with nothing changed, `needs_reopen`,
    /// `disk_full`, `transaction_too_large`.
    Sequence commit(Buffer record, Durability durability,
                    journal::CommitTags tags = journal::CommitTags::all());

    /// Throws what the tree would throw for this change at its delivery.
    void require_acceptable(TreeId tree, Bytes key, std::size_t value_bytes) const {
        trees_[index_of(tree)]->require_acceptable(key, value_bytes);
    }

    // For readers.

    [[nodiscard]] std::shared_ptr<const PendingList> pending(TreeId tree) const {
        return pending_.list(tree);
    }
    /// Grows with each change of either list.
    [[nodiscard]] std::uint64_t pending_version() const noexcept { return pending_.version(); }
    [[nodiscard]] std::shared_ptr<const tree::ReadView> view(TreeId tree) {
        return trees_[index_of(tree)]->view();
    }
    [[nodiscard]] Sequence published() const noexcept { return pending_.published(); }
    [[nodiscard]] Sequence visible() const noexcept { return journal_.visible(); }
    /// Called by a relay after each delivery, so that readers can drop what they keep only for
    /// speed. Set before `recover`. An empty function clears it; once that call has returned, the
    /// old function is not running any more.
    void on_delivered(std::function<void()> call) {
        const std::lock_guard lock{on_delivered_mutex_};
        on_delivered_ = std::move(call);
    }

    // For both.

    /// See Journal::await_visible.
    void await_visible(Sequence sequence) { journal_.await_visible(sequence); }
    /// Asks for delivery and waits. False: the time ran out.
    bool await_delivered(TreeId tree, Sequence sequence, Deadline deadline);

    /// The epoch of this opening, to which every new commit belongs.
    [[nodiscard]] Epoch epoch() const noexcept { return journal_.recovery().epoch; }
    /// The last commit that recovery found.
    [[nodiscard]] Commit recovered() const noexcept { return recovered_; }

    /// `keeper` still needs the commits after `position`: they are not recycled once this has
    /// returned. What it kept before may be recycled at once. Any sequence; the last call of each
    /// keeper counts. At first no keeper needs any.
    void keep_after(Keeper keeper, Sequence position);
    /// `keeper` needs nothing any more.
    void release(Keeper keeper) {
        keep_after(keeper, Sequence{std::numeric_limits<std::uint64_t>::max()});
    }

    [[nodiscard]] OutboxStatistics statistics() const;

  private:
    [[nodiscard]] Relay& relay(TreeId tree) noexcept {
        return tree == TreeId::relational ? relational_ : documents_;
    }
    [[nodiscard]] const Relay& relay(TreeId tree) const noexcept {
        return tree == TreeId::relational ? relational_ : documents_;
    }
    [[nodiscard]] Progress progress(const Relay& relay) const noexcept;
    void require_usable() const;
    [[noreturn]] void raise_end(const Relay& relay) const;
    void require_fit(TreeId tree, const Mark& mark) const;
    void after_step();
    void recycle();
    [[nodiscard]] std::vector<journal::FeedLag> recycle_and_skip();
    void recycle_released() noexcept;
    void relieve_journal();
    void wake(const Pending::Effect& effect) noexcept;
    void take_over(const std::array<Mark, trees_count>& marks, Sequence last);
    Epoch refill(TreeId tree, Sequence delivered, Sequence last, std::exception_ptr& lacking);
    void leave_out(TreeId tree, const std::exception_ptr& failure);
    void stop() noexcept;

    const OutboxOptions options_;
    journal::Journal& journal_;
    const std::array<tree::Tree*, trees_count> trees_;
    const Log log_;
    Pending pending_;
    Relay relational_;
    Relay documents_;
    Keepers keepers_;
    mutable Gate gate_;

    Commit recovered_;
    std::uint64_t replayed_ = 0;
    std::vector<std::string> missing_;
    std::atomic<bool> is_recovered_{false};

    mutable std::mutex recycling_;
    Sequence recycled_{};
    /// The live bytes when holding was last requested, or fewer if there were fewer since.
    std::uint64_t relieved_at_bytes_ = 0;

    std::mutex on_delivered_mutex_;
    std::function<void()> on_delivered_;
};

/// Nothing is recycled while this object lives.
class RecyclingPause {
  public:
    RecyclingPause(Outbox& outbox, Keeper keeper) : outbox_{outbox}, keeper_{keeper} {
        outbox_.keep_after(keeper_, Sequence{});
    }
    ~RecyclingPause() { outbox_.release(keeper_); }
    RecyclingPause(const RecyclingPause&) = delete;
    RecyclingPause& operator=(const RecyclingPause&) = delete;

  private:
    Outbox& outbox_;
    const Keeper keeper_;
};

}  // namespace amphora::outbox
