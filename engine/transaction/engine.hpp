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

/// Writers one after another, readers at any time.
namespace amphora::transaction {

struct EngineOptions {
    std::uint64_t commit_bytes_max = 64ull << 20;  ///< keys and values of one transaction
    std::uint32_t snapshot_age_ms_max = 0;         ///< 0: no limit
};

/// Longer than anybody waits, and short enough to be added to what a clock shows: what callers give
/// is held to it, down from `milliseconds::max()`.
inline constexpr std::chrono::milliseconds timeout_max = std::chrono::hours{24 * 365 * 100};

struct BeginOptions {
    Durability durability = Durability::synced;
    std::optional<std::chrono::milliseconds> timeout{};  ///< for the writer's turn; none: no limit
};

struct EngineStatistics {
    std::uint64_t snapshots = 0;  ///< alive
    std::uint64_t snapshot_oldest_ms = 0;
    std::uint64_t snapshot_retries = 0;  ///< times that taking one had to start over
    std::uint64_t commits = 0, rollbacks = 0;
};

class Engine {
  public:
    virtual ~Engine() = default;
    static std::unique_ptr<Engine> make(outbox::Outbox& outbox, EngineOptions options);

    /// Both trees as of one visible commit. Any thread.
    [[nodiscard]] virtual std::shared_ptr<const Reading> snapshot() = 0;

    /// Waits for admission (bounds of the outbox), then for the writer's turn. Throws `timeout`,
    /// `outbox_full`, `needs_reopen`, `would_deadlock` if this thread already holds the turn.
    /// May be moved to, and ended on, another thread.
    [[nodiscard]] virtual std::unique_ptr<Writing> begin(const BeginOptions& options) = 0;

    /// Publishes the write set as one commit, gives up the turn and waits until it is visible. An
    /// empty write set makes no commit, but still waits until what it read is visible. The Writing
    /// is over, also if this throws. Beside `close` too.
    virtual Commit commit(std::unique_ptr<Writing> writing) = 0;

    /// Drops the write set, gives up the turn and waits until what it read is visible, so that
    /// nothing that depends on an unsynced commit leaves. Destroying a Writing does the same
    /// without the wait.
    virtual void rollback(std::unique_ptr<Writing> writing) = 0;

    /// What every wait for a commit asks first. Throws `commit_lost` if a crash took it,
    /// `would_deadlock` if this thread holds the turn, whose commits such a wait would be waiting
    /// for.
    virtual void require_known(const Commit& commit) = 0;

    /// Waits until `tree` has delivered `commit`. Throws `commit_lost`, `would_deadlock`; false:
    /// time ran out.
    virtual bool await_delivered(TreeId tree, const Commit& commit,
                                 std::optional<std::chrono::milliseconds> timeout) = 0;

    /// Waits for the commit that is being published, if one is. From then on `commit` throws
    /// `transaction_closed`, with nothing changed; what was published goes on its way.
    virtual void close() = 0;

    [[nodiscard]] virtual EngineStatistics statistics() const = 0;
};

}  // namespace amphora::transaction
