#pragma once

#include "base/deadline.hpp"
#include "base/histogram.hpp"
#include "base/wake_signal.hpp"
#include "database/consumers/in_hand.hpp"
#include "database/consumers/preparations.hpp"
#include "database/consumers/set_aside.hpp"
#include "database/core.hpp"
#include "database/shown_change.hpp"
#include "events/change_batch.hpp"
#include "events/consumer_rows.hpp"
#include "events/feed.hpp"
#include "events/sources.hpp"

#include <amphora/consumer.hpp>
#include <amphora/transaction.hpp>

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace amphora::detail {

/// What a consumer does with a change. Without a preparation `work` is null.
struct ConsumerCalls {
    PreparedHandler handle;
    Preparation prepare = nullptr;
};

/// A consumer that runs: a thread that reads the feed, and handles its changes in batches.
///
/// Invariant: the row of `amphora.consumers` is written in the same commit as the effects of the
/// changes up to its position, and in no other. So after any end of the process the changes after
/// that position have no effect, and those before have all of theirs, or are set aside.
///
/// A position that has moved only past changes that are not selected stays in memory: the feed
/// passes them again after a restart. It is written when it is far ahead, and at the end.
class ConsumerRun final : public Running {
  public:
    ConsumerRun(std::shared_ptr<Core> core, std::string name, ConsumerCalls calls,
                const ConsumerOptions& options);
    ~ConsumerRun() override;
    ConsumerRun(const ConsumerRun&) = delete;
    ConsumerRun& operator=(const ConsumerRun&) = delete;

    /// The consumer of that name that runs; null: none does. A named reader is none.
    [[nodiscard]] static std::shared_ptr<ConsumerRun> find(const Core& core,
                                                           const std::string& name) {
        return std::dynamic_pointer_cast<ConsumerRun>(core.consumers.find(name));
    }

    /// Takes the consumer's row, or makes it. Throws as `Database::consume`.
    void open(const std::vector<Selection>& selections);
    /// `self` is this object, which the thread keeps alive.
    void start(std::shared_ptr<ConsumerRun> self);
    void stop() noexcept override;
    void pause(bool paused) noexcept;
    /// As `pause`, and later openings remember it.
    void pause_for_good(bool paused);
    /// Names a handler in the log that has had its change for too long.
    void look_after() noexcept override;
    /// Has a table or collection read again. With the turn, in a transaction that stores the request.
    void request_reading(const std::string& name);
    [[nodiscard]] const std::shared_ptr<Core>& core() const noexcept { return core_; }
    /// Somebody else has changed its letters in `amphora.dead_letters`.
    void letters_changed() noexcept;
    [[nodiscard]] bool await(const Commit& commit, Deadline deadline) const;
    [[nodiscard]] ConsumerReport report() const;
    [[nodiscard]] const std::string& name() const noexcept { return row_.name; }

  private:
    /// Why a change has not taken effect.
    struct Failure {
        std::optional<ErrorCode> code;
        std::string message;
    };
    /// A change, and how often its handler has thrown.
    struct Failing {
        std::uint32_t attempts = 0;
        std::string error;
        std::int64_t first_us = 0;
    };
    enum class Outcome : std::uint8_t { committed, threw, not_now };
    /// What the row says of the change that fails now.
    enum class Attempts : std::uint8_t { over, kept };
    /// What one transaction does with the first changes of the batch.
    struct Attempt {
        std::size_t done = 0;  ///< handled or set aside
        std::vector<std::pair<std::string, SetAside::Letter>> set_aside;
        std::uint64_t failures = 0;     ///< of changes that are set aside
        std::string error;              ///< of the last one
        std::optional<Failing> failed;  ///< a change that is not set aside
        /// Why the first change must wait for those that are set aside.
        std::string held_up;
        bool is_stuck = false;  ///< it would wait for ever
    };

    // The thread: consumer_run.cpp.
    void run() noexcept;
    void work();
    void collect();
    [[nodiscard]] bool await_more();
    [[nodiscard]] bool is_worth_saving() const noexcept;
    [[nodiscard]] FeedPosition position() const;
    [[nodiscard]] bool is_ending() const;
    [[nodiscard]] bool is_paused() const;
    /// False: the consumer ends.
    [[nodiscard]] bool sleep(std::chrono::milliseconds time);
    [[nodiscard]] bool await_resumed();
    void give_up(const std::string& why);
    /// True: the error passes by itself, and the report says that the consumer waits for that.
    [[nodiscard]] bool waits_after(ErrorCode code, std::string_view why);
    void note_room();
    [[nodiscard]] Transaction begin_first();
    void require_partitions(const std::vector<Selection>& selections) const;

    // Where it begins: beginning.cpp.
    void begin_new(events::Feed& feed) const;
    void continue_after(Transaction& transaction, events::Feed& feed, const std::string& stored,
                        bool is_changed);
    void reset(Transaction& transaction, events::Feed& feed);
    void read_all(events::Feed& feed) const;
    void start_again(const std::string& why);

    // What is read again: reading_again.cpp.
    [[nodiscard]] bool is_asked_to_read() const;
    void begin_reading();
    [[nodiscard]] bool try_to_begin_reading(const std::string& name);
    void forget_requests_for_others(const events::Feed& feed);

    // Changes of the feed: handling.cpp.
    [[nodiscard]] std::size_t ready() const noexcept;
    [[nodiscard]] std::size_t batch_end(std::size_t ready) const noexcept;
    void handle(std::size_t count);
    void handle_alone(Failing failing);
    [[nodiscard]] Outcome try_to_handle(std::size_t count, Attempt& attempt);
    [[nodiscard]] bool handle_next(Transaction& transaction, Attempt& attempt);
    void set_aside(Transaction& transaction, DeadLetterState state, const Failing& failing,
                   Attempt& attempt);
    [[nodiscard]] bool try_to_set_aside(Transaction& transaction, DeadLetterState state,
                                        const Failing& failing, Attempt& attempt);
    void hold_up_for_partition(const std::string& partition, Attempt& attempt) const;
    void note_held_up(const Attempt& attempt);
    void stop_before(const std::string& why);
    [[nodiscard]] bool is_held(const std::string& group, const Attempt& attempt) const;
    [[nodiscard]] bool has_room(const Attempt& attempt) const noexcept;
    void call_handler(Transaction& transaction, const events::CommitChange& change, void* work);
    [[nodiscard]] void* work_of(std::size_t at) const;
    void note_committed(const Attempt& attempt, const events::FeedPlace& place,
                        const Commit& commit);
    void note_stored(const events::FeedPlace& place, const Commit& commit);
    void drop_front(std::size_t count);
    void bury(const Failing& failing);
    void save_row(const events::FeedPlace& place, Attempts attempts = Attempts::over);
    [[nodiscard]] events::FeedPlace place_after(std::size_t count) const;
    [[nodiscard]] std::chrono::milliseconds backoff(std::uint32_t attempts);
    [[nodiscard]] Transaction begin();
    void write_row(Transaction& transaction, const events::FeedPlace& place,
                   Attempts attempts = Attempts::over);
    [[nodiscard]] FeedPosition position_of(const events::CommitChange& change) const;
    [[nodiscard]] std::string name_of(std::size_t at) const;
    [[nodiscard]] std::optional<std::string> partition_of(const events::CommitChange& change) const;
    [[nodiscard]] static Failure current_failure();

    [[nodiscard]] bool bury_if_it_kills();
    /// How many changes may be in the batch.
    [[nodiscard]] std::size_t batch_max() const noexcept {
        return alone_left_ > 0 ? 1 : options_.batch_changes_max;
    }
    void take_in_hand(Transaction& transaction);

    // Changes that are set aside: letters.cpp.
    void load_letters();
    void handle_due_letters();
    void handle_letter(const std::string& group);
    [[nodiscard]] Outcome try_letter(const std::string& group, Failure& failure);
    void note_failed_letter(const std::string& group, const Failure& failure);

    const std::shared_ptr<Core> core_;
    /// Until the thread ends: then the database can be opened again, also while this object exists.
    std::optional<Core::Use> use_{*core_};
    const ConsumerCalls calls_;
    const ConsumerOptions options_;
    const std::string origin_;  ///< of the handler's commits
    const events::Sources sources_;
    events::ConsumerRow row_;  ///< owned by the thread
    mutable WakeSignal more_;  ///< there may be something to do; before the feed, which gives it
    std::unique_ptr<events::Feed> feed_;  ///< destroyed with the mutex, because others wake it
    ShownChange shown_;
    events::ChangeBatch batch_;  ///< read and not yet handled; owned by the thread
    std::deque<std::shared_ptr<Preparations::Task>> tasks_;  ///< of the batch, if it is prepared
    std::unique_ptr<Preparations> preparations_;             ///< destroyed before the batch
    events::FeedPlace passed_;  ///< after what was read into the batch and what was not selected
    SetAside set_aside_;
    std::atomic<bool> letters_changed_{false};
    std::uint64_t random_ = 0;
    std::string held_up_;                 ///< as it was last said
    bool woken_ = false;                  ///< since the last change that was handled
    std::chrono::milliseconds pause_{0};  ///< after the next wake
    InHand in_hand_;
    std::size_t alone_left_ = 0;  ///< so many changes are handled one by one

    Histogram window_;
    std::atomic<std::int64_t> handling_since_ms_{0};  ///< of the steady clock; 0: nothing
    std::atomic<std::uint64_t> handling_sequence_{0};
    std::int64_t named_after_ms_ = 0;  ///< owned by the thread that looks after handlers

    /// The feed waits, and the batch is empty: what the feed passes has taken effect.
    std::atomic<bool> is_idle_{false};

    mutable std::mutex mutex_;
    mutable std::condition_variable changed_;
    mutable std::size_t awaiting_ = 0;  ///< threads in `await`, which are told of every commit
    bool ending_ = false;
    bool gives_up_ = false;     ///< it ends, and will be `stopped`
    std::stop_source waiting_;  ///< for the turn, which ends with `ending_`
    bool paused_ = false;
    bool paused_for_good_ = false;
    ConsumerState state_ = ConsumerState::running;
    events::FeedPlace place_;   ///< for others: everything up to here has taken effect
    events::FeedPlace stored_;  ///< as the row has it
    /// Tables and collections that wait to be read again. Changes with the turn only, because every
    /// row that is written has them.
    std::vector<std::string> requests_;
    ConsumerReport counts_;
    std::string last_error_;
    std::string waits_for_;
    std::uint32_t attempts_ = 0;

    std::mutex joining_;  ///< several threads may stop it
    std::jthread thread_;
    std::atomic<std::thread::id> runs_on_{};
};

/// Errors of the moment, which say nothing about the change.
[[nodiscard]] bool passes_by_itself(ErrorCode code) noexcept;
/// Errors that say that a letter has no room in a document or in a transaction.
[[nodiscard]] bool is_too_large(ErrorCode code) noexcept;
/// Errors after which this opening takes no commit of a consumer.
[[nodiscard]] bool ends_everything(ErrorCode code) noexcept;

/// The wait after an error of the moment.
inline constexpr std::chrono::milliseconds not_now_wait{20};

}  // namespace amphora::detail
