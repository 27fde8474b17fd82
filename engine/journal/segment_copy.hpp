#pragma once

#include "base/file.hpp"
#include "base/file_copy.hpp"
#include "base/ids.hpp"
#include "journal/journal.hpp"
#include "journal/segment_header.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

/// Copies of segments, as backups and archives keep them: a file with the durable part of a segment
/// and nothing else, under a name that only people read,
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

/// How much of a copy counts: one that was made while its segment was being written may hold more
/// than that, which the copy after it says. More than `copy.bytes`: a part is missing.
[[nodiscard]] std::uint64_t copied_extent(const SegmentCopy& copy,
                                          const SegmentCopy* after) noexcept;

/// Makes the directory of an archive, durably, unless it is there already.
void make_archive(FileSystem& files, const std::string& directory);

/// Makes a copy, unless it is there already, and returns whether it did. A shorter copy of the same
/// segment, made while that was being written, is replaced, a longer one never. The copy has its
/// name, which is synced, only once its bytes are. Throws `foreign_piece` where the name belongs to
/// another segment: of a copy of the database that went its own way.
bool copy_segment(FileSystem& files, const SegmentExtent& segment, const std::string& directory,
                  const Copied& copied);

/// The copies in these directories, in the order of their numbers; of several of one segment the
/// longest. With `timeline`, only of that one. Files that are no segments or only half copied, and
/// segments that an opening replaced, do not count.
[[nodiscard]] std::vector<SegmentCopy> find_copies(FileSystem& files,
                                                   std::span<const std::string> directories,
                                                   const std::optional<Identity>& timeline);

}  // namespace amphora::journal
