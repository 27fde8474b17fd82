#pragma once

#include "base/bytes.hpp"
#include "base/checksum.hpp"

#include <cstdint>
#include <cstring>
#include <string>

/// The checksum after every value, because LMDB's pages have none: four bytes over the key and the
/// value. It includes the key, so a value that a damaged page shows under another key does not
/// verify.
///
///   stored value = value | checksum (4, least significant byte first)
namespace amphora::lmdb {

inline constexpr std::size_t entry_checksum_bytes = 4;

[[nodiscard]] inline std::uint32_t entry_checksum(Bytes key, Bytes value) noexcept {
    const std::uint64_t both = checksum64(key) * 0x9E3779B97F4A7C15ull ^ checksum64(value);
    return static_cast<std::uint32_t>(both ^ (both >> 32));
}

/// The last four bytes of a stored value; 0 for one that is too short to be one.
[[nodiscard]] inline std::uint32_t stored_checksum(Bytes stored) noexcept {
    std::uint32_t checksum = 0;
    if (stored.size() >= entry_checksum_bytes) {
        std::memcpy(&checksum, stored.data() + stored.size() - entry_checksum_bytes,
                    entry_checksum_bytes);
    }
    return checksum;
}

[[nodiscard]] inline Bytes without_checksum(Bytes stored) noexcept {
    return stored.substr(0, stored.size() - entry_checksum_bytes);
}

[[nodiscard]] inline bool entry_verifies(Bytes key, Bytes stored) noexcept {
    return stored.size() >= entry_checksum_bytes &&
           stored_checksum(stored) == entry_checksum(key, without_checksum(stored));
}

/// Throws `corrupt`, naming file and key, unless the entry verifies. Returns its value.
[[nodiscard]] Bytes verified(Bytes key, Bytes stored, const std::string& path);

}  // namespace amphora::lmdb
