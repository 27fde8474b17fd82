#pragma once

#include "base/file.hpp"
#include "base/ids.hpp"
#include "journal/journal.hpp"

#include <cstdint>
#include <string>
#include <vector>

/// An archive: a directory of copies of segments (segment_copy.hpp), of any number of timelines,
/// from which the past can be restored. Nothing here ever deletes a copy.
namespace amphora::journal {

/// Copies that follow each other without a gap.
struct ArchivedRun {
    Identity identity;
    Sequence first{}, last{};   ///< commits; `last` before `first`: none
    std::int64_t first_us = 0;  ///< when the commit before `first` was made; 0: there is none
    std::int64_t last_us = 0;
    std::uint64_t segments = 0, bytes = 0;
};

/// What can be restored from an archive. Reads the headers, and the frames of the last segment of
/// each run.
[[nodiscard]] std::vector<ArchivedRun> list_archive(FileSystem& files,
                                                    const std::string& directory);

}  // namespace amphora::journal
