#pragma once

#include "base/ids.hpp"
#include "base/log.hpp"
#include "database/retention/clock_watch.hpp"
#include "database/retention/expiry_rule.hpp"
#include "database/retention/sweep.hpp"
#include "outbox/outbox.hpp"
#include "stores/bound_schema.hpp"
#include "transaction/engine.hpp"

#include <amphora/statistics.hpp>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

/// Removes the documents that have expired (`catalog::Retention`), in the background and on demand.
///
/// Promises: a document is removed only if it has expired as of the removing transaction itself.
/// Background rounds do nothing while the clock is not trusted (clock_watch.hpp). The removals are
/// ordinary small commits that readers, consumers and backups see like all others. A round costs
/// what its removals cost: it begins where the last one ended, because all that was removed before
/// would be in its way as tombstones. Documents that arrive late, with a moment before that place,
/// are found by a look at the whole index from time to time.
namespace amphora::retention {

struct RetentionOptions {
    std::chrono::milliseconds interval{60'000};  ///< between background rounds
    /// After a round that the outbox or the disk has refused.
    std::chrono::milliseconds interval_refused{5'000};
    std::chrono::milliseconds clock_trusted_after{600'000};
    /// Between looks at a whole index. A look takes at most a hundredth of the time: if it takes
    /// longer, the next one is later.
    std::chrono::milliseconds whole_look{600'000};
    SweepOptions sweep;
};

class Retention {
  public:
    /// The first two must outlive it. Nothing runs before `start`.
    Retention(transaction::Engine& engine, outbox::Outbox& outbox,
              std::shared_ptr<const stores::BoundSchema> schema, Log log,
              const RetentionOptions& options = {});
    ~Retention() { stop(); }
    Retention(const Retention&) = delete;
    Retention& operator=(const Retention&) = delete;

    /// Starts the thread, if any document can expire. Throws `io_error`.
    void start();
    /// Waits until the thread has ended, after its current commit. A second call does nothing.
    void stop() noexcept;

    /// Removes everything that has expired by the clock as it is, without a test of the clock. Any
    /// thread; rounds may run side by side. Returns how many documents it has removed. Throws what
    /// `Sweep::run` throws, and `corrupt` or another error of a document that could not be removed,
    /// after all others have been.
    std::uint64_t expire_now();

    /// One background round; returns when the next one is due. For the thread, and for tests
    /// instead of it.
    [[nodiscard]] std::chrono::milliseconds round();

    /// Looks for the oldest expired document of each collection, where the rounds look for it.
    [[nodiscard]] std::vector<RetentionReport> report() const;

  private:
    struct RuleState {
        ExpiryRule rule;
        /// Entries before it were removed or looked at. Changes with the mutex held, because `report`
        /// reads it, too.
        Buffer looked_until{};
        std::int64_t whole_look_at_ms = 0;  ///< of the steady clock: when the next one is due
        std::int64_t count_at_ms = 0;       ///< by number: when to count again
        Sequence counted_at{};              ///< the last commit that was counted
    };
    struct CollectionState {
        std::string name;
        std::vector<RuleState> rules;
    };

    void run() noexcept;
    [[nodiscard]] bool may_continue();
    /// False: the round ends.
    [[nodiscard]] bool expire(CollectionState& collection);
    [[nodiscard]] std::optional<document::KeyRange> find_expired(RuleState& state,
                                                                 std::int64_t now_us);
    [[nodiscard]] std::optional<document::KeyRange> count(RuleState& state);
    void note_looked(RuleState& state, const Buffer& until);
    [[nodiscard]] std::optional<DateTime> oldest_expired(const CollectionState& collection) const;
    [[nodiscard]] bool is_stopping() const;
    [[nodiscard]] RetentionReport& require_report(const std::string& collection);
    void note_removed(const std::string& collection, std::uint64_t removed);
    void note_round(const std::string& collection, const std::string& failure);
    void note_waiting(const std::string& why);

    transaction::Engine& engine_;
    outbox::Outbox& outbox_;
    const std::shared_ptr<const stores::BoundSchema> schema_;
    const Log log_;
    const RetentionOptions options_;
    std::vector<CollectionState> collections_;  ///< the states of its rules belong to the thread
    ClockWatch clock_;                          ///< belongs to the thread

    mutable std::mutex mutex_;
    std::condition_variable changed_;
    bool stopping_ = false;
    std::vector<RetentionReport> reports_;  ///< as `collections_`
    /// Why nothing of any collection expires.
    std::string waiting_ = "no round has run: the database is opened read-only";
    std::mutex joining_;  ///< several threads may stop it
    std::jthread thread_;
};

}  // namespace amphora::retention
