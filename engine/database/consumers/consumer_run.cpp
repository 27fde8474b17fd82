#include "database/consumers/consumer_run.hpp"

#include "base/clock.hpp"
#include "base/started_thread.hpp"
#include "base/thread_name.hpp"
#include "database/consumer_positions.hpp"
#include "database/feed_source.hpp"
#include "database/reader_state.hpp"
#include "events/selection_text.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <utility>

namespace amphora::detail {

namespace {

using events::CommitChange;
using events::ConsumerRow;
using std::chrono::milliseconds;

/// So many commits without a selected change are read again after a restart at most.
constexpr std::uint64_t unsaved_commits_max = 1000;
/// So much later than without the pause does a change reach its handler at most.
constexpr milliseconds pause_max{3};

}  // namespace

ConsumerRun::ConsumerRun(std::shared_ptr<Core> core, std::string name, ConsumerCalls calls,
                         const ConsumerOptions& options)
    : core_{std::move(core)},
      calls_{std::move(calls)},
      options_{options},
      origin_{events::origin_of_consumer(name)},
      sources_{core_->schema},
      shown_{core_->lineage},
      in_hand_{*core_->files, core_->path, name} {
    row_.name = std::move(name);
}

void ConsumerRun::open(const std::vector<Selection>& selections) {
    require_partitions(selections);
    journal::HoldOptions hold = hold_of_consumer(row_.name, options_.when_full);
    hold.is_prompt = options_.prompt;
    auto feed = std::make_unique<events::Feed>(feed_source(*core_, std::move(hold)), selections);
    feed->on_more([this] { more_.give(); });
    const std::string definition = events::to_text(selections);
    Transaction transaction = begin_first();
    auto stored = events::read_consumer(transaction.state().reading(), *core_->schema, row_.name);
    if (stored && stored->kind != ConsumerRow::Kind::handler) {
        throw Error{ErrorCode::invalid_argument,
                    fmt::format("{} is a reader of the feed; give the consumer another name, or "
                                "drop the reader",
                                row_.name)};
    }
    std::optional<Sequence> needed;
    if (stored) {
        needed = events::needed_after(*stored, core_->lineage);
        const bool is_changed = stored->definition != definition;
        if (is_changed && options_.changed == ChangedSelections::refused) {
            throw Error{
                ErrorCode::consumer_changed,
                fmt::format("consumer {} is run with other selections than before; it "
                            "selected {}, and now {}; give it another name, drop it, or say "
                            "ChangedSelections::continues or starts_again",
                            row_.name, stored->definition, definition)};
        }
        row_ = *std::move(stored);
        {
            const std::lock_guard lock{mutex_};
            requests_ = row_.read_again;
        }
        continue_after(transaction, *feed, row_.position, is_changed);
    } else {
        begin_new(*feed);
        row_.created_at = DateTime{now_us()};
    }
    forget_requests_for_others(*feed);
    row_.definition = definition;
    row_.when_full = options_.when_full;
    if (row_.state != ConsumerRow::State::paused) row_.state = ConsumerRow::State::running;
    row_.ran_at = DateTime{now_us()};
    passed_ = feed->place();
    {
        // Other threads find it already.
        const std::lock_guard lock{mutex_};
        feed_ = std::move(feed);
        place_ = passed_;
        paused_ = paused_for_good_ = row_.state == ConsumerRow::State::paused;
        if (paused_) state_ = ConsumerState::paused;
    }
    take_in_hand(transaction);
    write_row(transaction, passed_, Attempts::kept);
    const Commit commit = core_->engine->commit(transaction.state().take_writing());
    // What was stored before counts until this commit is durable.
    keep_for_consumer(*core_, row_, needed.value_or(events::needed_after(passed_.position)));
    note_stored(passed_, commit);
    load_letters();
    if (calls_.prepare) {
        preparations_ =
            std::make_unique<Preparations>(core_, calls_.prepare, options_.workers, more_);
    }
}

/// The database may be closed by the thread that has the turn.
Transaction ConsumerRun::begin_first() {
    try {
        return begin();
    } catch (const Error& error) {
        if (error.code() != ErrorCode::timeout || !is_ending()) throw;
        throw Error{ErrorCode::transaction_closed, "the database was closed; open it again"};
    }
}

/// A column that a table does not have would otherwise be found by the first change.
void ConsumerRun::require_partitions(const std::vector<Selection>& selections) const {
    if (options_.partition_by.empty()) return;
    for (const Selection& selection : selections) {
        if (selection.source != Selection::Source::table) continue;
        static_cast<void>(
            core_->schema->require(Table{selection.name}).require_column(options_.partition_by));
    }
}

ConsumerRun::~ConsumerRun() {
    if (core_->process.elsewhere()) {
        // The thread and the journal's locks are the parent's.
        static_cast<void>(feed_.release());
        static_cast<void>(preparations_.release());
        if (thread_.joinable()) thread_.detach();
        return;
    }
    stop();
    // The last owner may be the thread itself.
    if (thread_.joinable()) thread_.detach();
}

void ConsumerRun::start(std::shared_ptr<ConsumerRun> self) {
    const std::lock_guard lock{joining_};
    thread_ =
        start_thread("consumer " + row_.name, [self = std::move(self)]() mutable { self->run(); });
}

void ConsumerRun::stop() noexcept {
    {
        const std::lock_guard lock{mutex_};
        ending_ = true;
    }
    waiting_.request_stop();
    more_.give();
    changed_.notify_all();
    if (runs_on_.load() == std::this_thread::get_id()) return;
    const std::lock_guard lock{joining_};
    if (thread_.joinable()) thread_.join();
}

void ConsumerRun::pause(bool paused) noexcept {
    {
        const std::lock_guard lock{mutex_};
        paused_ = paused;
        const bool has_ended = state_ == ConsumerState::stopped || state_ == ConsumerState::idle;
        if (!has_ended) state_ = paused ? ConsumerState::paused : ConsumerState::running;
    }
    more_.give();
    changed_.notify_all();
}

void ConsumerRun::pause_for_good(bool paused) {
    {
        const std::lock_guard lock{mutex_};
        paused_for_good_ = paused;
    }
    pause(paused);
}

void ConsumerRun::look_after() noexcept {
    const std::int64_t since = handling_since_ms_.load();
    if (since == 0) {
        named_after_ms_ = 0;
        return;
    }
    const std::int64_t time = steady_ms() - since;
    if (time < std::max(named_after_ms_, options_.handler_time_max.count())) return;
    named_after_ms_ = 2 * time;
    core_->log(
        fmt::format("consumer {}: its handler has had a change of commit {} for {} s; nobody "
                    "else can write until it returns",
                    row_.name, handling_sequence_.load(), time / 1000));
}

void ConsumerRun::letters_changed() noexcept {
    letters_changed_.store(true);
    more_.give();
}

bool ConsumerRun::is_ending() const {
    const std::lock_guard lock{mutex_};
    return ending_;
}

bool ConsumerRun::is_paused() const {
    const std::lock_guard lock{mutex_};
    return paused_;
}

bool ConsumerRun::sleep(milliseconds time) {
    std::unique_lock lock{mutex_};
    static_cast<void>(Deadline{time}.await(changed_, lock, [&] { return ending_; }));
    return !ending_;
}

bool ConsumerRun::await_resumed() {
    // Changes that are being prepared are in hand until that is done.
    if (preparations_ && is_paused()) {
        while (is_paused() && !is_ending() && ready() < batch_.size()) more_.await(Deadline{});
        in_hand_.release();
    }
    std::unique_lock lock{mutex_};
    static_cast<void>(Deadline{}.await(changed_, lock, [&] { return ending_ || !paused_; }));
    return !ending_;
}

void ConsumerRun::run() noexcept {
    runs_on_.store(std::this_thread::get_id());
    name_thread("consumer");
    try {
        work();
    } catch (...) {
        const Failure failure = current_failure();
        // One that is stopped while it waits for its turn has not failed.
        if (!is_ending() || failure.code != ErrorCode::timeout) give_up(failure.message);
    }
    preparations_.reset();
    {
        const std::lock_guard lock{mutex_};
        ending_ = true;
        feed_.reset();
    }
    core_->consumers.remove(row_.name);
    use_.reset();
    {
        // Last: then the name and the database are free.
        const std::lock_guard lock{mutex_};
        state_ = gives_up_ ? ConsumerState::stopped : ConsumerState::idle;
    }
    changed_.notify_all();
}

void ConsumerRun::work() {
    while (await_resumed()) {
        handle_due_letters();
        try {
            if (!is_asked_to_read()) {
                collect();
            } else if (batch_.empty()) {
                begin_reading();
                continue;
            }
        } catch (const Error& error) {
            if (error.code() != ErrorCode::feed_gap || !options_.reset) throw;
            start_again(error.what());
            continue;
        }
        if (const std::size_t count = ready(); count > 0) {
            handle(batch_end(count));
            woken_ = false;
            continue;
        }
        if (batch_.empty() && is_worth_saving()) save_row(passed_);
        if (!await_more()) return;
    }
}

/// The place in memory is far ahead of the one that is stored, or everything has been read.
bool ConsumerRun::is_worth_saving() const noexcept {
    const std::uint64_t passed = number(passed_.position.sequence());
    return passed - number(stored_.position.sequence()) >= unsaved_commits_max ||
           (stored_.snapshot && !passed_.snapshot);
}

/// False: the journal has ended. A consumer that is woken again and again for changes that it does
/// not select waits for some commits to come together, because each wake costs more than reading
/// them.
bool ConsumerRun::await_more() {
    if (batch_.empty() &&
        feed_->await(Deadline{milliseconds{0}}) == journal::JournalCursor::More::never) {
        if (!is_ending()) give_up("the journal takes no more commits; reopen the database");
        return false;
    }
    const bool was_for_nothing = woken_ && batch_.empty();
    pause_ = was_for_nothing ? std::min(pause_ + milliseconds{1}, pause_max) : milliseconds{0};
    const auto due = set_aside_.next_due_ms();
    is_idle_.store(batch_.empty());
    more_.await(due ? Deadline{milliseconds{*due - steady_ms()}} : Deadline{});
    is_idle_.store(false);
    woken_ = true;
    if (pause_.count() > 0) static_cast<void>(sleep(pause_));
    return true;
}

/// Fills the batch with changes that are there, and begins to prepare them.
void ConsumerRun::collect() {
    while (batch_.size() < batch_max()) {
        const CommitChange* const change = feed_->next();
        passed_ = feed_->place();
        if (change == nullptr) break;
        if (!options_.own_changes && change->context.origin == origin_) continue;
        batch_.add(*change, passed_.snapshot);
        if (preparations_) tasks_.push_back(preparations_->begin(batch_.back()));
    }
    if (!batch_.empty()) {
        if (preparations_) in_hand_.hold(name_of(0), batch_.size());
        return;
    }
    {
        const std::lock_guard lock{mutex_};
        place_ = passed_;
    }
    changed_.notify_all();
}

void ConsumerRun::give_up(const std::string& why) {
    core_->log(fmt::format("consumer {} has stopped: {}", row_.name, why));
    const std::lock_guard lock{mutex_};
    last_error_ = why;
    gives_up_ = ending_ = true;
}

bool ConsumerRun::waits_after(ErrorCode code, std::string_view why) {
    if (!passes_by_itself(code)) return false;
    const std::lock_guard lock{mutex_};
    if (code != ErrorCode::timeout) waits_for_ = why;  // that is its end
    return true;
}

/// The database has taken a commit.
void ConsumerRun::note_room() {
    const std::lock_guard lock{mutex_};
    waits_for_.clear();
}

bool ConsumerRun::await(const Commit& commit, Deadline deadline) const {
    std::unique_lock lock{mutex_};
    // While there is a feed, the engine is there.
    if (feed_) core_->engine->require_elsewhere("waiting for a consumer");
    const auto has_reached = [&] {
        if (place_.snapshot || !requests_.empty()) return false;
        const FeedPosition& position = place_.position;
        return position.sequence() > commit.sequence ||
               (position.sequence() == commit.sequence && position.is_whole_commit());
    };
    const auto tell_of_all = [&] {
        if (feed_) feed_->tell_of_all(awaiting_ > 0);
    };
    ++awaiting_;
    tell_of_all();
    more_.give();
    static_cast<void>(deadline.await(changed_, lock, [&] {
        // One that gives up says so first.
        return has_reached() || state_ == ConsumerState::stopped || (ending_ && !gives_up_);
    }));
    --awaiting_;
    tell_of_all();
    return has_reached();
}

/// With the mutex held. While it is idle the feed moves without it.
FeedPosition ConsumerRun::position() const {
    if (!feed_ || place_.snapshot) return place_.position;
    // In this order: a position that was read before it was idle has taken effect.
    const Sequence seen = feed_->read_up_to();
    if (!is_idle_.load() || seen <= place_.position.sequence()) return place_.position;
    return {core_->lineage.of(seen).bytes, seen};
}

ConsumerReport ConsumerRun::report() const {
    const std::lock_guard lock{mutex_};
    ConsumerReport report = counts_;
    if (const std::int64_t since = handling_since_ms_.load(); since != 0) {
        report.handling_since = DateTime{now_us() - (steady_ms() - since) * 1000};
    }
    report.window = {.count = window_.count(),
                     .p50_us = window_.percentile(0.5),
                     .p90_us = window_.percentile(0.9),
                     .p99_us = window_.percentile(0.99),
                     .max_us = window_.max()};
    report.state = state_;
    report.position = position();
    if (place_.snapshot) report.reading = place_.snapshot->name;
    report.read_again = requests_;
    report.attempts = attempts_;
    report.last_error = last_error_;
    report.waits_for = waits_for_;
    return report;
}

}  // namespace amphora::detail
