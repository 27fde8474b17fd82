#pragma once

#include "base/file.hpp"
#include "journal/journal_cursor.hpp"
#include "journal/recovery/frame_entries.hpp"
#include "journal/recovery/survey.hpp"

#include <cstddef>
#include <optional>

namespace amphora::journal {

/// A cursor of a journal as a survey has found it: the chain, then the frames without proof of
/// durability, which are in memory. It ends with the last commit that counts: a chain that was cut
/// at a moment may end in the middle of a frame.
class FoundCursor final : public JournalCursor {
  public:
    /// The survey must outlive it. `last` is the journal's last commit.
    FoundCursor(FileSystem& files, const Survey& survey, Sequence last);

    [[nodiscard]] std::optional<Entry> next() override;
    [[nodiscard]] Seek seek(Sequence after) override;
    [[nodiscard]] More await(Deadline deadline) override;
    void on_more(std::function<void()> /*call*/) override {}  // there is never more
    void tell_of_all(bool /*all*/) noexcept override {}
    void wake() noexcept override {}
    [[nodiscard]] Sequence position() const noexcept override { return position_; }
    [[nodiscard]] Sequence durable() const noexcept override { return last_; }

  private:
    void read_on();

    FileSystem& files_;
    const Survey& survey_;
    const Sequence last_;           ///< of the journal
    const Sequence last_readable_;  ///< a rescued journal may hold less than its trees
    Sequence position_;
    std::size_t segment_ = 0;   ///< in the chain
    std::size_t unproven_ = 0;  ///< the next of these frames
    std::optional<SegmentWalk> walk_;
    FrameEntries entries_;
};

}  // namespace amphora::journal
