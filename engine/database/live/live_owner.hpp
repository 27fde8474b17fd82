#pragma once

#include "base/ids.hpp"
#include "base/log.hpp"
#include "base/published_page.hpp"
#include "base/range_lock.hpp"
#include "base/wake_signal.hpp"
#include "database/live/live_page.hpp"
#include "tree/tree.hpp"

#include <amphora/statistics.hpp>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace amphora::live {

/// The owner's side of live reading: says in LIVE how far it has come, and keeps views of the relational
/// tree for those that look at it.
///
/// LMDB reuses a page only if no view needs it that is as old as the oldest reader. So one reader of
/// LMDB, a pin, keeps every page of its own state and of all later ones. While somebody looks, there is
/// always a pin that is at most two seconds old. A pin is given up when its time has passed; its
/// time is extended while an observer wishes it (observers_file.hpp).
///
/// Invariant: a state of the tree is released only after no pin that LIVE names covers it, or the time of
/// those pins has passed.
///
/// Observers never wait for the owner, nor the owner for them: it asks for their locks, and takes none.
class LiveOwner {
  public:
    /// Says that the database is being opened. Called before the opening changes anything, by the
    /// process that has the lock of an owner. `age_ms_max`: of a pin; 0: no limit. Throws `io_error`,
    /// `disk_full`.
    LiveOwner(const std::string& directory, const Identity& identity, std::uint32_t age_ms_max,
              Log log);
    ~LiveOwner();
    LiveOwner(const LiveOwner&) = delete;
    LiveOwner& operator=(const LiveOwner&) = delete;

    /// The tree is open and nothing is delivered yet. Pins what somebody may be reading already.
    void guard(tree::Tree& relational);
    /// The journal's visible and durable commits. One thread at a time.
    void advance(Sequence visible, Sequence durable) noexcept;
    /// Called before each delivery to the relational tree.
    void before_delivery() noexcept;
    /// The database is open. `figures` is called now and then, while somebody looks, on a thread of
    /// this object.
    void open(Epoch epoch, std::function<Statistics()> figures);
    /// The figures are not asked for any more. Any thread.
    void stop() noexcept;
    /// Nothing is delivered any more. The page says that the database is closed.
    void close() noexcept;

    /// How many processes look at the database, as far as the system tells.
    [[nodiscard]] std::uint64_t observers() const;

  private:
    struct Held {
        Pin pin;
        std::int64_t since_ms = 0;
        std::shared_ptr<const tree::ReadView> view;
    };
    void run() noexcept;
    void look_after_pins() noexcept;
    void change_pins(std::vector<Held>& released);
    [[nodiscard]] bool is_wished(const Pin& pin, std::int64_t now_ms) const noexcept;
    void publish();
    void publish_figures() noexcept;

    const std::string directory_;
    const Log log_;
    const std::uint32_t age_ms_max_;
    const RangeLockQuestion question_;
    const std::unique_ptr<PublishedPage> page_;

    std::mutex mutex_;  ///< protects everything below, up to the next comment
    OwnerPart part_;
    tree::Tree* relational_ = nullptr;
    std::vector<Held> pins_;
    std::uint64_t next_pin_ = 1;

    std::function<Statistics()> figures_;  ///< called by the thread only, as what follows
    std::int64_t figures_due_ms_ = 0;
    std::atomic<bool> ends_{false};
    WakeSignal wake_;
    std::mutex joining_;
    std::jthread thread_;
};

}  // namespace amphora::live
