#pragma once

#include "base/bytes.hpp"

#include <compare>
#include <cstdint>

/// Checksums of stored bytes: XXH3 (https://xxhash.com, the stable format of version 0.8), fast
/// enough to be computed at every read. They find damage; they do not protect against forgery.
namespace amphora {

[[nodiscard]] std::uint64_t checksum64(Bytes bytes, std::uint64_t seed = 0) noexcept;

/// The lower half of the 64-bit form, for small values where eight bytes would cost too much.
[[nodiscard]] std::uint32_t checksum32(Bytes bytes, std::uint64_t seed = 0) noexcept;

/// Wide enough that two different inputs never have the same value by accident.
struct Hash128 {
    std::uint64_t high = 0;
    std::uint64_t low = 0;
    auto operator<=>(const Hash128&) const = default;
};
[[nodiscard]] Hash128 hash128(Bytes bytes, std::uint64_t seed = 0) noexcept;

}  // namespace amphora
