#include "codec/json/base64.hpp"

#include <array>
#include <cstdint>

namespace amphora::codec {

namespace {

constexpr Bytes alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t no_digit = 0xff;

constexpr std::array<std::uint8_t, 256> digit_values = [] {
    std::array<std::uint8_t, 256> values{};
    values.fill(no_digit);
    for (std::size_t i = 0; i < alphabet.size(); ++i) {
        values[static_cast<unsigned char>(alphabet[i])] = static_cast<std::uint8_t>(i);
    }
    return values;
}();

}  // namespace

void append_base64(Buffer& text, Bytes bytes) {
    for (std::size_t at = 0; at < bytes.size(); at += 3) {
        const Bytes group = bytes.substr(at, 3);
        std::uint32_t bits = 0;
        for (std::size_t i = 0; i < 3; ++i) {
            bits = bits << 8 | (i < group.size() ? static_cast<unsigned char>(group[i]) : 0u);
        }
        for (std::size_t i = 0; i < 4; ++i) {
            text += i <= group.size() ? alphabet[bits >> (18 - 6 * i) & 0x3f] : '=';
        }
    }
}

std::optional<Buffer> parse_base64(Bytes text) {
    if (text.size() % 4 != 0) return std::nullopt;
    std::size_t padding = 0;
    while (padding < 2 && text.ends_with('=')) {
        text.remove_suffix(1);
        ++padding;
    }
    Buffer bytes;
    bytes.reserve(text.size() * 3 / 4);
    std::uint32_t bits = 0;
    int bits_held = 0;
    for (const char letter : text) {
        const std::uint8_t digit = digit_values[static_cast<unsigned char>(letter)];
        if (digit == no_digit) return std::nullopt;
        bits = bits << 6 | digit;
        bits_held += 6;
        if (bits_held >= 8) {
            bits_held -= 8;
            bytes += static_cast<char>(bits >> bits_held & 0xff);
        }
    }
    // The unused bits must be zero, or two texts would mean the same bytes.
    if ((bits & ((1u << bits_held) - 1)) != 0) return std::nullopt;
    return bytes;
}

}  // namespace amphora::codec
