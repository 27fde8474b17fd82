#pragma once

#include "base/file.hpp"
#include "base/ids.hpp"
#include "journal/segment_header.hpp"

#include <string>
#include <vector>

/// The first step of a survey: reads the header of every segment file and finds the chain.
namespace amphora::journal {

struct FoundSegment {
    std::string path;
    SegmentHeader header;
};

struct FoundChain {
    std::vector<FoundSegment> segments;  ///< oldest first; never empty
    std::vector<std::string> outside;    ///< files with a header that no link reaches
    std::vector<std::string> headless;   ///< files without a readable header
    std::vector<std::string> damaged;    ///< among those: once had one, and frames
    Epoch epoch_highest{};
    std::uint64_t number_highest = 0;
};

/// Throws `corrupt` if no header is readable, or the newest one is not; `foreign_piece` if files of
/// several databases, timelines or copies of one are mixed.
[[nodiscard]] FoundChain find_chain(FileSystem& files, const std::string& directory,
                                    const Identity& identity);

}  // namespace amphora::journal
