#pragma once

#include "base/ids.hpp"
#include "transaction/reading.hpp"

#include <amphora/types.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>

namespace amphora::outbox {
class Outbox;
}

/// Write transactions one after another, and any number of readers at any time.
namespace amphora::transaction {

struct EngineOptions {
    std::uint64_t commit_bytes_max = 64ull << 20;  ///< keys and values of one transaction
    std::uint32_t snapshot_age_ms_max = 0;         ///< 0: no limit
};

/// The upper bound of every timeout, down to which larger ones are cut: `milliseconds::max()` would
/// overflow when it is added to a clock's time.
inline constexpr std::chrono::milliseconds timeout_max = std::chrono::hours{24 * 365 * 100};

struct BeginOptions {
    Durability durability = Durability::synced;
    std::optional<std::chrono::milliseconds> timeout{};  ///< for the writer's turn; none: no limit
};

struct EngineStatistics {
    std::uint64_t snapshots = 0;  ///< alive
    std::uint64_t snapshot_oldest_ms = 0;
    std::uint64_t snapshot_retries = 0;  ///< how often taking a snapshot started over
    std::uint64_t commits = 0, rollbacks = 0;
};

class Engine {
  public:
    virtual ~Engine() = default;
    static std::unique_ptr<Engine> make(outbox::Outbox& outbox, EngineOptions options);

    /// Both trees as of one visible commit. Any thread.
    [[nodiscard]] virtual std::shared_ptr<const Reading> snapshot() = 0;

    /// Waits for admission (bounds of the outbox), then for the writer's turn. Throws `timeout`,
    /// `outbox_full`, `disk_full`, `needs_reopen`, and `would_deadlock` if this thread already has
    /// the turn. The Writing may be moved to another thread, and ended there.
    [[nodiscard]] virtual std::unique_ptr<Writing> begin(const BeginOptions& options) = 0;

    /// Publishes the write set as one commit, gives up the turn and waits until the commit is
    /// visible. An empty write set makes no commit, but this still waits until everything that it
    /// read is visible. The Writing is over, also if this throws. May be called while `close` runs.
    virtual Commit commit(std::unique_ptr<Writing> writing) = 0;

    /// Drops the write set, gives up the turn and waits until everything that it read is visible,
    /// so that nothing depends on an unsynced commit. Destroying a Writing does the same without
    /// the wait.
    virtual void rollback(std::unique_ptr<Writing> writing) = 0;

    /// The test before every wait for a commit. Throws `commit_lost` if a crash took the commit,
    /// and `would_deadlock` if this thread has the turn, because the wait could then be for its own
    /// commit.
    virtual void require_known(const Commit& commit) = 0;

    /// Waits until `tree` has delivered `commit`. Returns false if the time runs out. Throws
    /// `commit_lost`, `would_deadlock`.
    virtual bool await_delivered(TreeId tree, const Commit& commit,
                                 std::optional<std::chrono::milliseconds> timeout) = 0;

    /// Waits for a commit that is being published. After that `commit` throws `transaction_closed`,
    /// with nothing changed; published commits are still delivered.
    virtual void close() = 0;

    [[nodiscard]] virtual EngineStatistics statistics() const = 0;
};

}  // namespace amphora::transaction
