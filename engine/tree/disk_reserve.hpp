#pragma once

#include <algorithm>
#include <cstdint>

namespace amphora::tree {

/// Disk space that a tree keeps for removals. It grows with the data, because removing more writes
/// more, up to what the options allow: an empty tree keeps little.
///   reserve_for(0, 64 MiB)      == 256 KiB
///   reserve_for(40 MiB, 64 MiB) == 10.25 MiB
[[nodiscard]] constexpr std::uint64_t reserve_for(std::uint64_t data_bytes,
                                                  std::uint64_t bytes_max) noexcept {
    constexpr std::uint64_t least = 256u << 10;
    return std::min(bytes_max, least + data_bytes / 4);
}

}  // namespace amphora::tree
