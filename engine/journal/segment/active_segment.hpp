#pragma once

#include "base/file.hpp"
#include "journal/segment/frame.hpp"
#include "journal/segment/segment_header.hpp"

#include <cstdint>
#include <memory>

namespace amphora::journal {

/// At the end of each segment, for marks.
inline constexpr std::uint64_t marks_bytes = 2 * block_bytes;

/// The size of a segment for commits of this many whole blocks.
[[nodiscard]] constexpr std::uint64_t segment_bytes_of(std::uint64_t commit_blocks) noexcept {
    return header_bytes + commit_blocks + marks_bytes;
}

/// The segment that is being written: its file, and the offset of the next frame. The last two
/// blocks are for marks: an idle one, after which no commit follows in the segment, and the closing
/// one. Not thread-safe: the journal lets one thread at a time write, and one sync.
class ActiveSegment {
  public:
    ActiveSegment(std::unique_ptr<File> file, const SegmentHeader& header);

    /// Writes the header and syncs it. After the last copied frame, and before the first ordinary
    /// one. Neither this nor `wipe_header` changes the block that names a successor: until the
    /// sync, a power cut may bring back the header of the file's earlier life, which needs it.
    void write_header();
    /// Makes an older header in the file unreadable for ever.
    void wipe_header();
    /// Records in the file, durably, which segment comes after this one. Called after the header of
    /// that segment is written and before its first ordinary frame.
    void name_successor(const SegmentHeader& successor);

    /// Completes `header`, and writes the frame after the last one.
    void write(FrameBuilder& builder, FrameHeader& header);
    void sync();

    /// Everything written so far is about to be synced: the next frame begins a new block, so a
    /// torn write of it cannot damage what is durable.
    void begin_block() noexcept;

    /// Whether a frame of commits of this size fits.
    [[nodiscard]] bool fits(std::size_t frame_bytes) const noexcept {
        return next_offset() + frame_bytes <= commits_end_;
    }
    /// Bytes of whole blocks that commits may still use.
    [[nodiscard]] std::uint64_t room() const noexcept {
        const std::uint64_t used = to_block(position_);
        return used < commits_end_ ? commits_end_ - used : 0;
    }

    [[nodiscard]] SegmentHeader& header() noexcept { return header_; }
    [[nodiscard]] const SegmentHeader& header() const noexcept { return header_; }
    [[nodiscard]] const std::string& path() const noexcept { return file_->path(); }
    [[nodiscard]] std::uint64_t file_bytes() const noexcept { return commits_end_ + marks_bytes; }
    /// End of the last frame, and its checksum.
    [[nodiscard]] std::uint64_t end() const noexcept { return end_; }
    [[nodiscard]] std::uint64_t chain() const noexcept { return chain_; }
    [[nodiscard]] std::uint64_t bytes_written() const noexcept { return bytes_written_; }

  private:
    [[nodiscard]] std::uint64_t next_offset() const noexcept {
        return (position_ + frame_alignment - 1) / frame_alignment * frame_alignment;
    }

    std::unique_ptr<File> file_;
    SegmentHeader header_;
    std::uint64_t commits_end_;
    std::uint64_t position_ = header_bytes;
    std::uint64_t end_ = header_bytes;
    std::uint64_t chain_;
    std::uint64_t bytes_written_ = 0;
};

}  // namespace amphora::journal
