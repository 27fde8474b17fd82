#include "base/clock.hpp"
#include "codec/utf8.hpp"
#include "database/consumer_positions.hpp"
#include "database/consumers/consumer_run.hpp"
#include "database/consumers/dead_letters.hpp"
#include "database/reader_state.hpp"
#include "events/change_key.hpp"
#include "events/partition_key.hpp"
#include "outbox/context.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <utility>

/// How a consumer handles the changes of the feed.
namespace amphora::detail {

using events::CommitChange;
using std::chrono::milliseconds;

namespace {

/// So much is kept of what a handler has thrown.
constexpr std::size_t error_bytes_max = 4000;

}  // namespace

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

bool is_too_large(ErrorCode code) noexcept {
    return code == ErrorCode::value_too_large || code == ErrorCode::transaction_too_large;
}

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

ConsumerRun::Failure ConsumerRun::current_failure() {
    // It is stored as a text, in a row and in letters.
    const auto readable = [](const char* what) {
        return codec::well_formed(Bytes{what}.substr(0, error_bytes_max));
    };
    try {
        throw;
    } catch (const Error& error) {
        return {error.code(), readable(error.what())};
    } catch (const std::exception& error) {
        return {std::nullopt, readable(error.what())};
    } catch (...) {
        return {std::nullopt, "something was thrown that is no std::exception"};
    }
}

/// How many changes, from the first one, can be handled now.
std::size_t ConsumerRun::ready() const noexcept {
    if (!preparations_) return batch_.size();
    const auto is_done = [](const auto& task) {
        return task->done.load(std::memory_order_acquire);
    };
    return static_cast<std::size_t>(std::ranges::find_if_not(tasks_, is_done) - tasks_.begin());
}

/// Where the batch ends: after a whole commit, if one ends in it.
std::size_t ConsumerRun::batch_end(std::size_t ready) const noexcept {
    const bool may_be_cut = ready < batch_.size() || ready == batch_max();
    if (!may_be_cut || batch_[ready - 1].is_last) return ready;
    for (std::size_t end = ready - 1; end > 0; --end) {
        if (batch_[end - 1].commit != batch_[end].commit) return end;
    }
    return ready;
}

events::FeedPlace ConsumerRun::place_after(std::size_t count) const {
    if (count == batch_.size()) return passed_;
    return {position_of(batch_[count - 1]), batch_.snapshot_after(count - 1)};
}

FeedPosition ConsumerRun::position_of(const CommitChange& change) const {
    return events::position_of(change, core_->lineage);
}

/// The text that distinguishes a change of the batch from every other one. Rows and documents of a
/// snapshot share a position.
std::string ConsumerRun::name_of(std::size_t at) const {
    const CommitChange& change = batch_[at];
    if (change.kind != ChangeKind::read) return to_string(position_of(change));
    return events::to_text({position_of(change), batch_.snapshot_after(at)});
}

std::optional<std::string> ConsumerRun::partition_of(const CommitChange& change) const {
    if (options_.partition_by.empty()) return std::nullopt;
    return events::partition_key(change, options_.partition_by);
}

/// Handles the first `count` changes of the batch, in as many commits as that takes.
void ConsumerRun::handle(std::size_t count) {
    std::size_t part = count;
    while (count > 0 && await_resumed()) {
        part = std::min(part, count);
        if (bury_if_it_kills()) {
            --count;
            continue;
        }
        Attempt attempt;
        const Outcome outcome = try_to_handle(part, attempt);
        if (outcome == Outcome::not_now) {
            if (!attempt.held_up.empty()) note_held_up(attempt);
            if (!sleep(not_now_wait)) return;
            handle_due_letters();
            continue;
        }
        const bool is_alone = attempt.done == 0 || part == 1;
        if (outcome == Outcome::threw && !is_alone) {
            part /= 2;  // the commit of all of them has failed, for which fewer may be better
            continue;
        }
        if (outcome == Outcome::committed) count -= attempt.done;
        if (attempt.failed) {
            handle_alone(*std::move(attempt.failed));
            --count;
        }
        part = count;
    }
}

/// True: the first change of the batch has ended the process as often as it may be tried.
bool ConsumerRun::bury_if_it_kills() {
    if (!row_.failing || row_.attempts < options_.attempts_max || *row_.failing != name_of(0)) {
        return false;
    }
    bury({.attempts = row_.attempts,
          .error = row_.last_error.value_or(std::string{}),
          .first_us = now_us()});
    return true;
}

/// A process that ended with exactly one change in hand counts as an attempt of it. Where it had
/// several, they are handled one by one until all of them are passed.
void ConsumerRun::take_in_hand(Transaction& transaction) {
    const auto held = in_hand_.left();
    if (!held) return;
    alone_left_ = held->changes;
    if (held->changes != 1) return;
    const std::string error = "the process ended while the handler had it in hand";
    if (held->first.starts_with(InHand::letter_prefix)) {
        const auto id = ObjectId::parse(held->first.substr(InHand::letter_prefix.size()));
        const auto letter =
            id ? find_dead_letter(transaction.state(), *id) : std::optional<Document>{};
        if (!letter) return;
        const auto attempts = attempts_of(*letter) + 1;
        note_attempt(transaction.state(), *id,
                     attempts >= options_.attempts_max ? DeadLetterState::dead : state_of(*letter),
                     attempts, error);
        return;
    }
    row_.attempts = row_.failing == held->first ? row_.attempts + 1 : 1;
    row_.failing = held->first;
    row_.last_error = error;
}

/// The first change of the batch has failed. Handles it until it takes effect or is exhausted.
/// Nothing after it takes effect meanwhile.
void ConsumerRun::handle_alone(Failing failing) {
    const std::string position = name_of(0);
    if (row_.failing == position) failing.attempts += row_.attempts;
    for (;;) {
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
        save_row(stored_, Attempts::kept);
        if (!sleep(backoff(failing.attempts))) return;
        if (preparations_) tasks_.front() = preparations_->begin(batch_[0]);
        while (ready() == 0 && !is_ending()) more_.await(Deadline{});
        Attempt attempt;
        Outcome outcome = Outcome::not_now;
        while (outcome == Outcome::not_now) {
            if (is_ending()) return;
            outcome = try_to_handle(1, attempt);
            if (outcome == Outcome::not_now && !sleep(not_now_wait)) return;
        }
        if (outcome == Outcome::committed) return;
        ++failing.attempts;
        failing.error = attempt.failed->error;
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
    transaction::BeginOptions options{.feeds = outbox::FeedBound::ignored};
    options.durability = options_.durability.value_or(core_->options.given.durability);
    // The thread that stops this consumer may have the turn.
    options.stop = waiting_.get_token();
    auto writing = core_->engine->begin(options);
    writing->set_context({.origin = origin_});
    return Transaction{std::make_shared<ReaderState>(core_, std::move(writing))};
}

void ConsumerRun::write_row(Transaction& transaction, const events::FeedPlace& place,
                            Attempts attempts) {
    row_.position = to_text(place);
    if (attempts == Attempts::over) {
        row_.attempts = 0;
        row_.failing.reset();
    }
    {
        const std::lock_guard lock{mutex_};
        row_.state = paused_for_good_ ? events::ConsumerRow::State::paused
                                      : events::ConsumerRow::State::running;
        row_.read_again = requests_;
    }
    events::put_consumer(transaction.state().writing(), *core_->schema, row_);
}

/// Handles up to `count` changes in one commit. `attempt.failed` is the change after those that are
/// done, or the commit of all of them.
ConsumerRun::Outcome ConsumerRun::try_to_handle(std::size_t count, Attempt& attempt) {
    // While it waits for the next attempt, or is paused, nothing is in hand.
    struct Release {
        InHand& hand;
        ~Release() { hand.release(); }
    } const release{in_hand_};
    try {
        in_hand_.hold(name_of(0), count);
        Transaction transaction = begin();
        transaction::Writing& writing = transaction.state().writing();
        const Deadline end{options_.batch_time_max};
        while (attempt.done < count && (attempt.done == 0 || !(end.has_passed() || is_ending()))) {
            if (!handle_next(transaction, attempt)) break;
            ++attempt.done;
        }
        if (attempt.done == 0) return Outcome::not_now;
        writing.set_context({.origin = origin_});
        const events::FeedPlace place = place_after(attempt.done);
        if (attempt.failures != 0) row_.last_error = attempt.error;
        write_row(transaction, place);
        const Commit commit = core_->engine->commit(transaction.state().take_writing());
        note_committed(attempt, place, commit);
        return Outcome::committed;
    } catch (...) {
        const Failure failure = current_failure();
        if (failure.code && ends_everything(*failure.code)) throw;
        if (failure.code && waits_after(*failure.code, failure.message)) return Outcome::not_now;
        attempt.failed = Failing{.attempts = 1, .error = failure.message, .first_us = now_us()};
        return Outcome::threw;
    }
}

/// Handles the change of the batch after those that are done, or sets it aside. False: what was
/// done before it is to be committed, and the next attempt begins with it. Throws what its handler
/// throws where it is the first one.
bool ConsumerRun::handle_next(Transaction& transaction, Attempt& attempt) {
    const CommitChange& change = batch_[attempt.done];
    const auto partition = partition_of(change);
    if (partition && is_held(SetAside::group_of(partition, {}), attempt)) {
        if (!has_room(attempt)) {
            attempt.held_up = "as many changes are set aside as dead_letters_max says";
            return false;
        }
        if (try_to_set_aside(transaction, DeadLetterState::waiting, {}, attempt)) return true;
        if (attempt.done == 0) hold_up_for_partition(*partition, attempt);
        return false;
    }
    transaction::Writing& writing = transaction.state().writing();
    const auto before = writing.savepoint();
    try {
        call_handler(transaction, change, work_of(attempt.done));
        return true;
    } catch (...) {
        if (transaction.has_ended()) throw;
        const Failure failure = current_failure();
        const bool is_of_change =
            !failure.code || !(passes_by_itself(*failure.code) || ends_everything(*failure.code));
        const bool may_be_set_aside =
            is_of_change && partition && options_.attempts_max > 1 && has_room(attempt);
        if (attempt.done == 0 && !may_be_set_aside) throw;
        writing.rollback_to(before);
        Failing failing{.attempts = 1, .error = failure.message, .first_us = now_us()};
        if (may_be_set_aside) {
            if (try_to_set_aside(transaction, DeadLetterState::retrying, failing, attempt)) {
                return true;
            }
            if (attempt.done == 0) throw;
            return false;  // alone it may fit
        }
        if (is_of_change) attempt.failed = std::move(failing);
        return false;
    }
}

bool ConsumerRun::is_held(const std::string& group, const Attempt& attempt) const {
    return set_aside_.holds(group) ||
           std::ranges::any_of(attempt.set_aside,
                               [&](const auto& letter) { return letter.first == group; });
}

bool ConsumerRun::has_room(const Attempt& attempt) const noexcept {
    return set_aside_.size() + attempt.set_aside.size() < options_.dead_letters_max;
}

/// Stores the change after those that are done as a letter, in the commit that passes it.
void ConsumerRun::set_aside(Transaction& transaction, DeadLetterState state, const Failing& failing,
                            Attempt& attempt) {
    const CommitChange& change = batch_[attempt.done];
    const auto partition = partition_of(change);
    const std::string position = name_of(attempt.done);
    const ObjectId id = add_dead_letter(transaction.state(), {.consumer = row_.name,
                                                              .position = position,
                                                              .change = change,
                                                              .state = state,
                                                              .partition = partition,
                                                              .attempts = failing.attempts,
                                                              .error = failing.error,
                                                              .first_us = failing.first_us});
    std::int64_t due_ms = 0;
    if (state == DeadLetterState::retrying) {
        due_ms = steady_ms() + backoff(failing.attempts).count();
        ++attempt.failures;
        attempt.error = failing.error;
    }
    attempt.set_aside.emplace_back(
        SetAside::group_of(partition, position),
        SetAside::Letter{.id = id, .state = state, .attempts = failing.attempts, .due_ms = due_ms});
}

/// The prepared work of a change of the batch. Throws what its preparation has thrown.
void* ConsumerRun::work_of(std::size_t at) const {
    if (!preparations_) return nullptr;
    const Preparations::Task& task = *tasks_[at];
    if (task.failure) std::rethrow_exception(task.failure);
    return task.work.get();
}

void ConsumerRun::call_handler(Transaction& transaction, const CommitChange& change, void* work) {
    const std::string cause = to_string(position_of(change));
    transaction.state().writing().set_context(
        {.origin = origin_, .correlation = change.context.correlation, .causation = cause});
    transaction.state().belongs_to_handler(true);
    handling_sequence_.store(number(change.commit.sequence));
    handling_since_ms_.store(steady_ms());
    struct Handled {
        std::atomic<std::int64_t>& since_ms;
        ~Handled() { since_ms.store(0); }
    };
    {
        const Handled handled{handling_since_ms_};
        calls_.handle(transaction, shown_.show(change), work);
    }
    if (transaction.has_ended()) {
        throw Error{ErrorCode::invalid_argument,
                    fmt::format("the handler of consumer {} has taken its transaction away; use it "
                                "where it is",
                                row_.name)};
    }
    transaction.state().belongs_to_handler(false);
}

void ConsumerRun::drop_front(std::size_t count) {
    if (preparations_) tasks_.erase(tasks_.begin(), tasks_.begin() + static_cast<long>(count));
    batch_.drop_front(count);
}

void ConsumerRun::note_committed(const Attempt& attempt, const events::FeedPlace& place,
                                 const Commit& commit) {
    const std::int64_t now = now_us();
    for (std::size_t at = 0; at < attempt.done; ++at) {
        if (batch_[at].kind == ChangeKind::read) continue;
        window_.record(
            static_cast<std::uint64_t>(std::max<std::int64_t>(0, now - batch_[at].time_us)));
    }
    drop_front(attempt.done);
    alone_left_ -= std::min(alone_left_, attempt.done);
    for (const auto& [group, letter] : attempt.set_aside) set_aside_.add(group, letter);
    note_stored(place, commit);
    {
        const std::lock_guard lock{mutex_};
        place_ = place;
        counts_.changes += attempt.done - attempt.set_aside.size();
        counts_.retries += attempt.failures;
        if (attempt.failures != 0) last_error_ = attempt.error;
        ++counts_.commits;
        attempts_ = 0;
    }
    changed_.notify_all();
}

/// Passes the first change: stores it as a dead letter in the commit that moves the position.
void ConsumerRun::bury(const Failing& failing) {
    const auto stop_because = [&](const char* reason) {
        stop_before(fmt::format("a change is exhausted, and {}: {} (attempt {}): {}", reason,
                                to_string(batch_[0].kind), failing.attempts, failing.error));
    };
    if (options_.exhausted == Exhausted::stops) {
        return stop_because("ConsumerOptions::exhausted says stop");
    }
    while (!is_ending()) {
        try {
            Attempt attempt;
            if (!has_room(attempt)) {
                return stop_because("there are as many dead letters as dead_letters_max says");
            }
            Transaction transaction = begin();
            set_aside(transaction, DeadLetterState::dead, failing, attempt);
            attempt.done = 1;
            row_.last_error = failing.error;
            const events::FeedPlace place = place_after(1);
            write_row(transaction, place);
            const Commit commit = core_->engine->commit(transaction.state().take_writing());
            note_committed(attempt, place, commit);
            return;
        } catch (const Error& error) {
            if (is_too_large(error.code())) {
                return stop_because(
                    "it does not fit into a dead letter, which also has its error; mend the "
                    "handler, or open the database with a larger commit_bytes_max");
            }
            if (!waits_after(error.code(), error.what())) throw;
        }
        if (!sleep(not_now_wait)) return;
    }
}

/// Writes the row alone, if the database takes it at the moment.
void ConsumerRun::save_row(const events::FeedPlace& place, Attempts attempts) {
    Commit commit;
    try {
        Transaction transaction = begin();
        write_row(transaction, place, attempts);
        commit = core_->engine->commit(transaction.state().take_writing());
    } catch (const Error& error) {
        if (!waits_after(error.code(), error.what())) throw;
        return;
    }
    note_stored(place, commit);
}

void ConsumerRun::note_stored(const events::FeedPlace& place, const Commit& commit) {
    note_room();
    stored_ = place;
    move_consumer(*core_, row_.name, events::needed_after(place.position), commit);
}

}  // namespace amphora::detail
