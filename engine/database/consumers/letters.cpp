#include "base/clock.hpp"
#include "database/consumers/consumer_run.hpp"
#include "database/consumers/dead_letters.hpp"
#include "database/reader_state.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

#include <utility>

/// How a consumer handles the changes that it has set aside.
namespace amphora::detail {

void ConsumerRun::load_letters() {
    const ReaderState now{core_, core_->engine->snapshot()};
    set_aside_.load(read_dead_letters(now, row_.name));
}

/// As `set_aside`. False: the letter is too large, and nothing was done.
bool ConsumerRun::try_to_set_aside(Transaction& transaction, DeadLetterState state,
                                   const Failing& failing, Attempt& attempt) {
    transaction::Writing& writing = transaction.state().writing();
    const auto before = writing.savepoint();
    const Attempt attempt_before = attempt;
    try {
        set_aside(transaction, state, failing, attempt);
        // The row must fit, too.
        const auto with_letter = writing.savepoint();
        write_row(transaction, place_after(attempt.done + 1), Attempts::kept);
        writing.rollback_to(with_letter);
        return true;
    } catch (const Error& error) {
        if (!is_too_large(error.code())) throw;
        writing.rollback_to(before);
        attempt = attempt_before;
        return false;
    }
}

/// The first change of the batch must not be handled before those of its partition that are set
/// aside, and fits no letter.
void ConsumerRun::hold_up_for_partition(const std::string& partition, Attempt& attempt) const {
    const SetAside::Letter& first = set_aside_.first(SetAside::group_of(partition, {}));
    attempt.held_up = fmt::format(
        "a change of the partition {} does not fit into a letter, so it cannot be set aside; it "
        "waits for letter {} of its partition, which is {}",
        partition, first.id.hex(), to_string(first.state));
    if (first.state != DeadLetterState::dead) return;
    attempt.held_up += "; replay or drop that letter, and run the consumer again";
    attempt.is_stuck = true;
}

/// Everything waits for the first change of the batch. Says so once.
void ConsumerRun::note_held_up(const Attempt& attempt) {
    if (attempt.is_stuck) return stop_before(attempt.held_up);
    if (held_up_ == attempt.held_up) return;
    held_up_ = attempt.held_up;
    core_->log(fmt::format("consumer {} waits: {}", row_.name, held_up_));
    const std::lock_guard lock{mutex_};
    last_error_ = held_up_;
}

/// Ends before a change that the consumer can neither handle nor set aside. The next opening shows
/// why.
void ConsumerRun::stop_before(const std::string& why) {
    row_.last_error = why;
    save_row(stored_, Attempts::kept);
    give_up(why);
}

void ConsumerRun::handle_due_letters() {
    if (letters_changed_.exchange(false)) load_letters();
    while (!is_ending() && !is_paused()) {
        const auto group = set_aside_.due(steady_ms());
        if (!group) return;
        handle_letter(*group);
    }
}

void ConsumerRun::handle_letter(const std::string& group) {
    Failure failure;
    const Outcome outcome = try_letter(group, failure);
    in_hand_.release();
    switch (outcome) {
        case Outcome::committed:
            set_aside_.remove_first(group);
            changed_.notify_all();
            return;
        case Outcome::threw:
            return note_failed_letter(group, failure);
        case Outcome::not_now:
            break;
    }
    const SetAside::Letter& letter = set_aside_.first(group);
    set_aside_.change_first(group, letter.state, letter.attempts,
                            steady_ms() + not_now_wait.count());
}

/// The effects of the change and the end of its letter are one commit.
ConsumerRun::Outcome ConsumerRun::try_letter(const std::string& group, Failure& failure) {
    const ObjectId id = set_aside_.first(group).id;
    try {
        const auto stored = find_dead_letter(ReaderState{core_, core_->engine->snapshot()}, id);
        if (!stored) return Outcome::committed;  // somebody has dropped it
        const events::CommitChange change = change_of(*stored, sources_);
        in_hand_.hold(std::string{InHand::letter_prefix} + id.hex(), 1);
        const auto work = preparations_ ? preparations_->prepare(change) : nullptr;
        Transaction transaction = begin();
        if (!erase_dead_letter(transaction.state(), id)) return Outcome::committed;
        call_handler(transaction, change, work.get());
        core_->engine->commit(transaction.state().take_writing());
        note_room();
        const std::lock_guard lock{mutex_};
        ++counts_.changes;
        ++counts_.commits;
        return Outcome::committed;
    } catch (...) {
        failure = current_failure();
        if (!failure.code) return Outcome::threw;
        if (ends_everything(*failure.code)) throw;
        const bool is_not_now = waits_after(*failure.code, failure.message);
        return is_not_now ? Outcome::not_now : Outcome::threw;
    }
}

void ConsumerRun::note_failed_letter(const std::string& group, const Failure& failure) {
    const SetAside::Letter letter = set_aside_.first(group);
    const std::uint32_t attempts = letter.attempts + 1;
    const bool is_exhausted = attempts >= options_.attempts_max;
    const bool stops = is_exhausted && options_.exhausted == Exhausted::stops;
    const DeadLetterState state =
        is_exhausted && !stops ? DeadLetterState::dead : DeadLetterState::retrying;
    try {
        Transaction transaction = begin();
        note_attempt(transaction.state(), letter.id, state, attempts, failure.message);
        core_->engine->commit(transaction.state().take_writing());
    } catch (const Error& error) {
        if (!waits_after(error.code(), error.what())) throw;
        set_aside_.change_first(group, letter.state, letter.attempts,
                                steady_ms() + not_now_wait.count());
        return;
    }
    note_room();
    set_aside_.change_first(group, state, attempts, steady_ms() + backoff(attempts).count());
    {
        const std::lock_guard lock{mutex_};
        ++counts_.retries;
        last_error_ = failure.message;
    }
    if (stops) {
        give_up(
            fmt::format("a change that was set aside is exhausted, and "
                        "ConsumerOptions::exhausted says stop (attempt {}): {}",
                        attempts, failure.message));
    }
}

}  // namespace amphora::detail
