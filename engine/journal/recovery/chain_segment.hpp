#pragma once

#include "base/file.hpp"
#include "base/ids.hpp"
#include "journal/journal.hpp"
#include "journal/segment/frame.hpp"
#include "journal/segment/segment_header.hpp"
#include "journal/segment/segment_reader.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
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

/// Walks the frames of a segment whose end is known, one after another. Reads nothing after the
/// end, so others may write there.
class SegmentWalk {
  public:
    SegmentWalk(FileSystem& files, ChainSegment segment);

    /// None at the end. Throws `corrupt` at the first frame that is missing or does not fit its
    /// neighbours.
    [[nodiscard]] std::optional<SegmentReader::Frame> next();
    /// The segment has been written further.
    void extend(std::uint64_t end, std::uint64_t chain) noexcept;

    [[nodiscard]] const ChainSegment& segment() const noexcept { return segment_; }

  private:
    ChainSegment segment_;
    std::unique_ptr<File> file_;
    SegmentReader scan_;
    Sequence last_good_;
};

/// The same for all frames at once.
void walk_segment(FileSystem& files, const ChainSegment& segment,
                  const std::function<void(const SegmentReader::Frame&)>& visit);

/// Throws `corrupt`, naming the place.
[[noreturn]] void corrupt_at(const std::string& path, std::uint64_t offset,
                             const std::string& what);
/// The same for a frame that is known to have been durable.
[[noreturn]] void damaged_frame(const std::string& path, std::uint64_t offset, Sequence last_good);

using Visit = std::function<void(const Entry&)>;

/// Calls `visit` for the commits of one frame that come after `after`. Throws `corrupt` if its
/// records do not add up; `path` is for the message.
void visit_frame(const std::string& path, const FrameHeader& header, Bytes frame, Sequence after,
                 const Visit& visit);

/// Verifies the header, every frame and, if there is a segment `after` it, that it names that one.
/// Returns what is wrong, in words.
[[nodiscard]] std::optional<std::string> check_segment(FileSystem& files,
                                                       const ChainSegment& segment,
                                                       const ChainSegment* after);

}  // namespace amphora::journal
