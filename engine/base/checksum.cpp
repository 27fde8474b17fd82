#include "base/checksum.hpp"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace amphora {

std::uint64_t checksum64(Bytes bytes, std::uint64_t seed) noexcept {
    return XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed);
}

std::uint32_t checksum32(Bytes bytes, std::uint64_t seed) noexcept {
    return static_cast<std::uint32_t>(XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed));
}

Hash128 hash128(Bytes bytes, std::uint64_t seed) noexcept {
    const XXH128_hash_t hash = XXH3_128bits_withSeed(bytes.data(), bytes.size(), seed);
    return {.high = hash.high64, .low = hash.low64};
}

}  // namespace amphora
