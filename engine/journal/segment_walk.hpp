#pragma once

#include "base/file.hpp"
#include "base/ids.hpp"
#include "journal/frame.hpp"
#include "journal/segment_header.hpp"
#include "journal/segment_scan.hpp"

#include <cstdint>
#include <functional>
#include <string>

namespace amphora::journal {

/// One segment of the chain. Its frames are between the headers and `end`.
struct ChainSegment {
    std::string path;
    SegmentHeader header;
    std::uint64_t end = header_bytes;
    std::uint64_t chain = 0;  ///< of its last frame; its salt if it has none
    Mark last;                ///< the last commit in it or before it
};

/// Walks the frames of a segment whose end is known. Throws `corrupt` at the first that is missing
/// or does not fit its neighbours.
void walk_segment(FileSystem& files, const ChainSegment& segment,
                  const std::function<void(const SegmentScan::Frame&)>& visit);

/// Throws `corrupt`, naming the place.
[[noreturn]] void corrupt_at(const std::string& path, std::uint64_t offset,
                             const std::string& what);
/// The same for a frame that is known to have been durable.
[[noreturn]] void damaged_frame(const std::string& path, std::uint64_t offset, Sequence last_good);

}  // namespace amphora::journal
