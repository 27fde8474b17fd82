#pragma once

#include "base/file.hpp"

#include <cstdint>
#include <optional>
#include <string>

/// The end of RocksDB's MANIFEST after a power cut.
///
/// A record that was being appended, and was not synced yet, can leave a file of the new size with
/// zeros where sectors never came, or one that ends inside the record. RocksDB skips the second in
/// silence but takes the first for damage and does not open. Nothing that was held stands in such a
/// record: a mark counts as held only once the flush, which syncs the manifest, has returned. So
/// it is cut off, as the journal's torn tail is; and whoever only reads is shown the file without
/// it (read_only_files.hpp).
///
/// The file is a log as LevelDB has it (doc/log_format.md there; RocksDB's db/log_format.h): blocks
/// of 32 KiB, in them fragments that never cross a block's end,
///
///     checksum 4 | length 2 | type 1 | payload      numbers little endian
///
/// type 1 a whole record, 2, 3 and 4 its first, middle and last fragments; fewer than 7 bytes at a
/// block's end are filler. The checksum is the masked CRC-32C of type and payload. The types 5 to 8
/// of files that are used again do not occur in a manifest.
namespace amphora::rocks {

struct UnfinishedTail {
    std::string manifest;  ///< its name in the directory
    std::uint64_t begin = 0;
    std::uint64_t bytes = 0;
};

/// The unfinished record at the end of the manifest that CURRENT names; none if there is none. A
/// tail that no lost write explains, or behind which any fragment verifies, is damage, for RocksDB
/// to name. A record that somebody is writing looks the same as one that nobody finished. Throws
/// `io_error`.
[[nodiscard]] std::optional<UnfinishedTail> find_unfinished_tail(FileSystem& files,
                                                                 const std::string& directory);

/// Cuts it off, on stable storage, and says so. The caller holds the tree's LOCK. Throws
/// `io_error`.
[[nodiscard]] std::optional<std::string> cut_unfinished_tail(FileSystem& files,
                                                             const std::string& directory);

}  // namespace amphora::rocks
