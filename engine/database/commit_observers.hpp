#pragma once

#include "base/log.hpp"
#include "base/wake_signal.hpp"
#include "events/sources.hpp"
#include "transaction/engine.hpp"

#include <amphora/commit_observer.hpp>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <span>
#include <string>
#include <thread>
#include <vector>

namespace amphora::detail {

/// What one observer is to be told next.
class ObservedSpaces {
  public:
    /// `spaces` are ascending; none: all of users.
    ObservedSpaces(std::vector<SpaceId> spaces, std::function<void(const Committed&)> callback)
        : spaces_{std::move(spaces)}, callback_{std::move(callback)} {}

    /// Adds those of the spaces that are observed. True: there is something to tell.
    [[nodiscard]] bool note(const Commit& commit, std::span<const SpaceId> spaces,
                            const events::Sources& sources);
    /// Calls the callback, if there is something to tell. Throws what the callback throws.
    void tell(const events::Sources& sources);
    void stop() noexcept;

  private:
    const std::vector<SpaceId> spaces_;
    const std::function<void(const Committed&)> callback_;

    std::mutex noting_;
    Commit last_;
    std::set<SpaceId> changed_;

    std::mutex calling_;  ///< held while the callback runs
    bool stopped_ = false;
    std::atomic<std::thread::id> runs_on_{};
};

/// The observers of an open database, and the thread that calls them. Writers only add to sets.
class CommitObservers : public std::enable_shared_from_this<CommitObservers> {
  public:
    /// `log` takes what a callback throws.
    CommitObservers(transaction::Engine& engine, std::shared_ptr<const stores::BoundSchema> schema,
                    Log log);
    CommitObservers(const CommitObservers&) = delete;
    CommitObservers& operator=(const CommitObservers&) = delete;

    /// Throws `no_such_table`; `io_error` where the system has no more threads.
    [[nodiscard]] std::shared_ptr<ObservedSpaces> add(
        const std::vector<std::string>& names, std::function<void(const Committed&)> callback);
    /// Nobody is called any more. Waits for a callback that is running, except inside of it; the
    /// thread keeps this object until then. The engine is not used after this.
    void stop() noexcept;

  private:
    void note(const Commit& commit, std::span<const SpaceId> spaces);
    void run() noexcept;
    void complain(const char* what) const;
    [[nodiscard]] std::vector<std::shared_ptr<ObservedSpaces>> alive();

    transaction::Engine& engine_;
    const events::Sources sources_;
    const Log log_;

    std::mutex mutex_;
    std::vector<std::weak_ptr<ObservedSpaces>> observers_;
    WakeSignal noted_;
    std::atomic<bool> ending_{false};
    std::jthread thread_;  ///< keeps this object
};

}  // namespace amphora::detail
