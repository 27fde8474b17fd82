#pragma once

#include "base/file.hpp"
#include "base/ids.hpp"
#include "base/lineage.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// The file `BACKUP`, which a backup has instead of `IDENTITY`: the database that was copied, and the
/// ancestors of its timeline.
///
///   amphora backup, format 2
///   database 0f1e2d3c4b5a69788796a5b4c3d2e1f0
///   timeline 00112233445566778899aabbccddeeff
///   ancestor ffeeddccbbaa99887766554433221100 1234 restored
///   last 4711
///   taken 1769863496789012
///   checksum 9c2f4be07d1a3355
namespace amphora {

struct BackupFile {
    static constexpr std::uint32_t format_newest = 2;
    static constexpr const char* name = "BACKUP";

    Identity identity;                     ///< of the database that was copied
    std::vector<Ancestor> ancestors = {};  ///< of its timeline
    Sequence last{};                       ///< the last commit in the copy
    std::uint32_t format = format_newest;
    std::int64_t taken_us = 0;
};

void write_backup_file(FileSystem& files, const std::string& directory, const BackupFile& content);

/// The content; none if there is no such file. Throws `corrupt` or `newer_format`.
[[nodiscard]] std::optional<BackupFile> read_backup_file(FileSystem& files,
                                                         const std::string& directory);

}  // namespace amphora
