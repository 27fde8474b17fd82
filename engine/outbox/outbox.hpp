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

class PendingList;

/// None: no limit.
using Deadline = std::optional<std::chrono::steady_clock::time_point>;

/// `none` is for a database that is opened read-only. Everything that the trees lack is read into
/// memory, whatever its size; nothing is delivered, and writers get `read_only`.
enum class RelayThreads : std::uint8_t { running, none };

/// What `recover` does where the journal does not have everything that a tree lacks: it throws, or
/// it takes what can be read and lists the rest in the statistics. `what_is_left` needs
/// `RelayThreads::none`.
enum class Rest : std::uint8_t { required, what_is_left };

struct OutboxOptions {
    RelayThreads relays = RelayThreads::running;
    Rest rest = Rest::required;
    std::uint64_t seal_bytes = 32ull << 20;  ///< a pending table of this size is delivered
    std::uint32_t seal_age_ms = 1000;        ///< and one of this age
    /// Tables that wait are delivered in one write, up to this size.
    std::uint64_t batch_bytes_max = 64ull << 20;
    std::uint64_t pending_bytes_max = 256ull << 20;     ///< of each tree's undelivered commits
    std::uint64_t pending_reserve_bytes = 16ull << 20;  ///< beyond it, for removals
    /// The size of the journal at which puts are refused. The journal's own `bytes_max` should be
    /// at least this plus `journal_reserve_bytes`.
    std::uint64_t journal_bytes_max = 1ull << 30;
    /// The size of the journal at which the trees are asked to hold, so that segments can be
    /// recycled; 0: a quarter of the bound.
    std::uint64_t journal_relief_bytes = 0;
    std::uint64_t journal_reserve_bytes = 64ull << 20;  ///< beyond it, for removals
    std::uint64_t next_segment_bytes = 64ull
                                       << 20;      ///< of the disk, which puts leave to the journal
    std::uint64_t commit_bytes_max = 64ull << 20;  ///< room for the commit that is being written
    std::uint32_t wait_ms_max = 5000;   ///< for admission, unless the caller sets a shorter time
    std::uint32_t stalled_ms = 1000;    ///< a delivery that takes longer counts as stalled
    std::uint32_t hold_idle_ms = 5000;  ///< without work for this long, the trees are asked to hold
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
    std::uint64_t pending_bytes = 0;  ///< undelivered, in memory, as counted by the bound
    std::uint64_t pending_entries = 0;
    std::uint64_t pending_tables = 0;
    std::uint64_t reader_bytes = 0;  ///< delivered, and still used by readers
    std::uint64_t deliveries = 0;    ///< batches since open
    std::uint64_t delivered_entries = 0;
    std::uint64_t failures = 0;  ///< attempts that failed since open
    std::string state;           ///< "idle", "delivering", or what is wrong, in words
    Window window;
};

struct OutboxStatistics {
    Sequence published{}, visible{};
    std::uint64_t journal_bytes_live = 0;
    std::uint64_t commits_replayed = 0;  ///< read from the journal by `recover`
    std::array<RelayStatistics, trees_count> trees;
    std::vector<std::string> left_out;  ///< `Rest::what_is_left`: what cannot be read
};

/// For whom commits are kept in the journal after both trees hold them.
enum class Keeper : std::uint8_t { consumers, archive, backup };
inline constexpr std::size_t keepers_count = 3;

/// Threads: `commit` by one at a time (the writer that has the turn); everything else by any.
class Outbox {
  public:
    /// The journal and the trees must outlive it. Nothing runs before `recover`.
    static std::unique_ptr<Outbox> make(journal::Journal& journal, tree::Tree& relational,
                                        tree::Tree& documents, OutboxOptions options, Log log);
    /// Stops the relays after their current step. Undelivered commits stay in the journal.
    virtual ~Outbox() = default;

    /// Starts the relays and gives them the commits that the journal holds after the trees' marks,
    /// in bounded memory. Returns when all of them are pending or delivered. Throws `foreign_piece`
    /// for a tree that is newer than the journal or older than its oldest record, `corrupt` for a
    /// record that does not decode, and a tree's own error if the commits do not fit in memory and
    /// that tree takes nothing.
    virtual void recover() = 0;

    /// Delivers everything, asks both trees to hold it and recycles the journal, so that the next
    /// opening is quick; then stops the relays. Commits that a failing tree does not take stay in
    /// the journal and are logged; this is not an error. The journal's own `close` comes after
    /// this. No writer may have the turn.
    virtual void close() = 0;

    // For writers.

    /// Waits until the outbox admits everything, until waiting is pointless, or until the time is
    /// over. Returns what it admits then. Throws `needs_reopen`, and `outbox_full` or `disk_full`
    /// where not even a removal of rows is admitted. Must not be called by the thread that has the
    /// writer's turn.
    virtual Admission admit(Deadline deadline) = 0;
    /// The same without waiting or throwing.
    [[nodiscard]] virtual Admission admission() const noexcept = 0;
    /// Throws the error of `admission` for `tree`, with a sentence.
    [[noreturn]] virtual void refuse(TreeId tree, const TreeAdmission& admission) const = 0;

    /// Publishes an encoded commit record (record.hpp): takes the next sequence, adds the commit to
    /// pending and to the journal's queue. Throws, with nothing changed, `needs_reopen`,
    /// `disk_full`, `transaction_too_large`.
    virtual Sequence commit(Buffer record, Durability durability) = 0;

    /// Throws what the tree would throw for this change at its delivery.
    virtual void accepts(TreeId tree, Bytes key, std::size_t value_bytes) const = 0;

    // For readers.

    [[nodiscard]] virtual std::shared_ptr<const PendingList> pending(TreeId tree) const = 0;
    /// Grows with each change of either list.
    [[nodiscard]] virtual std::uint64_t pending_version() const noexcept = 0;
    [[nodiscard]] virtual std::shared_ptr<const tree::ReadView> view(TreeId tree) = 0;
    [[nodiscard]] virtual Sequence published() const noexcept = 0;
    [[nodiscard]] virtual Sequence visible() const noexcept = 0;
    /// Called by a relay after each delivery, so that readers can drop what they keep only for
    /// speed. Set before `recover`. An empty function clears it; once that call has returned, the
    /// old function is not running any more.
    virtual void on_delivered(std::function<void()> call) = 0;

    // For both.

    /// See Journal::await_visible.
    virtual void await_visible(Sequence sequence) = 0;
    /// Asks for delivery and waits. False: the time ran out.
    virtual bool await_delivered(TreeId tree, Sequence sequence, Deadline deadline) = 0;

    /// The epoch of this opening, to which every new commit belongs.
    [[nodiscard]] virtual Epoch epoch() const noexcept = 0;
    /// The last commit that recovery found.
    [[nodiscard]] virtual Commit recovered() const noexcept = 0;

    /// `keeper` still needs the commits after `position`: they are not recycled once this has
    /// returned. What it kept before may be recycled at once. Any sequence; the last call of each
    /// keeper counts. At first no keeper needs any.
    virtual void keep_after(Keeper keeper, Sequence position) = 0;
    /// The position of the slowest consumer.
    void keep_after(Sequence position) { keep_after(Keeper::consumers, position); }
    /// `keeper` needs nothing any more.
    void release(Keeper keeper) {
        keep_after(keeper, Sequence{std::numeric_limits<std::uint64_t>::max()});
    }

    [[nodiscard]] virtual OutboxStatistics statistics() const = 0;
};

/// Nothing is recycled while this object lives.
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
