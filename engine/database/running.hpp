#pragma once

#include "base/wake_signal.hpp"

#include <amphora/types.hpp>

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace amphora::detail {

/// What uses an open database on a thread of its own. `Core::close` stops it first.
class Running {
  public:
    Running() = default;
    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;
    virtual ~Running() = default;
    /// Waits until its thread does nothing more, unless it is this thread.
    virtual void stop() noexcept = 0;
    /// Called about every second, to say in the log what takes too long.
    virtual void look_after() noexcept {}
};

/// The consumers of an open database: which run, and which commits each still needs. Any thread.
class ConsumerRegister {
  public:
    /// Throws `in_use` if one with that name runs, `transaction_closed` after `close`.
    void add(const std::string& name, const std::weak_ptr<Running>& running);
    void remove(const std::string& name) noexcept;
    [[nodiscard]] std::shared_ptr<Running> find(const std::string& name) const;
    /// Stops all that run, and takes no more.
    void close() noexcept;
    ~ConsumerRegister() { stop_looking(); }
    /// In a forked child, where the threads are the parent's.
    void leave_to_parent() noexcept { static_cast<void>(looking_.release()); }

    /// The consumer still needs every commit after `position`; none: it needs nothing. `keep` gets
    /// the position of the slowest one, none if nobody needs anything; calls of it follow each
    /// other in the order of the changes.
    void need_after(const std::string& name, std::optional<Sequence> position,
                    const std::function<void(std::optional<Sequence>)>& keep);
    /// The same for all at once, at an opening.
    void need_after(std::map<std::string, Sequence> positions,
                    const std::function<void(std::optional<Sequence>)>& keep);

  private:
    [[nodiscard]] std::vector<std::shared_ptr<Running>> alive() const;
    void look_after_all() noexcept;
    void stop_looking() noexcept;

    mutable std::mutex mutex_;
    bool closed_ = false;
    std::map<std::string, std::weak_ptr<Running>> running_;
    [[nodiscard]] std::optional<Sequence> slowest() const;

    std::mutex needing_;
    std::map<std::string, Sequence> needed_after_;

    std::atomic<bool> looks_no_more_{false};
    WakeSignal look_;
    std::unique_ptr<std::jthread> looking_;  ///< begins with the first one that runs
};

}  // namespace amphora::detail
