#pragma once

#include "journal/following/followed_segment.hpp"
#include "journal/following/seen_segments.hpp"
#include "journal/journal.hpp"
#include "journal/recovery/chain_segment.hpp"
#include "journal/recovery/frame_entries.hpp"

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace amphora::journal {

class FollowedCursor;

/// The journal of a database that another process, its owner, has open for writing. It is read
/// only, and the owner knows nothing of it: segments may be recycled at any moment.
///
/// It shows the commits up to the last `limit`, which the owner has published as visible before.
/// A commit after that may still be cut. Everything is read into memory of this process before it
/// is believed, and frames are believed only along the chain of checksums that begins with the salt
/// of their segment's header. If the owner has recycled or cut what is to be read, or anything does
/// not fit, `Overtaken` is thrown; the end of the journal is never taken for another one.
///
/// Threads: `advance` by one thread at a time; everything else by any, at the same time.
class FollowedJournal final : public Journal {
  public:
    using Visit = std::function<void(const Entry&)>;

    /// Finds the segments that hold the commits after `oldest_needed`, and reads up to `limit`.
    /// `limit` is not before `oldest_needed`, and was read before this call. If it belongs to
    /// another epoch than the `recovery().epoch` that is found, it says nothing about this journal,
    /// and the caller begins again. Throws `Overtaken` if the commits are not in the journal any
    /// more, or it changes faster than it is read; and `newer_format`, `io_error`.
    [[nodiscard]] static std::unique_ptr<FollowedJournal> open(FileSystem& files,
                                                               const std::string& directory,
                                                               const Identity& identity,
                                                               const Mark& oldest_needed,
                                                               Sequence limit);
    ~FollowedJournal() override;

    /// Reads the commits after `visible()` up to `limit`, calls `visit` for each in order, and
    /// returns the new `visible()`. It is less than `limit` only if the commits after it are not in
    /// the files, because the owner has `buffered` ones in memory. `limit` was read before this
    /// call; one that is lower than before changes nothing.
    ///
    /// Only when this returns, what was visited is known to be valid. Throws `Overtaken`, also in
    /// all later calls; then nothing of this call may be shown, and `visible()` is as before. All
    /// commits that are visited belong to the epoch `recovery().epoch`.
    Sequence advance(Sequence limit, const Visit& visit);

    /// `epoch`: of the owner's opening. `last`: what `open` has read.
    [[nodiscard]] const Recovery& recovery() const override { return recovery_; }
    /// From any commit that the owner has not recycled, up to `visible()`. It holds nothing: where
    /// it is overtaken, `next` throws `Overtaken`, and so does `replay`.
    using Journal::cursor;
    [[nodiscard]] std::unique_ptr<JournalCursor> cursor(HoldOptions options) override;
    [[nodiscard]] std::unique_ptr<PositionHold> hold(HoldOptions options, Sequence after) override;
    [[nodiscard]] std::optional<FeedLag> slowest_feed() const override { return std::nullopt; }
    std::optional<FeedLag> give_up_slowest_feed() override { return std::nullopt; }
    void reserve(std::size_t bytes) override;
    using Journal::append;
    void append(Sequence sequence, Durability durability, Buffer record,
                CommitTags tags) noexcept override;
    /// Throw `timeout` at once for a commit after `visible()`: only `advance` brings it.
    void await_visible(Sequence sequence) override;
    void await_durable(Sequence sequence) override { await_visible(sequence); }
    void await_proven(Sequence sequence) override { await_visible(sequence); }
    [[nodiscard]] Sequence visible() const noexcept override { return visible_.load(); }
    [[nodiscard]] Sequence durable() const noexcept override { return visible_.load(); }
    /// Whether `advance` has thrown.
    [[nodiscard]] bool failed() const noexcept override { return failed_.load(); }
    void on_durable(std::function<void()>) override {}
    [[nodiscard]] Mark mark_of(Sequence sequence) const override;
    void recycle(Sequence) override {}
    void leave_free(std::uint64_t) noexcept override {}
    [[nodiscard]] JournalBytes bytes() const noexcept override;
    [[nodiscard]] std::vector<SegmentExtent> segments() const override;
    void on_segment_closed(std::function<void()>) override {}
    void on_hold_released(std::function<void()>) override {}
    /// Ends what cursors wait for.
    void close() override;
    [[nodiscard]] JournalStatistics statistics() const override;
    void check(const std::function<void(std::string)>& report) override;
    void run_background() override {}

  private:
    friend class FollowedCursor;
    FollowedJournal(FileSystem& files, std::string directory, const Identity& identity,
                    const Mark& oldest_needed, Sequence limit);

    void begin_at(const std::vector<FoundSegment>& chain, Sequence limit);
    void read_up_to(Sequence limit, const Visit& visit);
    [[nodiscard]] bool read_on();
    [[nodiscard]] bool find_successor();
    void begin_successor();
    void note_end();
    void publish();
    void drop_recycled(const SeenSegments& seen);
    void tell_cursors() noexcept;

    // For cursors.

    void begin(FollowedCursor& cursor);
    void end(FollowedCursor& cursor) noexcept;

    /// The segment that holds the commit after `after`, as far as it is visible; none if it was
    /// recycled.
    [[nodiscard]] std::optional<ChainSegment> segment_after(Sequence after) const;
    /// Throws `Overtaken` if its file has vanished or is another segment now.
    void require_present(const ChainSegment& segment) const;
    void check_present(const ChainSegment& segment, const ChainSegment* after,
                       const std::function<void(std::string)>& report) const;
    [[nodiscard]] std::vector<ChainSegment> segments_read() const;
    [[nodiscard]] bool has_ended() const noexcept { return failed_.load() || closed_.load(); }

    FileSystem& files_;
    const std::string directory_;
    const Identity identity_;
    Recovery recovery_;

    // Only for the thread that advances.
    std::optional<FollowedSegment> newest_;
    std::optional<FoundSegment> successor_;  // of the newest
    FrameEntries entries_;                   // of its last frame
    Mark reached_;

    mutable std::mutex mutex_;
    std::deque<ChainSegment> chain_;  // oldest first; the last one is the newest, as far as read
    Mark last_;                       // visible
    std::vector<FollowedCursor*> cursors_;
    std::condition_variable moved_;

    std::atomic<Sequence> visible_{};
    std::atomic<bool> failed_{false};
    std::atomic<bool> closed_{false};
};

}  // namespace amphora::journal
