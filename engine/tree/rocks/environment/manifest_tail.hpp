#pragma once

#include "base/file.hpp"

#include <cstdint>
#include <optional>
#include <string>

/// The end of RocksDB's MANIFEST after a power cut.
///
/// A record that was being appended, and was not synced yet, can leave a file of the new size with
/// zeros where sectors were never written, or a file that ends inside of the record. RocksDB skips
/// the second silently; it takes the first for damage and does not open. Nothing that was held is
/// in such a record: a mark counts as held only after the flush, which syncs the manifest, has
/// returned. So the record is cut off, as the journal's torn tail is. An opening for reading reads
/// the file without it (read_only_files.hpp).
///
/// The file is a log in LevelDB's format (doc/log_format.md there; RocksDB's db/log_format.h):
/// blocks of 32 KiB with fragments that never cross a block's end,
///
///     checksum 4 | length 2 | type 1 | payload      numbers little endian
///
/// Type 1 is a whole record; 2, 3 and 4 are its first, middle and last fragments. Fewer than 7
/// bytes at a block's end are filler. The checksum is the masked CRC-32C of type and payload. The
/// types 5 to 8, of recycled files, do not occur in a manifest.
namespace amphora::rocks {

struct UnfinishedTail {
    std::string manifest;  ///< its name in the directory
    std::uint64_t begin = 0;
    std::uint64_t bytes = 0;
};

/// The unfinished record at the end of the manifest that CURRENT names; none if there is none. A
/// tail that no interrupted write explains, or after which any fragment verifies, is damage, which
/// RocksDB reports. A record that is being written looks the same as one that was interrupted.
/// Throws `io_error`.
[[nodiscard]] std::optional<UnfinishedTail> find_unfinished_tail(FileSystem& files,
                                                                 const std::string& directory);

/// Cuts the record off, on stable storage, and returns a sentence about it. The caller holds the
/// tree's LOCK. Throws `io_error`.
[[nodiscard]] std::optional<std::string> cut_unfinished_tail(FileSystem& files,
                                                             const std::string& directory);

}  // namespace amphora::rocks
