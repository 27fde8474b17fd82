#pragma once

#include "base/deadline.hpp"
#include "database/core.hpp"
#include "database/shown_change.hpp"
#include "events/change_batch.hpp"
#include "events/consumer_rows.hpp"
#include "events/feed.hpp"

#include <amphora/consumer.hpp>
#include <amphora/transaction.hpp>

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace amphora::detail {

/// A consumer that runs: a thread that reads the feed, and handles its changes in batches.
///
/// Invariant: the row of `amphora.consumers` is written in the same commit as the effects of the
/// changes up to its position, and in no other. So after any end of the process the changes after
/// that position have no effect, and those before have all of theirs.
///
/// A position that has moved only past changes that are not selected stays in memory: the feed
/// passes them again after a restart. It is written when it is far ahead, and at the end.
class ConsumerRun final : public Running {
  public:
    ConsumerRun(std::shared_ptr<Core> core, std::string name, ChangeHandler handler,
                const ConsumerOptions& options);
    ~ConsumerRun() override;
    ConsumerRun(const ConsumerRun&) = delete;
    ConsumerRun& operator=(const ConsumerRun&) = delete;

    /// Takes the consumer's row, or makes it. Throws as `Database::consume`.
    void open(const std::vector<Selection>& selections);
    /// `self` is this object, which the thread keeps alive.
    void start(std::shared_ptr<ConsumerRun> self);
    void stop() noexcept override;
    void pause(bool paused) noexcept;
    [[nodiscard]] bool await(const Commit& commit, Deadline deadline) const;
    [[nodiscard]] ConsumerReport report() const;
    [[nodiscard]] const std::string& name() const noexcept { return row_.name; }

  private:
    /// A change, and how often its handler has thrown.
    struct Failing {
        std::uint32_t attempts = 0;
        std::string error;
        std::int64_t first_us = 0;
    };
    enum class Outcome : std::uint8_t { committed, threw, not_now };

    void run() noexcept;
    void work();
    [[nodiscard]] bool collect();
    [[nodiscard]] std::size_t batch_end() const noexcept;
    void handle(std::size_t count);
    void handle_alone();
    [[nodiscard]] Outcome try_to_handle(std::size_t count, std::size_t& done, std::string& why);
    void call_handler(Transaction& transaction, const events::CommitChange& change);
    void note_committed(std::size_t count, const FeedPosition& position);
    void bury(const Failing& failing);
    void give_up(const std::string& why);
    void save_row(const FeedPosition& position, const Failing* failing = nullptr);
    [[nodiscard]] FeedPosition position_after(std::size_t count) const;
    [[nodiscard]] bool is_ending() const;
    /// False: the consumer ends.
    [[nodiscard]] bool sleep(std::chrono::milliseconds time);
    [[nodiscard]] bool await_resumed();
    [[nodiscard]] std::chrono::milliseconds backoff(std::uint32_t attempts);
    [[nodiscard]] Transaction begin();
    void write_row(Transaction& transaction, const FeedPosition& position,
                   const Failing* failing = nullptr);

    const std::shared_ptr<Core> core_;
    /// Until the thread ends: then the database can be opened again, also while this object exists.
    std::optional<Core::Use> use_{*core_};
    const ChangeHandler handler_;
    const ConsumerOptions options_;
    const std::string origin_;            ///< of the handler's commits
    events::ConsumerRow row_;             ///< owned by the thread
    std::unique_ptr<events::Feed> feed_;  ///< destroyed with the mutex, because others wake it
    ShownChange shown_;
    events::ChangeBatch batch_;  ///< read and not yet handled; owned by the thread
    FeedPosition passed_;        ///< after what was read into the batch and what was not selected
    std::uint64_t random_ = 0;

    mutable std::mutex mutex_;
    mutable std::condition_variable changed_;
    bool ending_ = false;
    bool paused_ = false;
    ConsumerState state_ = ConsumerState::running;
    FeedPosition position_;  ///< for others: everything up to here has taken effect
    FeedPosition stored_;    ///< as the row has it
    ConsumerReport counts_;
    std::string last_error_;
    std::uint32_t attempts_ = 0;

    std::mutex joining_;  ///< several threads may stop it
    std::jthread thread_;
    std::atomic<std::thread::id> runs_on_{};
};

}  // namespace amphora::detail
