#pragma once

#include "base/file.hpp"
#include "base/ids.hpp"
#include "journal/segment_copy.hpp"

#include <cstdint>
#include <optional>
#include <span>

/// Which commit a restore to a moment ends with.
///
/// Commit times never fall within an epoch; from one epoch to the next they may, because each
/// opening begins with the clock as it is then. A moment may therefore lie in several epochs. What
/// counts is the order of the commits: the restore ends with the **last** commit that was made at
/// or before the moment, and holds every commit before that one, whatever its time. Commits of the
/// same time are taken together.
namespace amphora::journal {

/// Nothing if no commit after that one is found: then the end of the copies is meant. Reads frames
/// only where the headers do not answer. What cannot be read counts as made in time if the commit
/// before it was: the walk up to the commit that is named meets it and says what it is.
[[nodiscard]] std::optional<Sequence> last_commit_by(FileSystem& files,
                                                     std::span<const SegmentCopy> copies,
                                                     std::int64_t time_us);

}  // namespace amphora::journal
