#pragma once

#include "base/file.hpp"
#include "base/ids.hpp"
#include "journal/recovery/survey.hpp"
#include "journal/segment/segment_header.hpp"

#include <span>
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
    /// Number of the newest segment that existed, if its header is not found, and the segment that
    /// names it; else 0.
    std::uint64_t lost = 0;
    std::string lost_after;
    /// `AtDamage::end`: the part of the chain before the first gap, oldest first; else empty.
    std::vector<FoundSegment> before_gap;
    std::vector<std::string> damage;  ///< `AtDamage::end`: what would have been refused
    Epoch epoch_highest{};
    std::uint64_t number_highest = 0;
};

/// Throws `corrupt` if no header is readable, or the newest one is not; `foreign_piece` if files of
/// several databases, timelines or copies of one are mixed.
[[nodiscard]] FoundChain find_chain(FileSystem& files, const std::string& directory,
                                    const Identity& identity, AtDamage at_damage);

/// Ends the chain before the gap if a tree lacks commits from before it: the tree can be brought up
/// to there, and not further.
void end_before_gap(FoundChain& chain, std::span<const Mark> marks);

}  // namespace amphora::journal
