#pragma once

#include "base/filesystem_kind.hpp"
#include "base/log.hpp"

#include <algorithm>
#include <cstdint>

namespace amphora::rocks {

/// The size of the machine. Sets every number of `RocksOptions`.
enum class RocksProfile : std::uint8_t { edge, desktop, bench };

struct RocksOptions {
    /// One budget for the block cache, indexes, filters and memtables.
    std::uint64_t memory_bytes = 96ull << 20;
    std::uint64_t memtable_bytes = 16ull << 20;  ///< of one memtable
    std::uint32_t memtables_max = 3;             ///< one being filled, the others being flushed
    std::uint64_t table_bytes = 16ull << 20;     ///< of one table file
    std::uint32_t background_jobs = 2;
    std::uint32_t open_files_max = 256;
    std::uint64_t reserve_bytes = 64ull << 20;  ///< of the disk, kept for removals, at most
    /// First and longest wait between two attempts to recover from a failed flush or compaction.
    std::uint32_t retry_ms_min = 50;
    std::uint32_t retry_ms_max = 5000;
    OnNetwork on_network = OnNetwork::refuse;
    Log log;
};

[[nodiscard]] RocksOptions rocks_profile(RocksProfile profile);

/// How many files of full size a compaction of levels merges: one, ten times as much on the next
/// level, and at each end one more, of which only a part is needed.
inline constexpr std::uint64_t table_files_merged = 13;

/// The most that compactions use of the disk, for a time.
[[nodiscard]] constexpr std::uint64_t compaction_bytes_max(const RocksOptions& options) noexcept {
    return table_files_merged * std::max(options.memtable_bytes, options.table_bytes);
}

/// A file in the tree's directory that only holds space; copies leave it out.
inline constexpr const char* reserve_name = "RESERVE";

}  // namespace amphora::rocks
