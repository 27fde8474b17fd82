#pragma once

#include "base/wake_signal.hpp"
#include "journal/feed_hold.hpp"

#include <amphora/types.hpp>

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
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

/// The consumers of an open database: which run, and what the journal keeps for each. Any
/// thread.
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

    /// What the journal keeps for the consumer, from now on. An earlier hold of it is destroyed.
    void keep(const std::string& name, std::unique_ptr<journal::PositionHold> hold);
    /// See PositionHold::move. The consumer has a hold.
    void move(const std::string& name, Sequence after, Sequence stored_by);
    /// Nothing is kept for the consumer any more.
    void release(const std::string& name) noexcept;
    /// Destroys all holds; nothing is recycled by that. For the end of the database.
    void forget_holds() noexcept;
    /// In a forked child: the journal's locks belong to the parent.
    void leave_holds_to_parent() noexcept;

  private:
    [[nodiscard]] std::vector<std::shared_ptr<Running>> alive() const;
    void look_after_all() noexcept;
    void stop_looking() noexcept;

    mutable std::mutex mutex_;
    bool closed_ = false;
    std::map<std::string, std::weak_ptr<Running>> running_;

    std::mutex keeping_;
    std::map<std::string, std::unique_ptr<journal::PositionHold>> holds_;

    std::atomic<bool> looks_no_more_{false};
    WakeSignal look_;
    std::unique_ptr<std::jthread> looking_;  ///< begins with the first one that runs
};

}  // namespace amphora::detail
