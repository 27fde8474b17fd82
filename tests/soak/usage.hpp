#pragma once

#include <cstdint>
#include <string>

#include <sys/types.h>

namespace amphora::soak {

/// Memory of a process. The mapped pages of the relational store belong to the page cache, which
/// the kernel reclaims when necessary; only `resident_bytes` counts them.
struct MemoryUse {
    std::uint64_t own_bytes = 0;       ///< RssAnon
    std::uint64_t resident_bytes = 0;  ///< VmRSS
};
/// Zeros if the process is gone.
[[nodiscard]] MemoryUse memory_of(pid_t process);

/// The disk space of the files below a directory; files that vanish meanwhile count as 0.
[[nodiscard]] std::uint64_t bytes_on_disk(const std::string& directory);

/// Bytes that this process has passed to `write` and similar calls, by thread, which tells the kind
/// of file. The count of a thread is lost when it ends; those of an open database do not end.
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

/// Bytes that any program has written to the block device that holds `path`; 0 if there is none.
/// (/proc/self/io counts pages made dirty, and with pages of 2 MiB a block of 4 KiB counts as 2
/// MiB.)
[[nodiscard]] std::uint64_t bytes_written_to_device(const std::string& path);

}  // namespace amphora::soak
