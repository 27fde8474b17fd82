#pragma once

#include "base/file.hpp"
#include "base/ids.hpp"
#include "base/lineage.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// The file `IDENTITY` in the directory of a database. A database exists once this file is in place
/// and the directory is synced; before that, opening starts again from the beginning. It is text
/// that people can read:
///
///   amphora database, format 2
///   database 0f1e2d3c4b5a69788796a5b4c3d2e1f0
///   timeline 00112233445566778899aabbccddeeff
///   ancestor ffeeddccbbaa99887766554433221100 4711 restored
///   created 1769863496789012
///   checksum 9c2f4be07d1a3355
///
/// There is a line for each ancestor of the timeline (lineage.hpp), oldest first. Format 1 had none.
/// The last line is the checksum of all bytes before it, in this and every later format.
namespace amphora {

struct IdentityFile {
    static constexpr std::uint32_t format_newest = 2;
    static constexpr const char* name = "IDENTITY";

    Identity identity;
    std::vector<Ancestor> ancestors = {};
    std::uint32_t format = format_newest;
    std::int64_t created_us = 0;
    auto operator<=>(const IdentityFile&) const = default;
};

/// Replaces the file in one step. After a power cut at any moment either the old or the new file is
/// there.
void write_identity(FileSystem& files, const std::string& directory, const IdentityFile& content);

/// The same with the present time, for an identity that begins now.
void write_new_identity(FileSystem& files, const std::string& directory, const Identity& identity,
                        const std::vector<Ancestor>& ancestors = {});

/// The content; none if there is no such file. Throws `corrupt` if it is damaged, `newer_format` if
/// a later version of the library wrote it.
[[nodiscard]] std::optional<IdentityFile> read_identity(FileSystem& files,
                                                        const std::string& directory);

}  // namespace amphora
