#pragma once

#include "journal/journal.hpp"
#include "journal/recovery/survey.hpp"
#include "journal/segment/active_segment.hpp"
#include "journal/segment/frame_index.hpp"
#include "journal/segment/segment_pool.hpp"

#include <memory>
#include <span>
#include <vector>

namespace amphora::journal {

/// A journal that is ready to be written.
struct Opened {
    Recovery recovery;
    std::vector<ChainSegment> closed;  ///< the segments before the active one, oldest first
    std::unique_ptr<ActiveSegment> active;
    std::unique_ptr<SegmentPool> pool;
    FrameIndex index;
    std::int64_t last_time_us = 0;
};

/// The result of a recovery, for the interface.
[[nodiscard]] Recovery recovery_of(const Survey& survey);

/// Surveys the directory and repairs it: a new segment under a new epoch takes the frames that had
/// no proof of durability. The segment begins to exist with its header, which is written last:
/// before that, a crash leaves everything as it was; after it, nothing is left to do.
[[nodiscard]] Opened open_for_writing(FileSystem& files, const std::string& directory,
                                      const Identity& identity, std::span<const Mark> marks,
                                      const JournalOptions& options);

/// 64 random bits.
[[nodiscard]] std::uint64_t random_bits();

}  // namespace amphora::journal
