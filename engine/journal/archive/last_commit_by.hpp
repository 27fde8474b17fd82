#pragma once

#include "base/file.hpp"
#include "base/ids.hpp"
#include "journal/archive/segment_copy.hpp"

#include <cstdint>
#include <optional>
#include <span>

/// The commit with which a restore to a moment ends.
///
/// Commit times never decrease within an epoch. From one epoch to the next they may, because each
/// opening begins with the clock as it is then. So a moment may be in several epochs. The order of
/// the commits decides: the restore ends with the **last** commit that was made at or before the
/// moment, and holds every commit before that one, whatever its time. Commits of the same time are
/// taken together.
namespace amphora::journal {

/// None if no commit after that one is found: then the end of the copies is meant. Reads frames
/// only where the headers do not answer. A commit that cannot be read counts as made in time if the
/// commit before it was: the walk up to the returned commit then meets the damage and reports it.
[[nodiscard]] std::optional<Sequence> last_commit_by(FileSystem& files,
                                                     std::span<const SegmentCopy> copies,
                                                     std::int64_t time_us);

}  // namespace amphora::journal
