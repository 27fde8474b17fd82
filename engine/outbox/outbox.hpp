#pragma once

#include "base/bytes.hpp"
#include "base/ids.hpp"
#include "base/log.hpp"
#include "journal/journal.hpp"
#include "outbox/admission.hpp"
#include "outbox/progress.hpp"
#include "tree/tree.hpp"

#include <amphora/types.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

/// The outbox: what is committed and on its way. Journal, pending and relays, seen as one.
///
///   commit ──► pending (memory) + journal (disk) ──► relay ──► relational tree
///                                               └──► relay ──► document tree
///
/// Promises: a commit is published to the next writer at once; a relay delivers only what the
/// journal holds durably, in order, with the tree's mark in the same atomic write; a journal
/// segment is recycled only when both trees hold it. Recovery is the relays' ordinary step over the
/// journal's undelivered rest.
namespace amphora::outbox {

class PendingList;

/// None: no limit.
using Deadline = std::optional<std::chrono::steady_clock::time_point>;

/// `none` is for a database that is opened read-only: what the trees lack is read into memory,
/// whatever its size, nothing is delivered, and writers are refused by name.
enum class RelayThreads : std::uint8_t { running, none };

/// What `recover` does where the journal does not hold all that a tree lacks: refuse, or take what
/// can be had and say in the statistics what cannot. `what_is_left` goes with `RelayThreads::none`.
enum class Rest : std::uint8_t { required, what_is_left };

struct OutboxOptions {
    RelayThreads relays = RelayThreads::running;
    Rest rest = Rest::required;
    std::uint64_t seal_bytes = 32ull << 20;  ///< a pending table this large is delivered
    std::uint32_t seal_age_ms = 1000;        ///< and one this old
    std::uint64_t batch_bytes_max = 64ull
                                    << 20;  ///< tables delivered in one write, if several wait
    std::uint64_t pending_bytes_max = 256ull << 20;  ///< memory of each tree's undelivered commits
    std::uint64_t pending_reserve_bytes = 16ull << 20;  ///< beyond it, for removals
    /// Bound of the journal where puts are refused; the journal's own `bytes_max` should be at
    /// least this plus `journal_reserve_bytes`.
    std::uint64_t journal_bytes_max = 1ull << 30;
    /// From here on the trees are asked to hold, so that segments can be recycled; 0: a quarter of
    /// the bound.
    std::uint64_t journal_relief_bytes = 0;
    std::uint64_t journal_reserve_bytes = 64ull << 20;  ///< beyond it, for removals
    std::uint64_t next_segment_bytes = 64ull << 20;     ///< of disk that puts leave to the journal
    std::uint64_t commit_bytes_max = 64ull << 20;  ///< room kept for the commit that is under way
    std::uint32_t wait_ms_max = 5000;     ///< for admission, where the caller sets no shorter time
    std::uint32_t stalled_ms = 1000;      ///< a delivery that takes longer counts as stalled
    std::uint32_t hold_idle_ms = 5000;    ///< without work: the trees are asked to hold
    std::uint32_t backoff_ms_max = 2000;  ///< between attempts of a delivery that fails
};

/// Time from commit to delivery, in microseconds.
struct Window {
    std::uint64_t commits = 0;
    double mean_us = 0;
    std::uint64_t p50_us = 0, p90_us = 0, p99_us = 0, max_us = 0;
};

struct RelayStatistics {
    Progress progress;
    std::uint64_t pending_bytes = 0;  ///< undelivered, in memory; what the bound counts
    std::uint64_t pending_entries = 0;
    std::uint64_t pending_tables = 0;
    std::uint64_t reader_bytes = 0;  ///< delivered, but readers still hold it
    std::uint64_t deliveries = 0;    ///< batches since open
    std::uint64_t delivered_entries = 0;
    std::uint64_t failures = 0;  ///< attempts that failed since open
    std::string state;           ///< "idle", "delivering", or what is wrong, in words
    Window window;
};

struct OutboxStatistics {
    Sequence published{}, visible{};
    std::uint64_t journal_bytes_live = 0;
    std::uint64_t commits_replayed = 0;  ///< taken over from the journal by `recover`
    std::array<RelayStatistics, trees_count> trees;
    std::vector<std::string> left_out;  ///< `Rest::what_is_left`: what could not be had
};

/// For whom commits are kept in the journal though both trees hold them.
enum class Keeper : std::uint8_t { consumers, archive, backup };
inline constexpr std::size_t keepers_count = 3;

/// Threads: `admit`, `await_…` and the questions by any; `commit` by one at a time (the writer
/// whose turn it is).
class Outbox {
  public:
    /// The journal and the trees outlive it. Nothing runs before `recover`.
    static std::unique_ptr<Outbox> make(journal::Journal& journal, tree::Tree& relational,
                                        tree::Tree& documents, OutboxOptions options, Log log);
    /// Stops the relays after the step they are in. What is undelivered stays in the journal.
    virtual ~Outbox() = default;

    /// Starts the relays and hands them what the journal holds after the trees' marks, in bounded
    /// memory; returns when all of it is pending or delivered. Throws `foreign_piece` for a tree
    /// ahead of the journal or behind its oldest record, `corrupt` for a record that does not
    /// decode, and a tree's own error if the rest does not fit in memory and that tree takes
    /// nothing.
    virtual void recover() = 0;

    /// Delivers everything, asks both trees to hold it and recycles the journal, so that the next
    /// open is quick; then stops the relays. What a failing tree does not take stays in the
    /// journal, is logged, and is no error. The journal's own `close` comes after this. No writer
    /// is in its turn.
    virtual void close() = 0;

    // For writers.

    /// Waits until the outbox admits everything, or until waiting is pointless or the time is over,
    /// and says what it admits then. Throws `needs_reopen`, and `outbox_full` or `disk_full` where
    /// not even a removal is admitted. Not to be called while holding the writer's turn.
    virtual Admission admit(Deadline deadline) = 0;
    /// The same without waiting or throwing.
    [[nodiscard]] virtual Admission admission() const noexcept = 0;
    /// Throws what `admission` says about `tree`: code and a sentence.
    [[noreturn]] virtual void refuse(TreeId tree, const TreeAdmission& admission) const = 0;

    /// Publishes an encoded commit record (record.hpp): takes the next sequence, makes it pending
    /// and queues it in the journal. Throws, with nothing changed, `needs_reopen`, `disk_full`,
    /// `transaction_too_large`.
    virtual Sequence commit(Buffer record, Durability durability) = 0;

    /// What a tree would refuse at delivery is refused here.
    virtual void accepts(TreeId tree, Bytes key, std::size_t value_bytes) const = 0;

    // For readers.

    [[nodiscard]] virtual std::shared_ptr<const PendingList> pending(TreeId tree) const = 0;
    /// Grows with each change of either list.
    [[nodiscard]] virtual std::uint64_t pending_version() const noexcept = 0;
    [[nodiscard]] virtual std::shared_ptr<const tree::ReadView> view(TreeId tree) = 0;
    [[nodiscard]] virtual Sequence published() const noexcept = 0;
    [[nodiscard]] virtual Sequence visible() const noexcept = 0;
    /// Called by a relay after each delivery: readers may let go of what they keep only for speed.
    /// Set before `recover`; cleared with an empty function, after which it is not being called.
    virtual void on_delivered(std::function<void()> call) = 0;

    // For both.

    /// See Journal::await_visible.
    virtual void await_visible(Sequence sequence) = 0;
    /// Asks for delivery and waits. False: time ran out.
    virtual bool await_delivered(TreeId tree, Sequence sequence, Deadline deadline) = 0;

    /// The epoch of this opening, in which every new commit falls.
    [[nodiscard]] virtual Epoch epoch() const noexcept = 0;
    /// The last commit that recovery found.
    [[nodiscard]] virtual Commit recovered() const noexcept = 0;

    /// Commits after `position` are still needed by `keeper` and are not recycled once this has
    /// returned; what it kept before may go at once. Any sequence; the last call of each counts. At
    /// first nobody needs any.
    virtual void keep_after(Keeper keeper, Sequence position) = 0;
    /// For the slowest consumer.
    void keep_after(Sequence position) { keep_after(Keeper::consumers, position); }
    /// Ends the keeping.
    void release(Keeper keeper) {
        keep_after(keeper, Sequence{std::numeric_limits<std::uint64_t>::max()});
    }

    [[nodiscard]] virtual OutboxStatistics statistics() const = 0;
};

/// While it lives, nothing is recycled.
class KeptAll {
  public:
    KeptAll(Outbox& outbox, Keeper keeper) : outbox_{outbox}, keeper_{keeper} {
        outbox_.keep_after(keeper_, Sequence{});
    }
    ~KeptAll() { outbox_.release(keeper_); }
    KeptAll(const KeptAll&) = delete;
    KeptAll& operator=(const KeptAll&) = delete;

  private:
    Outbox& outbox_;
    const Keeper keeper_;
};

}  // namespace amphora::outbox
