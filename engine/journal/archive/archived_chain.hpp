#pragma once

#include "base/file.hpp"
#include "base/lineage.hpp"
#include "journal/archive/segment_copy.hpp"

#include <amphora/types.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace amphora::journal {

/// The commits that a timeline has, as far as an archive holds them: copies of its segments, and
/// before them copies of segments of the timelines that it continues after a restore.
///
/// Invariant: no part begins with an earlier commit than the part before it. Whether nothing is
/// missing between two parts is not known here; `ArchiveCursor` finds out when it comes there.
struct ArchivedChain {
    struct Part {
        SegmentCopy copy;
        std::uint64_t extent = 0;  ///< how much of the copy counts; may be more than it has
        Sequence until{};          ///< later commits in it are of an abandoned branch
    };
    std::string directory;
    Lineage lineage;
    Identity identity;
    std::vector<Part> parts;  ///< oldest first; never empty
    /// The last commit. After a damaged frame in the last part there may be any: then it is the
    /// highest number, and reading finds the damage.
    Sequence last{};

    /// The part in which the commit after `after` would be; none if `after` is before all of them.
    [[nodiscard]] std::optional<std::size_t> part_after(Sequence after) const noexcept;
    /// "8d5ab0c0e9c04b4e9a55b41c3b9f7d10:1042": a position, for messages.
    [[nodiscard]] std::string position_text(Sequence sequence) const;
};

/// The chain of `timeline`; of none: of the only timeline in the archive that no other one there
/// continues. Reads the header of each copy, and
/// the frames of the last one. Throws `not_a_database` if `directory` is missing or
/// holds no copy, `invalid_argument` if the timeline is not there, or none is named and there are
/// several. Where no catalog of a timeline can be read, its ancestors are not known.
[[nodiscard]] ArchivedChain find_archived_chain(FileSystem& files, const std::string& directory,
                                                std::string_view timeline);

}  // namespace amphora::journal
