#include "journal/segment_walk.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

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

void walk_segment(FileSystem& files, const ChainSegment& segment,
                  const std::function<void(const SegmentScan::Frame&)>& visit) {
    const auto file = files.open(segment.path, OpenFile::existing_read_only);
    SegmentScan scan(*file, segment.header);
    Sequence last_good = segment.header.prior.sequence;
    while (scan.position() < segment.end) {
        const auto frame = scan.next();
        if (!frame || frame->end() > segment.end)
            damaged_frame(segment.path, scan.position(), last_good);
        if (has_commits(frame->header)) last_good = frame->header.last();
        visit(*frame);
    }
    if (scan.position() != segment.end || scan.chain() != segment.chain)
        corrupt_at(segment.path, segment.end, "the next segment continues another chain of frames");
}

}  // namespace amphora::journal
