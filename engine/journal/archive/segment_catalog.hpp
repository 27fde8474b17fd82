#pragma once

#include "base/bytes.hpp"
#include "base/file.hpp"
#include "base/ids.hpp"
#include "base/lineage.hpp"
#include "journal/archive/segment_copy.hpp"
#include "journal/segment/segment_header.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

/// What an archive keeps with each copy of a segment, so that its commits can be shown without the
/// database: a file next to the copy, with `.catalog` in place of `.log` at the end of its name.
///
///   magic                  8 bytes, "AMPHCTLG"
///   format                 4 bytes
///   database, timeline     16 bytes each, of the segment
///   number, salt           8 bytes each, of the segment
///   prior                  8 bytes: the last commit before the segment
///   ancestors count        varint; of the timeline, oldest first
///     timeline, last, end  16 bytes, 8 bytes, and 1 byte: 0 restored, 1 repaired
///   catalog                counted: as of `prior`; its contents mean nothing here
///   checksum               8 bytes, of all bytes before it
///
/// Invariant: a copy of a segment gets its name only when this file is durably in the archive. Only
/// copies that earlier versions of the library have made, and those of a damaged catalog, have none.
namespace amphora::journal {

inline constexpr std::uint32_t segment_catalog_format = 1;

struct SegmentCatalog {
    Identity identity;
    std::uint64_t number = 0, salt = 0;
    Sequence prior{};
    std::vector<Ancestor> ancestors;
    Buffer catalog;
};

[[nodiscard]] Buffer encode(const SegmentCatalog& content);
/// Throws `corrupt` for bytes that do not verify, and `newer_format`. `path` is for the message.
[[nodiscard]] SegmentCatalog decode_segment_catalog(Bytes bytes, const std::string& path);

/// The file that belongs to a copy.
[[nodiscard]] std::string catalog_path_of(const std::string& copy);

/// Makes the file durable, unless a sound one is there.
void write_segment_catalog(FileSystem& files, const std::string& copy,
                           const SegmentCatalog& content);
/// Throws `unsupported` if the copy has none, `corrupt`, `newer_format`, and `foreign_piece` if it
/// belongs to another segment.
[[nodiscard]] SegmentCatalog read_segment_catalog(FileSystem& files, const SegmentCopy& copy);

}  // namespace amphora::journal
