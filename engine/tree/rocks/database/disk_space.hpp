#pragma once

#include <cstdint>
#include <string>

namespace amphora::rocks {

/// The free space of a file system.
struct DiskSpace {
    std::uint64_t free_bytes = 0;  ///< for everyone
    /// What the file system keeps free for privileged processes, if this process is one of them
    /// (ext4 keeps 5 % by default). Removals may use it. If such processes have used it, freed
    /// blocks fill it first, and other processes cannot use these blocks.
    std::uint64_t privileged_bytes = 0;

    [[nodiscard]] std::uint64_t for_removals() const noexcept {
        return free_bytes + privileged_bytes;
    }
};

/// The free space of the file system of an open directory; `path` is for messages. None if the file
/// system can hold no more files. Throws `io_error`.
[[nodiscard]] DiskSpace disk_space(int directory, const std::string& path);

}  // namespace amphora::rocks
