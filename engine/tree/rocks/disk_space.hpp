#pragma once

#include <cstdint>
#include <string>

namespace amphora::rocks {

/// What the file system has left.
struct DiskSpace {
    std::uint64_t free_bytes = 0;  ///< for everyone
    /// That it keeps for privileged processes, if this is one of them (ext4 keeps 5 % by default).
    /// Removals may use it. Where such processes have used it up, blocks that are freed fill it
    /// first, and no one else can have them.
    std::uint64_t privileged_bytes = 0;

    [[nodiscard]] std::uint64_t for_removals() const noexcept {
        return free_bytes + privileged_bytes;
    }
};

/// Of the file system of an open directory, `path` in messages. Nothing is left either where it has
/// no more files. Throws `io_error`.
[[nodiscard]] DiskSpace disk_space(int directory, const std::string& path);

}  // namespace amphora::rocks
