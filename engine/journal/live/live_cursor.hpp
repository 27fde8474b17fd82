#pragma once

#include "base/file.hpp"
#include "journal/journal_cursor.hpp"
#include "journal/live/live_hold.hpp"
#include "journal/recovery/chain_segment.hpp"
#include "journal/recovery/frame_entries.hpp"

#include <optional>

namespace amphora::journal {

class LiveJournal;

/// A cursor of a journal that is open for writing.
///
/// Invariant: a file is open only while its segment is held. Before the hold moves on, the file is
/// closed. Where the journal ends the hold, the cursor notices it after each read, and uses nothing
/// that was read since.
class LiveCursor final : public JournalCursor {
  public:
    LiveCursor(LiveJournal& journal, FileSystem& files, HoldOptions options);
    ~LiveCursor() override;

    [[nodiscard]] std::optional<Entry> next() override;
    [[nodiscard]] Seek seek(Sequence after) override;
    [[nodiscard]] More await(Deadline deadline) override;
    void on_more(std::function<void()> call) override;
    void wake() noexcept override;
    void tell_of_all(bool all) noexcept override;
    [[nodiscard]] Sequence position() const noexcept override { return hold_.position.load(); }
    [[nodiscard]] Sequence durable() const noexcept override;

  private:
    void begin_reading();
    void read_on();
    [[nodiscard]] bool read_frame();
    void regain();

    LiveJournal& journal_;
    FileSystem& files_;
    LiveHold hold_;
    std::optional<SegmentWalk> walk_;  ///< of the segment that is held
    FrameEntries entries_;             ///< of its last frame
    bool may_be_armed_ = false;        ///< then the journal moves the position
};

}  // namespace amphora::journal
