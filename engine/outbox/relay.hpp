#pragma once

#include "base/deadline.hpp"
#include "base/histogram.hpp"
#include "base/ids.hpp"
#include "base/log.hpp"
#include "journal/journal.hpp"
#include "outbox/options.hpp"
#include "outbox/pending.hpp"
#include "outbox/statistics.hpp"
#include "tree/tree.hpp"

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <span>
#include <string>
#include <thread>

namespace amphora::outbox {

enum class RelayStep : std::uint8_t { idle, carried, held };

/// Delivers commits to one tree, in order, each batch with its mark in the same atomic write.
/// Nothing else writes to that tree.
///
/// Why nothing is lost, delivered twice or delivered early: before it applies a table it waits
/// until the journal holds the table's last commit durably; the mark is written with the changes;
/// and a table leaves the pending list only after the tree's new views show it. A step that fails
/// changes nothing and is repeated.
class Relay {
  public:
    /// `after_step` is called on the relay's thread after something was delivered or held.
    Relay(TreeId id, tree::Tree& tree, Pending& pending, journal::Journal& journal,
          const OutboxOptions& options, Log log, std::function<void(Relay&)> after_step);
    ~Relay();

    /// Called before `start`, or instead of it. `delivered`: the tree's own mark.
    void begin_at(Sequence delivered);
    /// Starts the thread, if it is not running.
    void start();
    /// Ends the thread after its current step.
    void stop() noexcept;

    /// The table is full, or its age begins to count.
    void wake() noexcept;
    /// Delivers up to `sequence` without waiting for size or age.
    void request(Sequence sequence) noexcept;
    /// Asks the tree to hold what is delivered, once that is at least `sequence`.
    void request_hold(Sequence sequence) noexcept;
    /// Asks the tree, on a full disk, to give back the space of removed entries.
    void request_reclaim() noexcept;
    /// Asks for delivery and waits. False: the time ran out, or waiting is in vain (`why_in_vain`).
    bool await_delivered(Sequence sequence, Deadline deadline);
    /// Waits until everything up to `sequence` is delivered and held, or an attempt has failed.
    bool settle(Sequence sequence);

    [[nodiscard]] TreeId id() const noexcept { return id_; }
    [[nodiscard]] Sequence delivered() const noexcept {
        return delivered_.load(std::memory_order_acquire);
    }
    [[nodiscard]] Sequence held() const noexcept { return held_.load(std::memory_order_acquire); }
    /// Whether attempts fail, or one has taken longer than `stalled_ms`.
    [[nodiscard]] bool stalled() const noexcept;
    [[nodiscard]] bool has_ended() const noexcept {
        return has_ended_.load(std::memory_order_relaxed);
    }
    /// Why nothing more will be delivered before the next opening; null while it may be.
    [[nodiscard]] std::exception_ptr why_in_vain() const;
    /// Why the last attempt failed; null if it did not.
    [[nodiscard]] std::exception_ptr last_failure() const;
    [[nodiscard]] std::uint64_t failures() const noexcept {
        return failures_.load(std::memory_order_relaxed);
    }
    void add_to(RelayStatistics& statistics) const;

  private:
    static void raise_stage(std::atomic<Sequence>& stage, Sequence sequence) noexcept;
    void run() noexcept;
    RelayStep step();
    [[nodiscard]] bool due() const;
    [[nodiscard]] bool hold_due() const;
    /// Milliseconds until `due` or `hold_due` may become true only by the passing of time.
    [[nodiscard]] std::int64_t sleep_ms() const;
    void deliver(std::span<const std::shared_ptr<PendingTable>> tables);
    void hold();
    void reclaim_where_asked();
    void note_window(std::span<const std::shared_ptr<PendingTable>> tables);
    void note_success();
    /// True: the relay ends, and all writing with it.
    bool note_failure(std::exception_ptr failure) noexcept;
    bool await(const std::atomic<Sequence>& stage, Sequence sequence, Deadline deadline);

    const TreeId id_;
    tree::Tree& tree_;
    Pending& pending_;
    journal::Journal& journal_;
    const OutboxOptions& options_;
    const Log log_;
    const std::function<void(Relay&)> after_step_;

    std::atomic<Sequence> delivered_{};
    std::atomic<Sequence> held_{};
    std::atomic<Sequence> wanted_{};
    std::atomic<Sequence> hold_wanted_{};
    std::atomic<bool> reclaim_wanted_{false};
    std::atomic<std::int64_t> busy_since_ms_{0};    // 0: not in the tree
    std::atomic<std::int64_t> last_carried_ms_{0};  // of the last delivery
    std::atomic<std::uint64_t> failures_{0};
    std::atomic<std::uint64_t> deliveries_{0};
    std::atomic<std::uint64_t> delivered_entries_{0};
    std::atomic<bool> failing_{false};
    std::atomic<bool> has_ended_{false};
    std::atomic<bool> in_vain_{false};  // only the next opening helps, and the failure says so
    Histogram window_;

    mutable std::mutex mutex_;
    std::condition_variable wake_;      // the thread sleeps here
    std::condition_variable progress_;  // others wait here
    std::uint64_t wakes_ = 0;
    bool stop_ = false;
    bool hurry_ = false;          // end the back-off at once
    std::exception_ptr failure_;  // of the last attempt
    std::string failure_text_;
    std::thread thread_;
};

}  // namespace amphora::outbox
