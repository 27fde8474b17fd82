#pragma once

#include "base/bytes.hpp"

#include <cstddef>
#include <cstdint>

/// Numbers of variable width: seven bits a byte, least significant first; the high bit says that
/// more bytes follow (LEB128).
///   encode(  1) == 01
///   encode(127) == 7f
///   encode(128) == 80 01
namespace amphora::codec {

inline constexpr std::size_t varint_bytes_max = 10;

[[nodiscard]] constexpr std::size_t varint_size(std::uint64_t value) noexcept {
    std::size_t bytes = 1;
    while (value >= 0x80) {
        value >>= 7;
        ++bytes;
    }
    return bytes;
}

/// Writes to `out`, which has room for `varint_bytes_max`; returns the end.
inline char* write_varint(char* out, std::uint64_t value) noexcept {
    while (value >= 0x80) {
        *out++ = static_cast<char>(value | 0x80);
        value >>= 7;
    }
    *out++ = static_cast<char>(value);
    return out;
}

inline void append_varint(Buffer& out, std::uint64_t value) {
    char bytes[varint_bytes_max];
    out.append(bytes, static_cast<std::size_t>(write_varint(bytes, value) - bytes));
}

/// Removes a number from the front of `bytes`. False, with `bytes` and `value` unchanged, if they
/// do not begin with a number, or with one that is longer than necessary.
[[nodiscard]] inline bool take_varint(Bytes& bytes, std::uint64_t& value) noexcept {
    std::uint64_t result = 0;
    const std::size_t limit = bytes.size() < varint_bytes_max ? bytes.size() : varint_bytes_max;
    for (std::size_t i = 0; i < limit; ++i) {
        const auto byte = static_cast<std::uint8_t>(bytes[i]);
        if (i == varint_bytes_max - 1 && byte > 1) return false;
        result |= static_cast<std::uint64_t>(byte & 0x7F) << (7 * i);
        if (byte < 0x80) {
            if (byte == 0 && i > 0) return false;
            bytes.remove_prefix(i + 1);
            value = result;
            return true;
        }
    }
    return false;
}

/// Small numbers of either sign as small unsigned ones: 0, -1, 1, -2 become 0, 1, 2, 3.
[[nodiscard]] constexpr std::uint64_t to_zigzag(std::int64_t value) noexcept {
    return (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63);
}
[[nodiscard]] constexpr std::int64_t from_zigzag(std::uint64_t value) noexcept {
    return static_cast<std::int64_t>((value >> 1) ^ (0 - (value & 1)));
}

}  // namespace amphora::codec
