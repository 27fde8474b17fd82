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

/// What this process has handed to `write` and its like, by the thread that did, which tells what
/// kind of file it was. A thread that ends takes its count with it; those of an open database stay.
struct BytesHandedOver {
    std::uint64_t journal = 0;  ///< by the journal's thread and those that commit
    std::uint64_t rows = 0;
    std::uint64_t documents = 0;

    [[nodiscard]] std::uint64_t all() const { return journal + rows + documents; }
    [[nodiscard]] BytesHandedOver since(const BytesHandedOver& before) const {
        return {journal - before.journal, rows - before.rows, documents - before.documents};
    }
};
[[nodiscard]] BytesHandedOver bytes_handed_over();

/// What has been written to the block device that holds `path`, by whomever; 0 if there is none.
/// (What /proc/self/io counts is pages made dirty, and since there are pages of 2 MiB a block of
/// 4 KiB counts as so much.)
[[nodiscard]] std::uint64_t bytes_written_to_device(const std::string& path);

}  // namespace amphora::soak
