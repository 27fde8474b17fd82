#pragma once

#include "base/file.hpp"
#include "journal/segment/frame.hpp"
#include "journal/segment/segment_header.hpp"

#include <array>
#include <cstdint>
#include <optional>

namespace amphora::journal {

/// Walks the frames of one segment along their chain, and reads the file in large pieces. It
/// verifies frames, and leaves the judgement to recovery: whether an end is a cut or damage.
class SegmentReader {
  public:
    struct Frame {
        FrameHeader header;
        std::uint64_t offset = 0;
        Bytes bytes;  ///< the whole frame, until the next call

        [[nodiscard]] std::uint64_t end() const noexcept { return offset + header.bytes; }
    };

    /// Reads to the end of the file.
    SegmentReader(const File& file, const SegmentHeader& header);

    /// Reads only up to `end` from now on. The bytes after it may be changing, so none of them are
    /// read ahead.
    void read_up_to(std::uint64_t end) noexcept { readable_bytes_ = end; }

    /// Forgets what was read ahead: others may have written since.
    void read_again() noexcept { window_.clear(); }

    /// The next frame, if it verifies and links to the one before it.
    [[nodiscard]] std::optional<Frame> next();

    /// End of the last frame that verified.
    [[nodiscard]] std::uint64_t position() const noexcept { return position_; }
    /// Its checksum, or the salt.
    [[nodiscard]] std::uint64_t chain() const noexcept { return chain_; }

    /// What comes after the end, searched frame by frame without the chain.
    struct Beyond {
        std::uint64_t end = 0;  ///< of the last bytes that this life of the segment wrote
        std::uint64_t durable_offset = 0;  ///< the furthest offset that a frame there proves
        /// Where the frame is that follows the last one that verified; 0: not there. Writers put it
        /// only at the end of the last one, so a disk has moved it.
        std::uint64_t next_frame = 0;
        bool has_frame = false;  ///< any that verifies
    };
    [[nodiscard]] Beyond look_beyond();
    /// Whether a frame that verifies begins within `bytes` after the last one.
    [[nodiscard]] bool has_frame_within(std::uint64_t bytes);

  private:
    [[nodiscard]] Bytes read(std::uint64_t offset, std::size_t bytes);
    [[nodiscard]] std::optional<Frame> frame_at(std::uint64_t offset);
    /// Where the next frame can begin.
    [[nodiscard]] std::array<std::uint64_t, 2> next_offsets() const noexcept;

    const File& file_;
    std::uint64_t readable_bytes_;
    std::uint64_t salt_;
    std::uint64_t number_;
    std::uint64_t position_ = header_bytes;
    std::uint64_t chain_;
    Buffer window_;
    std::uint64_t window_at_ = 0;
};

}  // namespace amphora::journal
