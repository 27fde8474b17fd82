#pragma once

#include "journal/journal.hpp"
#include "journal/journal_cursor.hpp"
#include "journal/live/commit_clock.hpp"
#include "journal/live/commit_queue.hpp"
#include "journal/live/live_hold.hpp"
#include "journal/live/recent_tags.hpp"
#include "journal/recovery/opening.hpp"

#include <amphora/error.hpp>

#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

/// The journal of a database that is open for writing.
///
/// There are two roles, for the waiting threads and the background thread: one thread at a time
/// *writes* frames, and one *syncs*. A thread that needs a sync takes both roles in turn, for the
/// whole queue. While it syncs, further commits queue, and weaker ones are written; the frames of
/// these begin a new block. A thread with a role works without `mutex_`. To change segments the
/// writer takes the sync role, too: the old segment is synced before the new header is written.
///
/// Invariant: proven <= durable <= written <= attempted <= appended. Only the current segment may
/// hold anything that is not durable.
namespace amphora::journal {

class LiveJournal final : public Journal {
  public:
    LiveJournal(FileSystem& files, Opened opened, JournalOptions options);
    ~LiveJournal() override;

    [[nodiscard]] const Recovery& recovery() const override { return recovery_; }
    using Journal::cursor;
    [[nodiscard]] std::unique_ptr<JournalCursor> cursor(HoldOptions options) override;
    [[nodiscard]] std::unique_ptr<PositionHold> hold(HoldOptions options, Sequence after) override;
    [[nodiscard]] std::optional<FeedLag> slowest_feed() const override;
    std::optional<FeedLag> give_up_slowest_feed() override;
    void reserve(std::size_t bytes) override;
    using Journal::append;
    void append(Sequence sequence, Durability durability, Buffer record,
                CommitTags tags) noexcept override;
    void await_visible(Sequence sequence) override;
    void await_durable(Sequence sequence) override;
    void await_proven(Sequence sequence) override;
    [[nodiscard]] Sequence visible() const noexcept override { return visible_.load(); }
    [[nodiscard]] Sequence durable() const noexcept override { return durable_.load(); }
    [[nodiscard]] bool failed() const noexcept override { return failed_.load(); }
    void on_durable(std::function<void()> call) override;
    [[nodiscard]] Mark mark_of(Sequence sequence) const override;
    void recycle(Sequence sequence) override;
    void leave_free(std::uint64_t bytes) noexcept override { pool_->leave_free(bytes); }
    [[nodiscard]] JournalBytes bytes() const noexcept override;
    [[nodiscard]] std::vector<SegmentExtent> segments() const override;
    void on_segment_closed(std::function<void()> call) override;
    void on_hold_released(std::function<void()> call) override;
    void close() override;
    [[nodiscard]] JournalStatistics statistics() const override;
    void check(const std::function<void(std::string)>& report) override;
    void run_background() override;

    // For its cursors and positions: live_holds.cpp. A cursor closes the file of its segment before
    // it moves or ends its hold.
    void begin_hold(LiveHold& hold);
    /// Ends it, and tells that segments can be recycled.
    void end_hold(LiveHold& hold) noexcept;
    /// Ends it, and recycles nothing.
    void forget_hold(const LiveHold& hold) noexcept;
    void move_hold(LiveHold& hold, LiveHold::Move move);
    [[nodiscard]] JournalCursor::Seek seek_hold(LiveHold& hold, Sequence after);
    void hold_successor(LiveHold& hold);
    /// None: the hold is lost.
    [[nodiscard]] std::optional<HeldSegment> held(const LiveHold& hold) const;
    [[nodiscard]] JournalCursor::More await_more(LiveHold& hold, Deadline deadline);
    void wake_cursor(LiveHold& hold) noexcept;
    void set_on_more(LiveHold& hold, std::function<void()> call);
    /// Prepares the call of `on_more`. False: there is a commit to read.
    [[nodiscard]] bool arm(LiveHold& hold);
    /// From now on the journal does not move it.
    void disarm(LiveHold& hold);
    void tell_of_all(LiveHold& hold, bool all) noexcept;
    /// Moves the position over commits that are not wanted. True: the commits after it are in a
    /// later segment than the one that is held.
    [[nodiscard]] bool pass_unwanted(LiveHold& hold);

  private:
    using Lock = std::unique_lock<std::mutex>;
    enum class Want : std::uint8_t { visible, durable };
    struct Waiter;

    // Waiting: live_journal.cpp
    void await(Sequence sequence, Want want);
    [[nodiscard]] bool reached(Sequence sequence, Want want) const noexcept;
    [[nodiscard]] bool needs_sync(Sequence sequence, Want want) const noexcept;
    [[nodiscard]] bool step_towards(Lock& lock, Sequence sequence, Want want);
    void sleep(Lock& lock, Sequence sequence, Want want);
    void wake() noexcept;
    [[noreturn]] void throw_failed(Sequence sequence) const;

    // Writing: live_writing.cpp. All are called and return with the lock held, and release it in
    // between.
    void write_queued(Lock& lock);
    void write_frames(const std::vector<Buffer>& records);
    void write_frame(const std::vector<Buffer>& records, std::size_t from, std::size_t to);
    void change_segment();
    void sync_written(Lock& lock);
    void write_mark(Lock& lock, FrameKind kind);
    [[nodiscard]] FrameHeader new_frame(FrameKind kind, Sequence first) const noexcept;
    void note_synced(Sequence durable, std::uint64_t end, std::uint64_t chain) noexcept;
    void note_reached() noexcept;
    void note_room() noexcept { active_room_ = active_->room(); }
    void tell_failure(const char* what) const noexcept;
    void fail(const char* what) noexcept;
    void announce(Lock& lock) noexcept;

    // Room and background: live_background.cpp
    void place_queue() noexcept;
    void place(std::uint64_t blocks) noexcept;
    void promise_spare() noexcept;
    void obtain_spare(Lock& lock, std::uint64_t blocks);
    void aim_spares() noexcept;
    void prepare_spare(Lock& lock);
    void log_problems() const;
    void answer_urgency() noexcept;
    void sync_for_prompt_cursors() noexcept;
    [[nodiscard]] bool may_sync_at_once() const noexcept {
        return sync_urgent_ && !writing_ && !syncing_;
    }
    [[nodiscard]] bool background_round(Lock& lock);
    [[nodiscard]] bool background_has_work() const noexcept;
    [[nodiscard]] bool is_unproven() const noexcept { return proven_ < durable_.load(); }
    [[nodiscard]] bool mark_due(std::int64_t now) const noexcept;
    [[nodiscard]] bool mark_leaves_room() const noexcept;
    void sleep_until_work(Lock& lock);
    void sleep_with_work(Lock& lock);
    [[nodiscard]] std::chrono::milliseconds until_next_look() const noexcept;
    [[nodiscard]] bool wants_spare() const noexcept;
    void run_thread() noexcept;
    void stop_thread() noexcept;

    // Recycling: live_holds.cpp. With the lock held; `tell_released` may give it up.
    [[nodiscard]] std::uint64_t oldest_number() const noexcept;
    [[nodiscard]] std::size_t closed_through(Sequence sequence) const noexcept;
    [[nodiscard]] std::size_t closed_unneeded() const noexcept;
    void tell_released(Lock& lock) noexcept;
    void place_hold(LiveHold& hold, Sequence after) noexcept;
    void settle_moves(LiveHold& hold) noexcept;
    [[nodiscard]] FeedLag lag_of(const LiveHold& hold) const;
    [[nodiscard]] LiveHold* slowest_keeping() const noexcept;
    void tell_cursors() noexcept;
    void pass(LiveHold& hold) const noexcept;

    // Reading: live_reading.cpp
    [[nodiscard]] ChainSegment durable_part_of_active() const;  ///< with the lock held
    [[nodiscard]] std::vector<ChainSegment> durable_segments() const;

    FileSystem& files_;
    const JournalOptions options_;
    const std::uint64_t segment_room_;  ///< of a new segment of full size
    const Recovery recovery_;
    const std::unique_ptr<SegmentPool> pool_;
    std::function<void()> on_durable_;
    std::function<void()> on_segment_closed_;
    std::function<void()> on_hold_released_;

    std::atomic<Sequence> visible_;
    std::atomic<Sequence> durable_;
    std::atomic<bool> failed_{false};

    mutable std::mutex mutex_;
    // Guarded by the mutex.
    std::deque<ChainSegment> closed_;  ///< segments before the active one
    FrameIndex index_;
    LiveHolds holds_;
    RecentTags tags_;
    Sequence unneeded_{};                    ///< `recycle` was called for commits up to it
    std::condition_variable durable_moved_;  ///< for cursors, also after a failure or `close`
    CommitQueue queue_;
    Visibility visibility_;
    Sequence recycled_{}, written_, attempted_, appended_;
    std::uint64_t synced_end_, synced_chain_;  ///< of the active segment
    Sequence proven_;                          ///< the disk says that commits up to it are durable
    bool writing_ = false, syncing_ = false, closed_for_good_ = false;
    bool announced_failure_ = false;
    Sequence announced_;
    std::string failure_;
    Waiter* waiters_first_ = nullptr;
    Waiter* waiters_last_ = nullptr;
    std::condition_variable roles_;  ///< a role was given back
    JournalStatistics counted_;      ///< frames, commits, syncs, bytes_written
    // Room: the most that the queue could need, with each commit alone in its blocks.
    std::uint64_t reserved_ = 0;     ///< for the next append
    std::uint64_t room_ = 0;         ///< in the segment where the queue would end
    std::uint64_t active_room_ = 0;  ///< in the active segment
    std::size_t spares_promised_ = 0;
    // Background.
    bool stopping_ = false, background_sleeps_ = false, spare_urgent_ = false;
    bool sync_urgent_ = false;              ///< a prompt cursor waits for what is appended
    std::uint64_t spare_bytes_urgent_ = 0;  ///< the least size that helps
    std::uint64_t preparations_failed_ = 0;
    ErrorCode preparation_error_{};
    std::string preparation_failure_;  ///< empty after a success
    std::int64_t flush_due_ms_ = 0;
    std::int64_t mark_due_ms_ = 0;  ///< if nothing more becomes durable until then
    std::condition_variable background_;

    // Owned by the write role; `begin_block` and replacing it also need the mutex.
    std::unique_ptr<ActiveSegment> active_;
    FrameBuilder builder_;
    std::int64_t last_time_us_;  ///< of the last frame of commits, also before this opening
    CommitClock clock_;
    Sequence frame_durable_{};
    std::uint64_t frame_durable_offset_ = header_bytes;

    std::thread thread_;  // last, because it uses everything above
};

}  // namespace amphora::journal
