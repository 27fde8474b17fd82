#pragma once

#include "journal/journal.hpp"
#include "journal/survey.hpp"

#include <functional>
#include <optional>
#include <span>
#include <string>

/// Reading the segments of a chain again, after the survey.
namespace amphora::journal {

using Visit = std::function<void(const Entry&)>;

/// Calls `visit` for the commits of one frame that come after `after`. Throws `corrupt` if its
/// records do not add up; `path` is for the message.
void visit_frame(const std::string& path, const FrameHeader& header, Bytes frame, Sequence after,
                 const Visit& visit);

/// Every commit after `after`, in order. Throws `foreign_piece` if the segments begin later.
void replay_segments(FileSystem& files, std::span<const ChainSegment> segments, Sequence after,
                     const Visit& visit);

/// Verifies the header, every frame and, if there is a segment `after` it, that it names that one.
/// Returns what is wrong, in words.
[[nodiscard]] std::optional<std::string> check_segment(FileSystem& files,
                                                       const ChainSegment& segment,
                                                       const ChainSegment* after);

}  // namespace amphora::journal
