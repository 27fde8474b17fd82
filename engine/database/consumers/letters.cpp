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
        const std::lock_guard lock{mutex_};
        ++counts_.changes;
        ++counts_.commits;
        return Outcome::committed;
    } catch (...) {
        failure = current_failure();
        if (!failure.code) return Outcome::threw;
        if (ends_everything(*failure.code)) throw;
        return passes_by_itself(*failure.code) ? Outcome::not_now : Outcome::threw;
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
        if (!passes_by_itself(error.code())) throw;
        set_aside_.change_first(group, letter.state, letter.attempts,
                                steady_ms() + not_now_wait.count());
        return;
    }
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
