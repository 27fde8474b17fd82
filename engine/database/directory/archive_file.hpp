#pragma once

#include "base/file.hpp"

#include <cstdint>
#include <optional>
#include <string>

/// The file `ARCHIVE` in the directory of a database: where its journal segments are copied before
/// they are reused, from one opening to the next.
///
///   amphora archiving, format 1
///   directory /backups/app.archive
///   begun yes
///   checksum 9c2f4be07d1a3355
///
/// Backups, and databases restored from them, do not have it, because they would archive a second
/// past.
namespace amphora {

struct ArchiveFile {
    static constexpr std::uint32_t format_newest = 1;
    static constexpr const char* name = "ARCHIVE";

    std::string directory;  ///< absolute
    /// Something was archived, and the journal may have recycled it: the archive must exist.
    bool begun = false;
    std::uint32_t format = format_newest;
};

/// Replaces the file in one step. After a power cut at any moment either the old or the new file is
/// there.
void write_archive_file(FileSystem& files, const std::string& directory,
                        const ArchiveFile& content);

/// The content; none if there is no such file. Throws `corrupt` or `newer_format`.
[[nodiscard]] std::optional<ArchiveFile> read_archive_file(FileSystem& files,
                                                           const std::string& directory);

/// Segments are no longer archived. No error if they were not.
void remove_archive_file(FileSystem& files, const std::string& directory);

}  // namespace amphora
