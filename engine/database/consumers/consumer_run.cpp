#include "database/consumers/consumer_run.hpp"

#include "base/clock.hpp"
#include "base/started_thread.hpp"
#include "base/thread_name.hpp"
#include "database/consumer_positions.hpp"
#include "database/consumers/dead_letters.hpp"
#include "database/reader_state.hpp"
#include "events/selection_text.hpp"
#include "outbox/context.hpp"

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
constexpr milliseconds not_now_wait{20};

/// Errors of the moment, which say nothing about the change.
bool passes_by_itself(ErrorCode code) noexcept {
    switch (code) {
        case ErrorCode::outbox_full:
        case ErrorCode::documents_stalled:
        case ErrorCode::disk_full:
        case ErrorCode::timeout:
        case ErrorCode::too_many_snapshots:
            return true;
        default:
            return false;
    }
}

/// Errors after which this opening takes no commit of a consumer.
bool ends_everything(ErrorCode code) noexcept {
    switch (code) {
        case ErrorCode::needs_reopen:
        case ErrorCode::outcome_unknown:
        case ErrorCode::transaction_closed:
        case ErrorCode::used_after_fork:
        case ErrorCode::corrupt:
            return true;
        default:
            return false;
    }
}

}  // namespace

ConsumerRun::ConsumerRun(std::shared_ptr<Core> core, std::string name, ChangeHandler handler,
                         const ConsumerOptions& options)
    : core_{std::move(core)},
      handler_{std::move(handler)},
      options_{options},
      origin_{events::origin_of_consumer(name)},
      shown_{core_->identity.timeline.bytes} {
    row_.name = std::move(name);
}

void ConsumerRun::open(const std::vector<Selection>& selections) {
    auto feed = std::make_unique<events::Feed>(*core_->journal, core_->schema,
                                               core_->identity.timeline, selections);
    const std::string definition = events::to_text(selections);
    Transaction transaction = begin();
    auto stored = events::read_consumer(transaction.state().reading(), *core_->schema, row_.name);
    if (stored) {
        if (stored->definition != definition && options_.changed == ChangedSelections::refused) {
            throw Error{
                ErrorCode::consumer_changed,
                fmt::format("consumer {} is run with other selections than before; it "
                            "selected {}, and now {}; give it another name, drop it, or say "
                            "ChangedSelections::continues",
                            row_.name, stored->definition, definition)};
        }
        row_ = *std::move(stored);
        feed->seek(FeedPosition::parse(row_.position));
    } else {
        if (options_.start == FeedStart::end) feed->seek_end();
        row_.created_at = DateTime{now_us()};
    }
    row_.definition = definition;
    row_.state = ConsumerRow::State::running;
    row_.ran_at = DateTime{now_us()};
    passed_ = feed->position().value();
    {
        // Other threads find it already.
        const std::lock_guard lock{mutex_};
        feed_ = std::move(feed);
        position_ = passed_;
    }
    write_row(transaction, passed_);
    core_->engine->commit(transaction.state().take_writing());
    stored_ = passed_;
    keep_for_consumer(*core_, row_.name, events::needed_after(stored_));
}

ConsumerRun::~ConsumerRun() {
    if (core_->process.elsewhere()) {
        // The thread and the journal's locks are the parent's.
        static_cast<void>(feed_.release());
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
        if (feed_) feed_->wake();
    }
    changed_.notify_all();
    if (runs_on_.load() == std::this_thread::get_id()) return;
    const std::lock_guard lock{joining_};
    if (thread_.joinable()) thread_.join();
}

void ConsumerRun::pause(bool paused) noexcept {
    {
        const std::lock_guard lock{mutex_};
        paused_ = paused;
        if (state_ != ConsumerState::stopped) {
            state_ = paused ? ConsumerState::paused : ConsumerState::running;
        }
        if (feed_) feed_->wake();
    }
    changed_.notify_all();
}

bool ConsumerRun::is_ending() const {
    const std::lock_guard lock{mutex_};
    return ending_;
}

bool ConsumerRun::sleep(milliseconds time) {
    std::unique_lock lock{mutex_};
    static_cast<void>(Deadline{time}.await(changed_, lock, [&] { return ending_; }));
    return !ending_;
}

bool ConsumerRun::await_resumed() {
    std::unique_lock lock{mutex_};
    static_cast<void>(Deadline{}.await(changed_, lock, [&] { return ending_ || !paused_; }));
    return !ending_;
}

void ConsumerRun::run() noexcept {
    runs_on_.store(std::this_thread::get_id());
    name_thread("consumer");
    try {
        work();
    } catch (const std::exception& error) {
        give_up(error.what());
    }
    {
        const std::lock_guard lock{mutex_};
        ending_ = true;
        if (state_ != ConsumerState::stopped) state_ = ConsumerState::idle;
        feed_.reset();
    }
    core_->consumers.remove(row_.name);
    use_.reset();
    changed_.notify_all();
}

void ConsumerRun::work() {
    while (await_resumed()) {
        if (collect()) {
            handle(batch_end());
            continue;
        }
        if (number(passed_.sequence()) - number(stored_.sequence()) >= unsaved_commits_max) {
            save_row(passed_);
        }
        if (feed_->await(Deadline{}) == journal::JournalCursor::More::never) {
            if (!is_ending()) give_up("the journal takes no more commits; reopen the database");
            return;
        }
    }
}

/// Fills the batch with changes that are there. False: there is none.
bool ConsumerRun::collect() {
    while (batch_.size() < std::max<std::size_t>(1, options_.batch_changes_max)) {
        const CommitChange* const change = feed_->next();
        passed_ = feed_->position().value();
        if (change == nullptr) break;
        if (!options_.own_changes && change->context.origin == origin_) continue;
        batch_.add(*change);
    }
    if (!batch_.empty()) return true;
    {
        const std::lock_guard lock{mutex_};
        position_ = passed_;
    }
    changed_.notify_all();
    return false;
}

/// Where the batch ends: after a whole commit, if one ends in it.
std::size_t ConsumerRun::batch_end() const noexcept {
    const std::size_t size = batch_.size();
    if (size < options_.batch_changes_max || batch_.back().is_last) return size;
    for (std::size_t end = size - 1; end > 0; --end) {
        if (batch_[end - 1].commit != batch_[end].commit) return end;
    }
    return size;
}

FeedPosition ConsumerRun::position_after(std::size_t count) const {
    if (count == batch_.size()) return passed_;
    const CommitChange& last = batch_[count - 1];
    return {core_->identity.timeline.bytes, last.commit.sequence, last.index};
}

/// Handles the first `count` changes of the batch, in as many commits as that takes.
void ConsumerRun::handle(std::size_t count) {
    std::size_t part = count;
    while (count > 0 && await_resumed()) {
        part = std::min(part, count);
        std::size_t done = 0;
        std::string why;
        switch (try_to_handle(part, done, why)) {
            case Outcome::committed:
                count -= done;
                part = count;
                break;
            case Outcome::threw:
                // The first change, or the commit of all of them, for which fewer may be better.
                if (done == 0 || part == 1) {
                    handle_alone();
                    --count;
                    part = count;
                } else {
                    part /= 2;
                }
                break;
            case Outcome::not_now:
                static_cast<void>(sleep(not_now_wait));
                break;
        }
    }
}

/// Handles the first change of the batch until it takes effect or is exhausted. Nothing after it
/// takes effect meanwhile.
void ConsumerRun::handle_alone() {
    Failing failing;
    const std::string position = to_string(
        FeedPosition{core_->identity.timeline.bytes, batch_[0].commit.sequence, batch_[0].index});
    if (row_.failing == position) failing.attempts = row_.attempts;
    while (!is_ending()) {
        std::size_t done = 0;
        switch (try_to_handle(1, done, failing.error)) {
            case Outcome::committed:
                return;
            case Outcome::not_now:
                if (!sleep(not_now_wait)) return;
                continue;
            case Outcome::threw:
                break;
        }
        if (failing.attempts++ == 0 || failing.first_us == 0) failing.first_us = now_us();
        {
            const std::lock_guard lock{mutex_};
            ++counts_.retries;
            attempts_ = failing.attempts;
            last_error_ = failing.error;
        }
        if (failing.attempts >= options_.attempts_max) return bury(failing);
        row_.failing = position;
        row_.attempts = failing.attempts;
        row_.last_error = failing.error;
        save_row(stored_, &failing);
        if (!sleep(backoff(failing.attempts))) return;
    }
}

milliseconds ConsumerRun::backoff(std::uint32_t attempts) {
    const std::uint32_t doublings = std::min<std::uint32_t>(attempts - 1, 20);
    const std::int64_t time =
        std::min(options_.backoff.count() << doublings, options_.backoff_max.count());
    random_ = random_ * 6364136223846793005u + static_cast<std::uint64_t>(now_us());
    const auto quarter = static_cast<std::uint64_t>(time / 4);
    const auto jitter =
        quarter == 0 ? 0 : static_cast<std::int64_t>((random_ >> 33) % (2 * quarter));
    return milliseconds{time - static_cast<std::int64_t>(quarter) + jitter};
}

Transaction ConsumerRun::begin() {
    transaction::BeginOptions options;
    options.durability = options_.durability.value_or(core_->options.given.durability);
    auto writing = core_->engine->begin(options);
    writing->set_context({.origin = origin_});
    return Transaction{std::make_shared<ReaderState>(core_, std::move(writing))};
}

void ConsumerRun::write_row(Transaction& transaction, const FeedPosition& position,
                            const Failing* failing) {
    row_.position = to_string(position);
    if (failing == nullptr) {
        row_.attempts = 0;
        row_.failing.reset();
    }
    events::put_consumer(transaction.state().writing(), *core_->schema, row_);
}

/// Handles up to `count` changes in one commit. `done`: how many it has committed; after a failure,
/// how many had been handled before it.
ConsumerRun::Outcome ConsumerRun::try_to_handle(std::size_t count, std::size_t& done,
                                                std::string& why) {
    done = 0;
    const auto failed = [&](ErrorCode code, const std::string& message) {
        why = message;
        if (ends_everything(code)) throw Error{code, message};
        return passes_by_itself(code) ? Outcome::not_now : Outcome::threw;
    };
    try {
        Transaction transaction = begin();
        transaction::Writing& writing = transaction.state().writing();
        const Deadline end{options_.batch_time_max};
        while (done < count && (done == 0 || !(end.has_passed() || is_ending()))) {
            const CommitChange& change = batch_[done];
            const auto before = writing.savepoint();
            const std::string cause = to_string(
                FeedPosition{core_->identity.timeline.bytes, change.commit.sequence, change.index});
            writing.set_context(
                {.origin = origin_, .correlation = change.context.correlation, .causation = cause});
            try {
                call_handler(transaction, change);
            } catch (...) {
                if (done == 0 || transaction.has_ended()) throw;
                // What was handled before it is committed; the next attempt begins with it.
                writing.rollback_to(before);
                break;
            }
            ++done;
        }
        writing.set_context({.origin = origin_});
        const FeedPosition position = position_after(done);
        write_row(transaction, position);
        core_->engine->commit(transaction.state().take_writing());
        note_committed(done, position);
        return Outcome::committed;
    } catch (const Error& error) {
        return failed(error.code(), error.what());
    } catch (const std::exception& error) {
        why = error.what();
    } catch (...) {
        why = "the handler threw something that is no std::exception";
    }
    return Outcome::threw;
}

void ConsumerRun::call_handler(Transaction& transaction, const CommitChange& change) {
    transaction.state().belongs_to_handler(true);
    handler_(transaction, shown_.show(change));
    if (transaction.has_ended()) {
        throw Error{ErrorCode::invalid_argument,
                    fmt::format("the handler of consumer {} has taken its transaction away; use it "
                                "where it is",
                                row_.name)};
    }
}

void ConsumerRun::note_committed(std::size_t count, const FeedPosition& position) {
    batch_.drop_front(count);
    stored_ = position;
    keep_for_consumer(*core_, row_.name, events::needed_after(stored_));
    {
        const std::lock_guard lock{mutex_};
        position_ = position;
        counts_.changes += count;
        ++counts_.commits;
        attempts_ = 0;
    }
    changed_.notify_all();
}

/// Passes the first change: stores it as a dead letter in the commit that moves the position.
void ConsumerRun::bury(const Failing& failing) {
    const auto stop_before = [&](const std::string& reason) {
        give_up(fmt::format("{}: {} (attempt {}): {}", reason, to_string(batch_[0].kind),
                            failing.attempts, failing.error));
    };
    if (options_.exhausted == Exhausted::stops) {
        return stop_before("a change is exhausted, and ConsumerOptions::exhausted says stop");
    }
    while (!is_ending()) {
        try {
            Transaction transaction = begin();
            if (count_dead_letters(transaction.state(), row_.name) >= options_.dead_letters_max) {
                return stop_before(
                    "a change is exhausted, and there are as many dead letters as "
                    "dead_letters_max says");
            }
            add_dead_letter(transaction.state(), {.consumer = row_.name,
                                                  .position = position_after(1),
                                                  .change = batch_[0],
                                                  .attempts = failing.attempts,
                                                  .error = failing.error,
                                                  .first_us = failing.first_us});
            row_.last_error = failing.error;
            const FeedPosition position = position_after(1);
            write_row(transaction, position);
            core_->engine->commit(transaction.state().take_writing());
            note_committed(1, position);
            return;
        } catch (const Error& error) {
            if (!passes_by_itself(error.code())) throw;
        }
        if (!sleep(not_now_wait)) return;
    }
}

void ConsumerRun::give_up(const std::string& why) {
    core_->log(fmt::format("consumer {} has stopped: {}", row_.name, why));
    const std::lock_guard lock{mutex_};
    state_ = ConsumerState::stopped;
    last_error_ = why;
    ending_ = true;
}

/// Writes the row alone, if the database takes it at the moment.
void ConsumerRun::save_row(const FeedPosition& position, const Failing* failing) {
    try {
        Transaction transaction = begin();
        write_row(transaction, position, failing);
        core_->engine->commit(transaction.state().take_writing());
    } catch (const Error& error) {
        if (!passes_by_itself(error.code())) throw;
        return;
    }
    stored_ = position;
    keep_for_consumer(*core_, row_.name, events::needed_after(stored_));
}

bool ConsumerRun::await(const Commit& commit, Deadline deadline) const {
    std::unique_lock lock{mutex_};
    const auto has_reached = [&] {
        return position_.sequence() > commit.sequence ||
               (position_.sequence() == commit.sequence && position_.is_whole_commit());
    };
    static_cast<void>(deadline.await(changed_, lock, [&] {
        return has_reached() || state_ == ConsumerState::stopped || ending_;
    }));
    return has_reached();
}

ConsumerReport ConsumerRun::report() const {
    const std::lock_guard lock{mutex_};
    ConsumerReport report = counts_;
    report.state = state_;
    report.position = position_;
    report.attempts = attempts_;
    report.last_error = last_error_;
    return report;
}

}  // namespace amphora::detail
