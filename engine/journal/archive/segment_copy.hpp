#pragma once

#include "base/bytes.hpp"
#include "base/file.hpp"
#include "base/file_copy.hpp"
#include "base/ids.hpp"
#include "base/lineage.hpp"
#include "journal/journal.hpp"
#include "journal/segment/segment_header.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

/// Copies of segments in backups and archives: a file with the durable part of a segment, under a
/// name that only people read,
///
///   00112233445566778899aabbccddeeff-000000000012-000000004711.log
///
/// the timeline, the segment's number and the first commit that may be in it.
namespace amphora::journal {

struct SegmentCopy {
    std::string path;
    SegmentHeader header;
    std::uint64_t bytes = 0;
};

/// How much of a copy counts. A copy that was made while its segment was being written may hold
/// more; the copy after it says how much. More than `copy.bytes`: a part is missing.
[[nodiscard]] std::uint64_t copied_extent(const SegmentCopy& copy,
                                          const SegmentCopy* after) noexcept;

/// What an archive keeps with its copies (segment_catalog.hpp).
struct ArchivedCatalogs {
    std::vector<Ancestor> ancestors;  ///< of the timeline
    /// The catalog as of a durable commit; none if it cannot be read: the copy is made without it.
    std::function<std::optional<Buffer>(Sequence)> as_of;
};

/// Makes the directory of an archive, durably, unless it exists.
void make_archive(FileSystem& files, const std::string& directory);

/// Makes a copy, unless it exists, and returns whether it did. With `catalogs` also what belongs to
/// it, before the copy gets its name. A shorter copy of the same segment,
/// made while that was being written, is replaced; a longer one never. The copy gets its name,
/// which is synced, only after its bytes are synced. Throws `foreign_piece` if the name belongs to
/// another segment: of a copy of the database that was used separately.
bool copy_segment(FileSystem& files, const SegmentExtent& segment, const std::string& directory,
                  const Copied& copied, const ArchivedCatalogs* catalogs = nullptr);

/// The copies in these directories, in the order of their numbers; of several copies of one segment
/// the longest. With `timeline`, only of that one. Files that are not segments or are half copied,
/// and segments that an opening replaced, do not count.
[[nodiscard]] std::vector<SegmentCopy> find_copies(FileSystem& files,
                                                   std::span<const std::string> directories,
                                                   const std::optional<Identity>& timeline);

}  // namespace amphora::journal
