#pragma once

#include "base/bytes.hpp"
#include "base/checksum.hpp"

#include <cstdint>
#include <cstring>
#include <map>
#include <string>

/// For each space the number of entries and the sum of their hashes: a hash of the set, independent
/// of its order. It is written with the mark. So `check` finds a row that a damaged or a stale page
/// hides, which no checksum of single values can.
///
///   key    00 00 00 00 'd' space (4, most significant byte first)
///   value  entries (8) | sum modulo 2^64 (8), least significant byte first
namespace amphora::lmdb {

struct SpaceDigest {
    std::uint64_t entries = 0;
    std::uint64_t sum = 0;
    bool operator==(const SpaceDigest&) const = default;

    void add(Bytes key, std::uint32_t checksum) noexcept {
        ++entries;
        sum += hash_of(key, checksum);
    }
    void remove(Bytes key, std::uint32_t checksum) noexcept {
        --entries;
        sum -= hash_of(key, checksum);
    }

    /// The entry's checksum represents its value, so removing an entry need not read the value.
    static std::uint64_t hash_of(Bytes key, std::uint32_t checksum) noexcept {
        std::uint64_t hash = checksum64(key) + checksum * 0x9E3779B97F4A7C15ull;
        hash = (hash ^ (hash >> 30)) * 0xBF58476D1CE4E5B9ull;
        hash = (hash ^ (hash >> 27)) * 0x94D049BB133111EBull;
        return hash ^ (hash >> 31);
    }
};

/// The first four bytes of a key, or as many as it has.
[[nodiscard]] inline std::uint32_t space_of(Bytes key) noexcept {
    std::uint32_t space = 0;
    for (std::size_t i = 0; i < 4; ++i) {
        space = space << 8 | (i < key.size() ? static_cast<unsigned char>(key[i]) : 0u);
    }
    return space;
}

/// By space number.
using SpaceDigests = std::map<std::uint32_t, SpaceDigest>;

inline constexpr Bytes digest_key_prefix{"\0\0\0\0d", 5};

[[nodiscard]] inline Buffer digest_key(std::uint32_t space) {
    Buffer key{digest_key_prefix};
    for (int shift = 24; shift >= 0; shift -= 8) key += static_cast<char>(space >> shift & 0xFF);
    return key;
}

[[nodiscard]] inline Buffer encode(const SpaceDigest& digest) {
    Buffer bytes(sizeof digest.entries + sizeof digest.sum, '\0');
    std::memcpy(bytes.data(), &digest.entries, sizeof digest.entries);
    std::memcpy(bytes.data() + sizeof digest.entries, &digest.sum, sizeof digest.sum);
    return bytes;
}

[[nodiscard]] inline SpaceDigest decode_space_digest(Bytes bytes) noexcept {
    SpaceDigest digest;
    if (bytes.size() == sizeof digest.entries + sizeof digest.sum) {
        std::memcpy(&digest.entries, bytes.data(), sizeof digest.entries);
        std::memcpy(&digest.sum, bytes.data() + sizeof digest.entries, sizeof digest.sum);
    }
    return digest;
}

}  // namespace amphora::lmdb
