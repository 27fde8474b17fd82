#pragma once

#include "base/file.hpp"
#include "journal/journal_cursor.hpp"
#include "journal/recovery/chain_segment.hpp"
#include "journal/recovery/frame_entries.hpp"

#include <atomic>
#include <functional>
#include <optional>

namespace amphora::journal {

class FollowedJournal;

/// A cursor of a journal that another process writes. It holds nothing: once its owner has recycled
/// what comes next, `next` throws `Overtaken`, whose code is `feed_gap`. `seek` knows only what was
/// recycled when segments were last looked for. It waits for `FollowedJournal::advance`.
class FollowedCursor final : public JournalCursor {
  public:
    FollowedCursor(FollowedJournal& journal, FileSystem& files);
    ~FollowedCursor() override;

    [[nodiscard]] std::optional<Entry> next() override;
    [[nodiscard]] Seek seek(Sequence after) override;
    [[nodiscard]] More await(Deadline deadline) override;
    void on_more(std::function<void()> call) override;
    void tell_of_all(bool /*all*/) noexcept override {}  // nothing is passed unread
    void wake() noexcept override;
    [[nodiscard]] Sequence position() const noexcept override { return position_.load(); }
    [[nodiscard]] Sequence durable() const noexcept override;

    /// There is more, or there will never be. Called with the journal's lock held.
    void tell_more() noexcept;

  private:
    [[nodiscard]] bool arm();
    void disarm();
    void read_on();
    void read_frame(const ChainSegment& segment);

    FollowedJournal& journal_;
    FileSystem& files_;
    std::atomic<Sequence> position_;
    std::optional<SegmentWalk> walk_;
    FrameEntries entries_;

    // Protected by the journal's lock.
    std::function<void()> on_more_;
    bool is_armed_ = false;
    bool is_woken_ = false;
};

}  // namespace amphora::journal
