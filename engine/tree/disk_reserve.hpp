#pragma once

#include <algorithm>
#include <cstdint>

namespace amphora::tree {

/// Disk space that a tree keeps for removals. It grows with the data, because removing more writes
/// more, up to the bound of the options: an empty tree keeps little.
///   reserve_for(0, 64 MiB)      == 256 KiB
///   reserve_for(40 MiB, 64 MiB) == 10.25 MiB
[[nodiscard]] constexpr std::uint64_t reserve_for(std::uint64_t data_bytes,
                                                  std::uint64_t bytes_max) noexcept {
    constexpr std::uint64_t least = 256u << 10;
    return std::min(bytes_max, least + data_bytes / 4);
}

/// The part of such a reserve that deliveries do not use. A tree needs it to be opened, and to give
/// back the space of removed entries, because both must write.
///   last_part_of(512 KiB) == 128 KiB
///   last_part_of(64 MiB)  == 512 KiB
[[nodiscard]] constexpr std::uint64_t last_part_of(std::uint64_t reserve_bytes) noexcept {
    constexpr std::uint64_t least = 96u << 10, most = 512u << 10;
    return std::min(reserve_bytes, std::clamp(reserve_bytes / 4, least, most));
}

}  // namespace amphora::tree
