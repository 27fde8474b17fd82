#include "database/commit_observers.hpp"

#include "base/started_thread.hpp"
#include "base/thread_name.hpp"
#include "database/core.hpp"

#include <amphora/database.hpp>
#include <amphora/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <utility>

namespace amphora {

namespace detail {

bool ObservedSpaces::note(const Commit& commit, std::span<const SpaceId> spaces,
                          const events::Sources& sources) {
    const std::lock_guard lock{noting_};
    bool has_changed = false;
    for (const SpaceId space : spaces) {
        const events::Sources::Source* const source = sources.find(space);
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

void ObservedSpaces::tell(const events::Sources& sources) {
    Committed committed;
    {
        const std::lock_guard lock{noting_};
        if (changed_.empty()) return;
        committed.commit = last_;
        for (const SpaceId space : std::exchange(changed_, {})) {
            committed.names.emplace_back(sources.find(space)->name);
        }
    }
    std::ranges::sort(committed.names);
    const std::lock_guard lock{calling_};
    if (stopped_) return;
    runs_on_.store(std::this_thread::get_id());
    struct Left {
        std::atomic<std::thread::id>& runs_on;
        ~Left() { runs_on.store({}); }
    } const left{runs_on_};
    callback_(committed);
}

void ObservedSpaces::stop() noexcept {
    if (runs_on_.load() == std::this_thread::get_id()) {
        stopped_ = true;  // the caller is the callback, which holds the lock
        return;
    }
    const std::lock_guard lock{calling_};
    stopped_ = true;
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
    noted_.give();
    if (thread.get_id() == std::this_thread::get_id()) thread.detach();
}

std::shared_ptr<ObservedSpaces> CommitObservers::add(
    const std::vector<std::string>& names, std::function<void(const Committed&)> callback) {
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
    auto observed = std::make_shared<ObservedSpaces>(std::move(spaces), std::move(callback));
    const std::lock_guard lock{mutex_};
    if (ending_) {
        throw Error{ErrorCode::transaction_closed, "the database was closed; open it again"};
    }
    if (!thread_.joinable()) {
        thread_ =
            start_thread("observers of commits", [self = shared_from_this()] { self->run(); });
        engine_.on_commit([this](Sequence sequence, std::span<const SpaceId> changed) {
            note({.epoch = engine_.epoch(), .sequence = sequence}, changed);
        });
    }
    std::erase_if(observers_, [](const auto& observer) { return observer.expired(); });
    observers_.push_back(observed);
    return observed;
}

std::vector<std::shared_ptr<ObservedSpaces>> CommitObservers::alive() {
    std::vector<std::shared_ptr<ObservedSpaces>> all;
    const std::lock_guard lock{mutex_};
    for (const auto& observer : observers_) {
        if (auto alive = observer.lock()) all.push_back(std::move(alive));
    }
    return all;
}

void CommitObservers::note(const Commit& commit, std::span<const SpaceId> spaces) {
    bool has_changed = false;
    for (const auto& observer : alive()) {
        if (observer->note(commit, spaces, sources_)) has_changed = true;
    }
    if (has_changed) noted_.give();
}

void CommitObservers::complain(const char* what) const {
    if (log_) log_(fmt::format("an observer of commits has thrown: {}", what));
}

void CommitObservers::run() noexcept {
    name_thread("observers");
    for (;;) {
        noted_.await(Deadline{});
        if (ending_) return;
        for (const auto& observer : alive()) {
            try {
                observer->tell(sources_);
            } catch (const std::exception& error) {
                complain(error.what());
            } catch (...) {
                complain("something that is no std::exception");
            }
            if (ending_) return;
        }
    }
}

}  // namespace detail

CommitObserver::CommitObserver(std::shared_ptr<detail::ObservedSpaces> observed) noexcept
    : observed_{std::move(observed)} {}
CommitObserver::CommitObserver(CommitObserver&&) noexcept = default;

CommitObserver& CommitObserver::operator=(CommitObserver&& other) noexcept {
    CommitObserver stopped{std::move(*this)};
    observed_ = std::move(other.observed_);
    return *this;
}

CommitObserver::~CommitObserver() {
    stop();
}

void CommitObserver::stop() noexcept {
    if (observed_) observed_->stop();
}

CommitObserver Database::on_commit(const std::vector<std::string>& names,
                                   std::function<void(const Committed&)> callback) const {
    const Core::Use use{core()};
    core().require_usable();
    if (!callback) {
        throw Error{ErrorCode::invalid_argument,
                    "on_commit: there is no callback; give a function"};
    }
    return CommitObserver{core().observers->add(names, std::move(callback))};
}

}  // namespace amphora
