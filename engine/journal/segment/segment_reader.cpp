#include "journal/segment/segment_reader.hpp"

#include "journal/segment/fields.hpp"

#include <algorithm>
#include <array>

namespace amphora::journal {
namespace {

constexpr std::size_t window_bytes = 1u << 20;

constexpr std::uint64_t align(std::uint64_t offset) noexcept {
    return (offset + frame_alignment - 1) / frame_alignment * frame_alignment;
}

}  // namespace

SegmentReader::SegmentReader(const File& file, const SegmentHeader& header)
    : file_{file},
      readable_bytes_{file.size()},
      salt_{header.salt},
      number_{header.number},
      chain_{header.salt} {}

Bytes SegmentReader::read(std::uint64_t offset, std::size_t bytes) {
    if (offset >= readable_bytes_) return {};
    bytes = static_cast<std::size_t>(std::min<std::uint64_t>(bytes, readable_bytes_ - offset));
    if (offset < window_at_ || offset + bytes > window_at_ + window_.size()) {
        const std::size_t piece = std::max(bytes, window_bytes);
        window_ = file_.read_at(offset, static_cast<std::size_t>(std::min<std::uint64_t>(
                                            piece, readable_bytes_ - offset)));
        window_at_ = offset;
    }
    return Bytes(window_).substr(static_cast<std::size_t>(offset - window_at_), bytes);
}

/// A frame of this life of the segment whose own checksum is right, whatever it links to.
std::optional<SegmentReader::Frame> SegmentReader::frame_at(std::uint64_t offset) {
    const auto header = peek_frame(read(offset, frame_header_bytes));
    if (!header) return std::nullopt;
    if (header->salt != salt_ || header->segment != number_) return std::nullopt;
    const Bytes bytes = read(offset, header->bytes);
    if (!verify_frame(*header, bytes)) return std::nullopt;
    return Frame{.header = *header, .offset = offset, .bytes = bytes};
}

// After a sync the next frame begins a new block, otherwise it follows at once. The offset directly
// after the last frame is first: only this life of the segment can have left a frame with its salt
// there.
std::array<std::uint64_t, 2> SegmentReader::next_offsets() const noexcept {
    return {align(position_), to_block(position_)};
}

std::optional<SegmentReader::Frame> SegmentReader::next() {
    for (const std::uint64_t offset : next_offsets()) {
        auto frame = frame_at(offset);
        if (frame && frame->header.previous != chain_) frame.reset();
        if (!frame) continue;
        position_ = frame->end();
        chain_ = frame->header.checksum;
        return frame;
    }
    return std::nullopt;
}

SegmentReader::Beyond SegmentReader::look_beyond() {
    Beyond beyond{.end = position_};
    const std::array<std::uint64_t, 2> expected = next_offsets();
    std::uint64_t offset = align(position_);
    while (offset + frame_header_bytes <= readable_bytes_) {
        const Bytes ahead = read(offset, window_bytes);
        std::size_t at = 0;
        for (; at + frame_header_bytes <= ahead.size(); at += frame_alignment) {
            std::uint64_t salt = 0;
            FieldReader(ahead.substr(at + sizeof salt)).take(salt);
            if (salt == salt_) break;
        }
        offset += at;
        if (at + frame_header_bytes > ahead.size()) {
            if (ahead.size() < frame_header_bytes) break;  // cut off since its size was read
            if (offset + frame_header_bytes > readable_bytes_) break;
            continue;
        }
        const auto header = peek_frame(read(offset, frame_header_bytes));
        const auto frame = frame_at(offset);
        if (header && header->segment == number_) {
            beyond.end = std::max(beyond.end, std::min(offset + header->bytes, readable_bytes_));
        }
        if (frame) {
            beyond.has_frame = true;
            beyond.durable_offset =
                std::max<std::uint64_t>(beyond.durable_offset, frame->header.durable_offset);
            // At an expected offset a writing process has just put it.
            if (frame->header.previous == chain_ && std::ranges::count(expected, offset) == 0) {
                beyond.next_frame = offset;
            }
            offset = align(frame->end());
        } else {
            offset += frame_alignment;
        }
    }
    return beyond;
}

bool SegmentReader::has_frame_within(std::uint64_t bytes) {
    const std::uint64_t all = readable_bytes_;
    readable_bytes_ = std::min(all, position_ + bytes);
    const bool has_frame = look_beyond().has_frame;
    readable_bytes_ = all;
    return has_frame;
}

}  // namespace amphora::journal
