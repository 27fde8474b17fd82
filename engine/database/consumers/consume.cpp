#include "database/consumer_positions.hpp"
#include "database/consumers/consumer_run.hpp"
#include "database/consumers/dead_letters.hpp"

#include <amphora/database.hpp>
#include <amphora/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace amphora {

using detail::ConsumerRun;

namespace {

void require_sense(const std::string& name, const ConsumerOptions& options) {
    const auto refuse = [&](const char* what) {
        throw Error{ErrorCode::invalid_argument, fmt::format("consumer {}: {}", name, what)};
    };
    detail::require_consumer_name(name);
    if (options.batch_changes_max == 0) refuse("batch_changes_max is at least 1");
    if (options.workers == 0) refuse("workers is at least 1");
    if (options.attempts_max == 0) refuse("attempts_max is at least 1");
    if (options.backoff.count() < 0 || options.backoff_max < options.backoff) {
        refuse("backoff is not negative, and backoff_max is not less");
    }
    if (options.changed == ChangedSelections::starts_again && !options.reset) {
        refuse("a consumer that starts again needs ConsumerOptions::reset");
    }
    if (options.when_full == FeedFull::skip && !options.reset) {
        refuse("one that may lose its place starts again then, and needs ConsumerOptions::reset");
    }
}

ConsumerReport report_of(const events::ConsumerRow& row) {
    ConsumerReport report;
    report.name = row.name;
    report.is_reader = row.kind == events::ConsumerRow::Kind::reader;
    if (row.state == events::ConsumerRow::State::paused) report.state = ConsumerState::paused;
    const auto place = events::place_of(row);
    if (place) report.position = place->position;
    if (place && place->snapshot) report.reading = place->snapshot->name;
    report.read_again = row.read_again;
    report.attempts = row.attempts;
    report.last_error = place ? row.last_error.value_or(std::string{})
                              : fmt::format("its position, {}, is not understood", row.position);
    report.selections = row.definition;
    report.created_at = row.created_at;
    report.ran_at = row.ran_at;
    return report;
}

std::uint64_t lag_of(const Core& core, const FeedPosition& position) {
    const std::uint64_t durable = number(core.journal->durable());
    return durable - std::min(durable, number(position.sequence()));
}

/// Changes one letter in a commit of its own, and tells its consumer, if that runs. False: there is
/// no such letter, or `change` has done nothing.
template <class LetterChange>
bool change_letter(const std::shared_ptr<Core>& core, const std::string& id, LetterChange change) {
    const auto letter = ObjectId::parse(id);
    if (!letter) return false;
    detail::ReaderState state{core, core->engine->begin({.feeds = outbox::FeedBound::ignored})};
    const auto stored = detail::find_dead_letter(state, *letter);
    if (!stored || !change(state, *letter, detail::state_of(*stored))) return false;
    core->engine->commit(state.take_writing());
    const std::string consumer{stored->find("consumer")->as_text().value_or("")};
    if (const auto running = ConsumerRun::find(*core, consumer)) running->letters_changed();
    return true;
}

/// In the row, and in the consumer, if it runs.
void set_paused(const std::shared_ptr<Core>& core, const std::string& name, bool is_paused) {
    detail::ReaderState state{core, core->engine->begin({.feeds = outbox::FeedBound::ignored})};
    // With the turn, so that the consumer writes no row meanwhile.
    if (const auto running = ConsumerRun::find(*core, name)) running->pause_for_good(is_paused);
    auto row = events::read_consumer(state.reading(), state.schema(), name);
    if (!row || row->kind != events::ConsumerRow::Kind::handler) {
        throw Error{ErrorCode::no_such_consumer, fmt::format("there is no consumer {}", name)};
    }
    row->state =
        is_paused ? events::ConsumerRow::State::paused : events::ConsumerRow::State::running;
    events::put_consumer(state.writing(), state.schema(), *row);
    core->engine->commit(state.take_writing());
}

/// Gives a name free again.
struct Release {
    detail::ConsumerRegister& consumers;
    const std::string& name;
    ~Release() { consumers.remove(name); }
};

}  // namespace

std::string_view to_string(ConsumerState state) noexcept {
    switch (state) {
        case ConsumerState::idle:
            return "idle";
        case ConsumerState::running:
            return "running";
        case ConsumerState::paused:
            return "paused";
        case ConsumerState::stopped:
            return "stopped";
    }
    return "unknown";  // a number that no enumerator has
}

Subscription Database::consume(const std::string& name, const std::vector<Selection>& selections,
                               ChangeHandler handler, const ConsumerOptions& options) {
    if (!handler) {
        throw Error{ErrorCode::invalid_argument,
                    fmt::format("consumer {}: there is no handler; give a function", name)};
    }
    return consume_prepared(
        name, selections, nullptr,
        [handler = std::move(handler)](Transaction& transaction, const Change& change, void*) {
            handler(transaction, change);
        },
        options);
}

Subscription Database::consume_prepared(const std::string& name,
                                        const std::vector<Selection>& selections,
                                        detail::Preparation prepare, detail::PreparedHandler apply,
                                        const ConsumerOptions& options) {
    const Core::Use use{core()};
    core().require_writable();
    require_sense(name, options);
    auto run = std::make_shared<ConsumerRun>(
        core_, name,
        detail::ConsumerCalls{.handle = std::move(apply), .prepare = std::move(prepare)}, options);
    core().consumers.add(name, run);
    try {
        run->open(selections);
        run->start(run);
    } catch (...) {
        core().consumers.remove(name);
        throw;
    }
    return Subscription{std::move(run)};
}

std::vector<ConsumerReport> Database::consumers() const {
    const auto core = current();
    const Core::Use use{*core};
    core->require_usable();
    const detail::ReaderState state{core, core->engine->snapshot()};
    std::vector<ConsumerReport> reports;
    for (const events::ConsumerRow& row : events::read_consumers(state.reading(), state.schema())) {
        ConsumerReport report = report_of(row);
        if (row.kind == events::ConsumerRow::Kind::reader) {
            if (core->consumers.find(row.name)) report.state = ConsumerState::running;
        } else if (const auto running = ConsumerRun::find(*core, row.name)) {
            const ConsumerReport live = running->report();
            report.state = live.state;
            report.position = live.position;
            report.reading = live.reading;
            report.read_again = live.read_again;
            report.attempts = live.attempts;
            report.last_error = live.last_error;
            report.waits_for = live.waits_for;
            report.changes = live.changes;
            report.commits = live.commits;
            report.retries = live.retries;
            report.handling_since = live.handling_since;
            report.window = live.window;
        }
        report.lag_commits = lag_of(*core, report.position);
        const detail::DeadLetterCounts letters = detail::count_dead_letters(state, row.name);
        report.dead_letters = letters.dead;
        report.set_aside = letters.others;
        reports.push_back(std::move(report));
    }
    return reports;
}

void Database::drop_consumer(const std::string& name) {
    const Core::Use use{core()};
    core().require_writable();
    // Nobody runs it meanwhile.
    core().consumers.add(name, std::weak_ptr<ConsumerRun>{});
    const Release release{core().consumers, name};
    detail::ReaderState state{core_, core().engine->begin({.feeds = outbox::FeedBound::ignored})};
    if (!events::erase_consumer(state.writing(), state.schema(), name)) {
        throw Error{ErrorCode::no_such_consumer,
                    fmt::format("there is no consumer {} to drop", name)};
    }
    detail::forsake_dead_letters(state, name);
    core().engine->commit(state.take_writing());
    core().consumers.release(name);
    detail::InHand::remove(*core().files, core().path, name);
}

void Database::pause_consumer(const std::string& name) {
    const Core::Use use{core()};
    core().require_writable();
    set_paused(core_, name, true);
}
void Database::resume_consumer(const std::string& name) {
    const Core::Use use{core()};
    core().require_writable();
    set_paused(core_, name, false);
}

std::vector<DeadLetter> Database::dead_letters(const std::string& consumer) const {
    const auto core = current();
    const Core::Use use{*core};
    core->require_usable();
    return detail::read_dead_letters({core, core->engine->snapshot()}, consumer);
}

bool Database::replay_dead_letter(const std::string& id) {
    const Core::Use use{core()};
    core().require_writable();
    return change_letter(
        core_, id,
        [](detail::ReaderState& transaction, const ObjectId& letter, DeadLetterState state) {
            if (state != DeadLetterState::dead) return false;
            detail::set_state(transaction, letter, DeadLetterState::replaying, 0);
            return true;
        });
}

bool Database::drop_dead_letter(const std::string& id) {
    const Core::Use use{core()};
    core().require_writable();
    return change_letter(
        core_, id, [](detail::ReaderState& transaction, const ObjectId& letter, DeadLetterState) {
            return detail::erase_dead_letter(transaction, letter);
        });
}

Subscription::Subscription(std::shared_ptr<detail::ConsumerRun> run) noexcept
    : run_{std::move(run)} {}
Subscription::Subscription(Subscription&&) noexcept = default;

Subscription& Subscription::operator=(Subscription&& other) noexcept {
    Subscription stopped{std::move(*this)};
    run_ = std::move(other.run_);
    return *this;
}

Subscription::~Subscription() {
    stop();
}

detail::ConsumerRun& Subscription::run() const {
    if (run_) [[likely]] {
        return *run_;
    }
    throw Error{ErrorCode::transaction_closed,
                "this Subscription was moved from; use the one that it was moved to"};
}

void Subscription::stop() noexcept {
    if (run_) run_->stop();
}
void Subscription::pause() noexcept {
    if (run_) run_->pause(true);
}
void Subscription::resume() noexcept {
    if (run_) run_->pause(false);
}
bool Subscription::await(const Commit& commit,
                         std::optional<std::chrono::milliseconds> timeout) const {
    return run().await(commit, Deadline{timeout});
}
ConsumerReport Subscription::report() const {
    return run().report();
}

}  // namespace amphora
