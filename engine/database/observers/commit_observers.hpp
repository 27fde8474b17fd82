#pragma once

#include "base/deadline.hpp"
#include "base/log.hpp"
#include "base/wake_signal.hpp"
#include "database/observers/observed.hpp"
#include "database/observers/observed_query.hpp"
#include "events/sources.hpp"
#include "transaction/engine.hpp"

#include <amphora/commit_observer.hpp>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace amphora::detail {

/// Which tables and collections have changed.
class ObservedSpaces final : public Observed {
  public:
    /// `spaces` are ascending; none: all of users. `sources` must outlive the calls of it.
    ObservedSpaces(const events::Sources& sources, std::vector<SpaceId> spaces,
                   std::function<void(const Committed&)> callback)
        : sources_{sources}, spaces_{std::move(spaces)}, callback_{std::move(callback)} {}

    [[nodiscard]] bool note(const Commit& commit,
                            std::optional<std::span<const SpaceId>> spaces) override;

  private:
    void call() override;

    const events::Sources& sources_;
    const std::vector<SpaceId> spaces_;
    const std::function<void(const Committed&)> callback_;

    std::mutex noting_;
    Commit last_;
    std::set<SpaceId> changed_;
};

/// The observers of an open database, and the thread that calls them. Writers only add to sets.
class CommitObservers : public std::enable_shared_from_this<CommitObservers> {
  public:
    /// `log` takes what a callback throws.
    CommitObservers(transaction::Engine& engine, std::shared_ptr<const stores::BoundSchema> schema,
                    Log log);
    CommitObservers(const CommitObservers&) = delete;
    CommitObservers& operator=(const CommitObservers&) = delete;

    /// Both throw `io_error` where the system has no more threads. The first throws `no_such_table`.
    [[nodiscard]] std::shared_ptr<Observed> add(const std::vector<std::string>& names,
                                                std::function<void(const Committed&)> callback);
    [[nodiscard]] std::shared_ptr<Observed> add(ObservedSource source,
                                                const ObserveOptions& options);
    /// Nobody is called any more. Waits for a callback that is running, except inside of it; the
    /// thread keeps this object until then. The engine is not used after this.
    void stop() noexcept;

  private:
    void begin(const std::shared_ptr<Observed>& observed);
    void note(const Commit& commit, std::optional<std::span<const SpaceId>> spaces);
    void run() noexcept;
    void tell_all() noexcept;
    /// When there is something to tell that was put off.
    [[nodiscard]] Deadline next_due();
    void complain(const char* what) const;
    [[nodiscard]] std::vector<std::shared_ptr<Observed>> alive();

    transaction::Engine& engine_;
    const events::Sources sources_;
    const Log log_;

    std::mutex mutex_;
    std::vector<std::weak_ptr<Observed>> observers_;
    WakeSignal noted_;
    std::atomic<bool> ending_{false};
    std::jthread thread_;  ///< keeps this object
};

}  // namespace amphora::detail
