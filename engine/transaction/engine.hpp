#pragma once

#include "base/deadline.hpp"
#include "base/histogram.hpp"
#include "base/ids.hpp"
#include "outbox/admission.hpp"
#include "transaction/readers.hpp"
#include "transaction/reading.hpp"
#include "transaction/trees_view.hpp"
#include "transaction/turn.hpp"
#include "transaction/write_set.hpp"
#include "transaction/write_transaction.hpp"

#include <amphora/types.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <span>
#include <vector>

namespace amphora::outbox {
class Outbox;
}

/// Write transactions one after another, and any number of readers at any time.
namespace amphora::transaction {

struct EngineOptions {
    std::uint64_t commit_bytes_max = 64ull << 20;  ///< keys and values of one transaction
    std::uint32_t snapshot_age_ms_max = 0;         ///< 0: no limit
};

struct BeginOptions {
    Durability durability = Durability::synced;
    std::optional<std::chrono::milliseconds> timeout{};  ///< for the writer's turn; none: no limit
    outbox::FeedBound feeds = outbox::FeedBound::counts;
    std::stop_token stop{};  ///< ends the wait for the turn, as a timeout does
};

struct EngineStatistics {
    std::uint64_t snapshots = 0;  ///< alive
    std::uint64_t snapshot_oldest_ms = 0;
    std::uint64_t snapshot_retries = 0;  ///< how often taking a snapshot started over
    std::uint64_t reads = 0;             ///< by snapshots: keys looked up, and walks begun
    std::uint64_t commits = 0, rollbacks = 0;
};

class Engine {
  public:
    /// The outbox must outlive it.
    Engine(outbox::Outbox& outbox, EngineOptions options);
    ~Engine();
    Engine(const Engine&) = delete;
    Engine& operator=(const Engine&) = delete;

    /// Both trees as of one visible commit. Any thread.
    [[nodiscard]] std::shared_ptr<const Reading> snapshot();

    /// Waits for admission (bounds of the outbox), then for the writer's turn. Throws `timeout`,
    /// `outbox_full`, `feed_full`, `disk_full`, `needs_reopen`, and `would_deadlock` if this thread already has
    /// the turn. The transaction may be moved to another thread, and ended there.
    [[nodiscard]] std::unique_ptr<WriteTransaction> begin(const BeginOptions& options);

    /// Publishes the write set as one commit, gives up the turn and waits until the commit is
    /// visible. An empty write set makes no commit, but this still waits until everything that it
    /// read is visible. The transaction is over, also if this throws. May be called while `close` runs.
    Commit commit(std::unique_ptr<WriteTransaction> transaction);

    /// Drops the write set, gives up the turn and waits until everything that it read is visible,
    /// so that nothing depends on an unsynced commit. Destroying a transaction does the same without
    /// the wait.
    void rollback(std::unique_ptr<WriteTransaction> transaction);

    /// Throws `would_deadlock` if this thread has the turn. `what` completes "... inside this
    /// thread's own write transaction".
    void require_elsewhere(const char* what) const { turn_.require_elsewhere(what); }

    /// The test before every wait for a commit. Throws `commit_lost` if a crash took the commit,
    /// and `would_deadlock` if this thread has the turn, because the wait could then be for its own
    /// commit.
    void require_known(const Commit& commit);

    /// Waits until `tree` has delivered `commit`. Returns false if the deadline passes. Throws
    /// `commit_lost`, `would_deadlock`.
    bool await_delivered(TreeId tree, const Commit& commit, Deadline deadline);

    /// `call` is called after each commit, once it is visible, by the thread that has committed:
    /// with its sequence, and the spaces of the keys that it wrote, ascending; without them if it was
    /// under way when the call was set. It must return soon and must not throw. Empty: none. Once
    /// `on_commit` has returned, the old call is not running any more, and the new one is called for
    /// every commit that a snapshot that is taken then does not show.
    using CommitCall = std::function<void(Sequence, std::optional<std::span<const SpaceId>>)>;
    void on_commit(CommitCall call);

    /// Waits for a commit that is being published. After that `commit` throws `transaction_closed`,
    /// with nothing changed; published commits are still delivered.
    void close();

    /// The epoch of the commits of this opening.
    [[nodiscard]] Epoch epoch() const noexcept;
    [[nodiscard]] EngineStatistics statistics() const;
    /// From the call of `commit` to its return, of commits that have changed something.
    [[nodiscard]] const Histogram& commit_times() const noexcept { return commit_times_; }

  private:
    [[nodiscard]] std::shared_ptr<const TreesView> current_view();
    void forget_view() noexcept;
    [[nodiscard]] Commit name(Sequence sequence) const noexcept;
    void tell_commit(Sequence sequence, std::optional<std::span<const SpaceId>> spaces);
    [[nodiscard]] std::shared_ptr<WriteSet> take_write_set();
    [[nodiscard]] Sequence publish(WriteTransaction& transaction, Sequence seen);
    void end(WriteTransaction& transaction) noexcept;
    void await_seen(Sequence sequence);
    void await_own(Sequence sequence);
    void require_not_lost(const Commit& commit);

    outbox::Outbox& outbox_;
    const EngineOptions options_;
    Turn turn_;
    const std::shared_ptr<Readers> readers_ = std::make_shared<Readers>();

    std::mutex view_mutex_;
    std::shared_ptr<const TreesView> view_;  ///< the last one taken, while it is current

    std::shared_mutex committed_mutex_;  ///< shared while `committed_` is called
    CommitCall committed_;
    std::atomic<bool> has_commit_call_{false};

    std::mutex spare_mutex_;
    std::shared_ptr<WriteSet> spare_;  ///< of the last transaction, empty

    std::mutex publication_;
    bool closed_ = false;  ///< nothing is published any more

    bool epoch_recorded_ = false;  ///< owned by the thread that has the turn
    std::atomic<std::uint64_t> snapshot_retries_{0};
    std::atomic<std::uint64_t> commits_{0};
    std::atomic<std::uint64_t> rollbacks_{0};
    Histogram commit_times_;
};

}  // namespace amphora::transaction
