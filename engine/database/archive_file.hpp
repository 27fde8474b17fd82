#pragma once

#include "base/file.hpp"

#include <cstdint>
#include <optional>
#include <string>

/// The file `ARCHIVE` in the directory of a database: where the segments of its journal are copied
/// before they are used again, from one opening to the next.
///
///   amphora archiving, format 1
///   directory /backups/app.archive
///   begun yes
///   checksum 9c2f4be07d1a3355
///
/// Backups, and what is restored from them, do not have it: they would archive a second past.
namespace amphora {

struct ArchiveFile {
    static constexpr std::uint32_t format_newest = 1;
    static constexpr const char* name = "ARCHIVE";

    std::string directory;  ///< absolute
    bool begun = false;     ///< the journal has let go of what is there: it must not be missing
    std::uint32_t format = format_newest;
};

/// Replaces the file in one step that survives a power cut at any moment.
void write_archive_file(FileSystem& files, const std::string& directory,
                        const ArchiveFile& content);

/// Nothing if there is no such file. Throws `corrupt` or `newer_format`.
[[nodiscard]] std::optional<ArchiveFile> read_archive_file(FileSystem& files,
                                                           const std::string& directory);

/// From now on the segments are copied nowhere; no error if that is so already.
void remove_archive_file(FileSystem& files, const std::string& directory);

}  // namespace amphora
