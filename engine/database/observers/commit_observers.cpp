#include "database/observers/commit_observers.hpp"

#include "base/clock.hpp"
#include "base/started_thread.hpp"
#include "base/thread_name.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <utility>

namespace amphora::detail {

bool ObservedSpaces::note(const Commit& commit, std::optional<std::span<const SpaceId>> spaces) {
    if (!spaces) return false;  // it was under way when `on_commit` was called
    const std::lock_guard lock{noting_};
    bool has_changed = false;
    for (const SpaceId space : *spaces) {
        const events::Sources::Source* const source = sources_.find(space);
        if (source == nullptr) continue;
        const bool is_observed =
            spaces_.empty() ? !source->is_system : std::ranges::binary_search(spaces_, space);
        if (!is_observed) continue;
        changed_.insert(space);
        has_changed = true;
    }
    if (has_changed && last_.sequence < commit.sequence) last_ = commit;
    return has_changed;
}

void ObservedSpaces::call() {
    Committed committed;
    {
        const std::lock_guard lock{noting_};
        if (changed_.empty()) return;
        committed.commit = last_;
        for (const SpaceId space : std::exchange(changed_, {})) {
            committed.names.emplace_back(sources_.find(space)->name);
        }
    }
    std::ranges::sort(committed.names);
    callback_(committed);
}

CommitObservers::CommitObservers(transaction::Engine& engine,
                                 std::shared_ptr<const stores::BoundSchema> schema, Log log)
    : engine_{engine}, sources_{std::move(schema)}, log_{std::move(log)} {}

void CommitObservers::stop() noexcept {
    std::jthread thread;
    {
        const std::lock_guard lock{mutex_};
        if (ending_.exchange(true) || !thread_.joinable()) return;
        thread = std::move(thread_);
    }
    // Without the lock, which a commit that is told at the moment needs.
    engine_.on_commit({});
    for (const auto& observer : alive()) observer->give_up();
    noted_.give();
    if (thread.get_id() == std::this_thread::get_id()) thread.detach();
}

std::shared_ptr<Observed> CommitObservers::add(const std::vector<std::string>& names,
                                               std::function<void(const Committed&)> callback) {
    std::vector<SpaceId> spaces;
    for (const std::string& name : names) {
        const auto space = sources_.space_of(name);
        if (!space) {
            throw Error{ErrorCode::no_such_table,
                        fmt::format("there is no table or collection {} to observe", name)};
        }
        spaces.push_back(*space);
    }
    std::ranges::sort(spaces);
    auto observed =
        std::make_shared<ObservedSpaces>(sources_, std::move(spaces), std::move(callback));
    begin(observed);
    return observed;
}

std::shared_ptr<Observed> CommitObservers::add(ObservedSource source,
                                               const ObserveOptions& options) {
    auto observed = std::make_shared<ObservedQuery>(engine_, std::move(source), options);
    begin(observed);
    noted_.give();
    return observed;
}

void CommitObservers::begin(const std::shared_ptr<Observed>& observed) {
    const std::lock_guard lock{mutex_};
    if (ending_) {
        throw Error{ErrorCode::transaction_closed, "the database was closed; open it again"};
    }
    if (!thread_.joinable()) {
        thread_ =
            start_thread("observers of commits", [self = shared_from_this()] { self->run(); });
        engine_.on_commit(
            [this](Sequence sequence, std::optional<std::span<const SpaceId>> changed) {
                note({.epoch = engine_.epoch(), .sequence = sequence}, changed);
            });
    }
    std::erase_if(observers_, [](const auto& observer) { return observer.expired(); });
    observers_.push_back(observed);
}

std::vector<std::shared_ptr<Observed>> CommitObservers::alive() {
    std::vector<std::shared_ptr<Observed>> all;
    const std::lock_guard lock{mutex_};
    for (const auto& observer : observers_) {
        if (auto alive = observer.lock()) all.push_back(std::move(alive));
    }
    return all;
}

void CommitObservers::note(const Commit& commit, std::optional<std::span<const SpaceId>> spaces) {
    bool has_changed = false;
    for (const auto& observer : alive()) {
        if (observer->note(commit, spaces)) has_changed = true;
    }
    if (has_changed) noted_.give();
}

void CommitObservers::complain(const char* what) const {
    if (log_) log_(fmt::format("an observer of commits has thrown: {}", what));
}

void CommitObservers::run() noexcept {
    name_thread("observers");
    while (!ending_) {
        noted_.await(next_due());
        tell_all();
    }
}

void CommitObservers::tell_all() noexcept {
    for (const auto& observer : alive()) {
        if (ending_) return;
        try {
            observer->tell();
        } catch (const std::exception& error) {
            complain(error.what());
        } catch (...) {
            complain("something that is no std::exception");
        }
    }
}

Deadline CommitObservers::next_due() {
    Deadline next;
    for (const auto& observer : alive()) {
        const auto due_ms = observer->put_off_until_ms();
        if (!due_ms) continue;
        next = earlier(next, Deadline{std::chrono::milliseconds{*due_ms - steady_ms()}});
    }
    return next;
}

}  // namespace amphora::detail
