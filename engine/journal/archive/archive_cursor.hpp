#pragma once

#include "base/file.hpp"
#include "journal/archive/archived_chain.hpp"
#include "journal/archive/part_walk.hpp"
#include "journal/journal_cursor.hpp"
#include "journal/recovery/frame_entries.hpp"

#include <cstddef>
#include <memory>
#include <optional>

namespace amphora::journal {

/// A cursor of an archive. Begins before the oldest commit, and ends with the last one that was
/// there when the chain was found. Writes nothing.
///
/// `next` and `seek` throw `feed_gap` where commits are missing, with what is missing and with the
/// position after it, and `foreign_piece` where a segment does not continue the one before it.
class ArchiveCursor final : public JournalCursor {
  public:
    ArchiveCursor(FileSystem& files, std::shared_ptr<const ArchivedChain> chain);

    [[nodiscard]] std::optional<Entry> next() override;
    [[nodiscard]] Seek seek(Sequence after) override;
    [[nodiscard]] More await(Deadline deadline) override;
    void on_more(std::function<void()> /*call*/) override {}  // there is never more
    void tell_of_all(bool /*all*/) noexcept override {}
    void wake() noexcept override {}
    [[nodiscard]] Sequence position() const noexcept override { return position_; }
    [[nodiscard]] Sequence durable() const noexcept override { return last_; }

  private:
    using Part = ArchivedChain::Part;
    void read_on();
    void go_on_to(std::size_t part);
    void require_whole(const Part& part) const;
    [[noreturn]] void refuse_gap(Sequence last, std::size_t part) const;

    FileSystem& files_;
    const std::shared_ptr<const ArchivedChain> chain_;
    Sequence last_{};
    Sequence position_{};
    std::size_t part_ = 0;
    std::optional<PartWalk> walk_;  ///< of that part; none: nothing of it is read
    FrameEntries entries_;          ///< of its last frame
};

}  // namespace amphora::journal
