#include "codec/key_text.hpp"

#include "codec/bytes_io.hpp"

#include <algorithm>
#include <cstdint>

namespace amphora::codec {

namespace {

// Whether one of eight bytes is 00 or 01, which are escaped.
constexpr bool has_escaped(std::uint64_t eight) noexcept {
    return ((eight - 0x0202020202020202) & ~eight & 0x8080808080808080) != 0;
}

}  // namespace

std::size_t escaped_room(Bytes value) noexcept {
    // The bytes to escape are counted where twice the size would be a waste.
    if (value.size() <= 64) return 2 * value.size() + 2;
    const auto escapes = std::count_if(value.begin(), value.end(),
                                       [](char c) { return static_cast<unsigned char>(c) <= 1; });
    return value.size() + static_cast<std::size_t>(escapes) + 2;
}

char* put_escaped(char* out, Bytes value) noexcept {
    const char* from = value.data();
    std::size_t left = value.size();
    const auto put_byte = [&out](char c) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte <= 1) [[unlikely]] {
            *out++ = 1;
            c = static_cast<char>(byte + 1);
        }
        *out++ = c;
    };
    for (; left >= 8; from += 8, left -= 8) {
        const auto eight = load_little<std::uint64_t>(from);
        if (has_escaped(eight)) [[unlikely]] {
            for (int i = 0; i < 8; ++i) put_byte(from[i]);
        } else {
            store_little(out, eight);
            out += 8;
        }
    }
    for (; left > 0; ++from, --left) put_byte(*from);
    *out++ = 0;
    return out;
}

}  // namespace amphora::codec
