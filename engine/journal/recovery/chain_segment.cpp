#include "journal/recovery/chain_segment.hpp"

#include "base/system_error.hpp"
#include "journal/recovery/frame_entries.hpp"
#include "journal/segment/successor_block.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

#include <utility>

namespace amphora::journal {

void corrupt_at(const std::string& path, std::uint64_t offset, const std::string& what) {
    throw Error{ErrorCode::corrupt, fmt::format("{}, offset {}: {}", place_of(path), offset, what)};
}

void damaged_frame(const std::string& path, std::uint64_t offset, Sequence last_good) {
    corrupt_at(
        path, offset,
        fmt::format("a frame that was durable does not verify; last good commit is {}; restore the "
                    "file from a backup",
                    number(last_good)));
}

SegmentWalk::SegmentWalk(FileSystem& files, ChainSegment segment)
    : segment_{std::move(segment)},
      file_{files.open(segment_.path, OpenFile::existing_read_only)},
      scan_{*file_, segment_.header},
      last_good_{segment_.header.prior.sequence} {
    scan_.read_up_to(segment_.end);
}

std::optional<SegmentReader::Frame> SegmentWalk::next() {
    if (scan_.position() < segment_.end) {
        const auto frame = scan_.next();
        if (!frame) damaged_frame(segment_.path, scan_.position(), last_good_);
        if (has_commits(frame->header)) last_good_ = frame->header.last();
        return frame;
    }
    if (scan_.position() != segment_.end || scan_.chain() != segment_.chain) {
        corrupt_at(segment_.path, segment_.end,
                   "the next segment continues another chain of frames");
    }
    return std::nullopt;
}

void SegmentWalk::extend(std::uint64_t end, std::uint64_t chain) noexcept {
    segment_.end = end;
    segment_.chain = chain;
    scan_.read_up_to(end);
}

void walk_segment(FileSystem& files, const ChainSegment& segment,
                  const std::function<void(const SegmentReader::Frame&)>& visit) {
    SegmentWalk walk{files, segment};
    while (const auto frame = walk.next()) visit(*frame);
}

void visit_frame(const std::string& path, const FrameHeader& header, Bytes frame, Sequence after,
                 const Visit& visit) {
    FrameEntries entries;
    entries.begin(path, header, frame, after);
    while (const auto entry = entries.next()) visit(*entry);
}

std::optional<std::string> check_segment(FileSystem& files, const ChainSegment& segment,
                                         const ChainSegment* after) {
    try {
        const auto file = files.open(segment.path, OpenFile::existing_read_only);
        const Buffer blocks = file->read_at(0, header_bytes);
        const auto header = decode_header(blocks, segment.path);
        if (!header || *header != segment.header) {
            return fmt::format("{}, offset 0: the header does not verify", place_of(segment.path));
        }
        const auto successor = decode_successor(blocks, header->salt);
        if (after != nullptr && (!successor || successor->number < after->header.number)) {
            return fmt::format(
                "{}, offset {}: the block that names the next segment does not "
                "verify; no commit is lost by that, and it goes with the segment "
                "when both stores hold its commits",
                place_of(segment.path), successor_offset);
        }
        walk_segment(files, segment, [&](const SegmentReader::Frame& frame) {
            visit_frame(segment.path, frame.header, frame.bytes, Sequence{}, [](const Entry&) {});
        });
    } catch (const Error& error) {
        if (is_of_the_system(error.code())) throw;
        return error.what();
    }
    return std::nullopt;
}

}  // namespace amphora::journal
