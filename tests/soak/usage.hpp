#pragma once

#include <cstdint>
#include <string>

#include <sys/types.h>

namespace amphora::soak {

/// Memory of a process. The pages of the relational store that it has mapped belong to the page
/// cache, which the kernel takes back whenever it wants them; they are in `resident_bytes` alone.
struct MemoryUse {
    std::uint64_t own_bytes = 0;       ///< RssAnon
    std::uint64_t resident_bytes = 0;  ///< VmRSS
};
/// Zeros if the process is gone.
[[nodiscard]] MemoryUse memory_of(pid_t process);

/// What the files below a directory take on the disk; those that vanish meanwhile take nothing.
[[nodiscard]] std::uint64_t bytes_on_disk(const std::string& directory);

/// What this process has caused to be written to storage: its dirtied pages and direct writes, as
/// /proc/self/io counts them.
[[nodiscard]] std::uint64_t bytes_sent_to_disk();

}  // namespace amphora::soak
