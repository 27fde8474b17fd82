#pragma once

#include <amphora/feed.hpp>
#include <amphora/options.hpp>
#include <amphora/statistics.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace amphora {

class Snapshot;
class Transaction;

namespace detail {
class ConsumerRun;  // a consumer that runs; engine/database/consumers

/// `Database::consume` with a preparation, without the type of its result.
using Preparation = std::function<std::shared_ptr<void>(const Snapshot&, const Change&)>;
using PreparedHandler = std::function<void(Transaction&, const Change&, void* work)>;
}  // namespace detail

/// What a consumer does with one change. Its effects and the consumer's new position are one
/// commit, so every change takes effect exactly once, whatever is killed when.
///
/// The change shows the state as of its own commit; the transaction shows the newest state. The
/// handler runs inside of the writers' turn: it should return soon, and must not commit, roll back,
/// or begin a transaction. If it throws, its effects are undone.
using ChangeHandler = std::function<void(Transaction&, const Change&)>;

/// What happens to a change whose handler has thrown `ConsumerOptions::attempts_max` times.
enum class Exhausted : std::uint8_t {
    dead_letter,  ///< it is stored in `amphora.dead_letters`, and the consumer continues after it
    stops,        ///< the consumer stops before it
};

struct ConsumerOptions {
    /// Where a new consumer begins. One that has run before continues. A snapshot is read in chunks
    /// of 1000 rows or documents, each as of a commit of its own: changes of a row or document that
    /// is not read yet are not shown, because it will be read in its state then. So each row or
    /// document comes once as `read`, or as an insert, and then with all of its changes. Reading it
    /// survives a restart, and pins nothing.
    FeedStart start = FeedStart::oldest;
    /// The most changes that share one commit. A batch ends with a whole commit where that is
    /// possible. From 1.
    std::size_t batch_changes_max = 500;
    /// A batch is committed, and the next one begun, before the change after this time: other
    /// writers wait no longer than this and one call of the handler.
    std::chrono::milliseconds batch_time_max{10};
    /// How often a change is given to the handler before it is exhausted. From 1.
    std::uint32_t attempts_max = 5;
    /// The wait after the first failure; it doubles with each one, up to the greatest, and varies
    /// by a quarter at random, so that consumers do not fail in step.
    std::chrono::milliseconds backoff{50};
    std::chrono::milliseconds backoff_max{30'000};
    Exhausted exhausted = Exhausted::dead_letter;
    /// With this many changes of this consumer set aside, the next one that is exhausted stops it
    /// instead, and one that would have to wait for its partition holds up all others: a position
    /// passes only what has taken effect or is stored. `ConsumerReport::last_error` says so. Nor can
    /// a change be set aside that with its error is larger than a document or a commit may be
    /// (16 MiB, `Options::commit_bytes_max`).
    std::uint64_t dead_letters_max = 10'000;
    /// A column of each selected table, or a field of each selected collection and payload (a path
    /// with dots): its value groups the changes. While a change fails, those with the same value
    /// wait for it, also after it has become a dead letter, and all others take effect. Changes
    /// that wait are stored in `amphora.dead_letters`, and count in `dead_letters_max`. The value
    /// is that of the state after the change, or else of the state before, or else of the key; where
    /// it is not there, the change belongs to the group of the empty text. Empty: one change that
    /// fails holds up all others until it is exhausted.
    std::string partition_by = {};
    /// The threads that prepare changes, for a consumer that has a preparation. From 1.
    std::size_t workers = 4;
    /// A handler that has had a change for longer is named in the log, and again each time that this
    /// doubles: it holds the writers' turn, so nobody else can write. `ConsumerReport` names it, too.
    std::chrono::milliseconds handler_time_max{10'000};
    /// Also show the changes that the consumer's own handler has made.
    bool own_changes = false;
    /// Undoes all that the handler has done, so that the consumer can start again with a snapshot:
    /// where its selections have changed (`starts_again`), and where the changes after its position
    /// are not there any more (`feed_gap`, `unknown_position`), as after a repair. It runs in the
    /// commit that gives the consumer its new position, which also removes its dead letters. A
    /// consumer without it stops at a gap.
    std::function<void(Transaction&)> reset = nullptr;
    ChangedSelections changed = ChangedSelections::refused;
    /// What happens at `Options::feed_bytes_max`, where this consumer is the slowest. Stored, so it
    /// counts while nobody runs it. One that is skipped starts again, so `skip` needs a `reset`. A
    /// restore takes over unread changes only for those that `hold`.
    FeedFull when_full = FeedFull::hold;
    /// As `FeedOptions::prompt`.
    bool prompt = false;
    /// Of the commits with the handler's effects. None: `Options::durability`.
    std::optional<Durability> durability = std::nullopt;
};

enum class ConsumerState : std::uint8_t {
    idle,  ///< nobody runs it
    running,
    paused,
    stopped,  ///< by an error, which `ConsumerReport::last_error` names, or by an exhausted change
};
/// "idle", "running", "paused" or "stopped".
[[nodiscard]] std::string_view to_string(ConsumerState state) noexcept;

/// How a consumer is doing.
struct ConsumerReport {
    std::string name;
    ConsumerState state = ConsumerState::idle;
    FeedPosition position;  ///< after the last change that has taken effect
    std::string reading;    ///< the table or collection that it reads in a snapshot; empty: none
    std::vector<std::string> read_again;  ///< that wait to be read again, see Database::read_again
    std::uint64_t lag_commits = 0;        ///< durable commits after it, whether selected or not
    std::uint64_t dead_letters = 0;       ///< that are exhausted
    std::uint64_t set_aside = 0;  ///< that are tried again, or wait for one of their partition
    std::uint32_t attempts = 0;   ///< of the change that it fails at now; 0: it does not fail
    /// The handler has the change since then; none: it has none.
    std::optional<DateTime> handling_since;
    std::string last_error;
    /// Why the database takes no commit of the consumer at the moment, as that the outbox or the disk
    /// is full. It tries again until there is room. Empty: it does not wait for that.
    std::string waits_for;
    bool is_reader = false;  ///< a program that reads the feed (`FeedOptions::reader`)
    std::string selections;  ///< as stored, in JSON
    DateTime created_at;
    std::optional<DateTime> ran_at;  ///< when a program last began to run it
    // Of a consumer that runs, since it began to run.
    std::uint64_t changes = 0;  ///< that have taken effect
    std::uint64_t commits = 0;  ///< with effects
    std::uint64_t retries = 0;
    Distribution window;  ///< from the commit of a change to the commit with its effects
};

enum class DeadLetterState : std::uint8_t {
    retrying,  ///< it has failed, and will be tried again, while changes of other partitions continue
    waiting,    ///< it has not been tried, because an earlier change of its partition failed
    dead,       ///< it is exhausted; it waits for a replay, or to be dropped
    replaying,  ///< it will be given to the handler when the consumer runs next
};
/// "retrying", "waiting", "dead" or "replaying".
[[nodiscard]] std::string_view to_string(DeadLetterState state) noexcept;

/// A change that its consumer has set aside, with its bytes.
struct DeadLetter {
    std::string id;  ///< 24 hexadecimal digits
    std::string consumer;
    DeadLetterState state = DeadLetterState::dead;
    /// The text of the change's position. Of a row or document that was read from a snapshot, it
    /// also names the table or collection, and the key.
    std::string position;
    std::optional<std::string> partition;  ///< the value of `ConsumerOptions::partition_by`
    std::uint32_t attempts = 0;
    std::string error;  ///< of the last attempt
    DateTime first_at;  ///< of the first attempt
    DateTime at;        ///< of the last attempt
    /// `kind` and `name` as a feed shows them, `key`, `after`, `before`, `origin`, `correlation`,
    /// `causation`, and of a row also `row`, its primary key as text. States of documents and events
    /// are documents, those of rows are their bytes.
    Document change;
};

/// A consumer that runs on a thread of its own, until this object is destroyed.
class Subscription {
  public:
    Subscription(Subscription&&) noexcept;
    Subscription& operator=(Subscription&&) noexcept;
    Subscription(const Subscription&) = delete;
    Subscription& operator=(const Subscription&) = delete;
    /// As `stop`.
    ~Subscription();

    /// Waits for the handler that is running, and ends. The position stays, and a later
    /// `Database::consume` continues there. Called by the handler itself it does not wait: the
    /// change that is being handled takes effect, and no other one after it.
    void stop() noexcept;
    /// From the next change on nothing is handled, until `resume`. Later openings remember neither;
    /// they do remember `Database::pause_consumer`.
    void pause() noexcept;
    void resume() noexcept;

    /// As `Database::read_again`.
    Commit read_again(const SourceName& source);

    /// Waits until every selected change up to `commit` has taken effect, and everything that the
    /// consumer reads, or has been asked to read again, is read. False: `timeout` has passed, or the
    /// consumer has stopped before that. Throws `would_deadlock` inside of this
    /// thread's own write transaction, so also in a handler, because consumers wait for that.
    [[nodiscard]] bool await(const Commit& commit,
                             std::optional<std::chrono::milliseconds> timeout = std::nullopt) const;
    [[nodiscard]] ConsumerReport report() const;

  private:
    friend class Database;
    explicit Subscription(std::shared_ptr<detail::ConsumerRun> run) noexcept;
    [[nodiscard]] detail::ConsumerRun& run() const;
    std::shared_ptr<detail::ConsumerRun> run_;
};

}  // namespace amphora
