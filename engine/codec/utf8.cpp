#include "codec/utf8.hpp"

#include "codec/bytes_io.hpp"

#include <algorithm>
#include <vector>

namespace amphora::codec {

namespace {

constexpr std::uint64_t high_bits = 0x8080808080808080;

// The length of the well-formed character at `at`, or 0. Table 3-7 of the Unicode standard.
std::size_t character_at(const unsigned char* at, std::size_t left) noexcept {
    const auto follows = [](unsigned char byte) { return (byte & 0xC0) == 0x80; };
    const unsigned char first = at[0];
    if (first < 0x80) return 1;
    if (first < 0xC2) return 0;
    if (first < 0xE0) return left >= 2 && follows(at[1]) ? 2 : 0;
    if (first < 0xF0) {
        if (left < 3 || !follows(at[1]) || !follows(at[2])) return 0;
        if (first == 0xE0 && at[1] < 0xA0) return 0;  // would fit two bytes
        if (first == 0xED && at[1] > 0x9F) return 0;  // a surrogate
        return 3;
    }
    if (first < 0xF5) {
        if (left < 4 || !follows(at[1]) || !follows(at[2]) || !follows(at[3])) return 0;
        if (first == 0xF0 && at[1] < 0x90) return 0;  // would fit three bytes
        if (first == 0xF4 && at[1] > 0x8F) return 0;  // beyond U+10FFFF
        return 4;
    }
    return 0;
}

constexpr bool continues(char byte) noexcept {
    return (byte & 0xC0) == 0x80;
}

/// Removes the first character and returns it. UTF-8 sorts as bytes in the order of its code
/// points.
Bytes take_character(Bytes& text) noexcept {
    std::size_t size = 1;
    while (size < text.size() && continues(text[size])) ++size;
    const Bytes character = text.substr(0, size);
    text.remove_prefix(size);
    return character;
}

}  // namespace

std::optional<std::size_t> find_invalid_utf8(Bytes text) noexcept {
    const char* data = text.data();
    const std::size_t size = text.size();
    std::size_t at = 0;
    while (at < size) {
        // Eight bytes of ASCII at a time; most text has nothing else.
        while (size - at >= 8 && (load_little<std::uint64_t>(data + at) & high_bits) == 0) at += 8;
        // The last eight may overlap those before.
        if (size - at < 8 && size >= 8 &&
            (load_little<std::uint64_t>(data + size - 8) & high_bits) == 0) {
            return std::nullopt;
        }
        // Then characters until ASCII comes back, so other scripts do not pay for the loop above.
        std::size_t ascii = 0;
        while (at < size && ascii < 8) {
            const std::size_t length =
                character_at(reinterpret_cast<const unsigned char*>(data) + at, size - at);
            if (length == 0) return at;
            ascii = length == 1 ? ascii + 1 : 0;
            at += length;
        }
    }
    return std::nullopt;
}

std::size_t count_characters(Bytes text) noexcept {
    std::size_t following = 0;
    std::size_t at = 0;
    for (; text.size() - at >= 8; at += 8) {
        // A byte continues a character if its two highest bits are 10.
        const auto eight = load_little<std::uint64_t>(text.data() + at);
        following +=
            static_cast<std::size_t>(__builtin_popcountll(eight & ~(eight << 1) & high_bits));
    }
    for (; at < text.size(); ++at) following += continues(text[at]) ? 1 : 0;
    return text.size() - following;
}

bool is_longer_than(Bytes text, std::size_t characters_max) noexcept {
    if (text.size() <= characters_max) return false;
    if (text.size() / 4 > characters_max) return true;
    return count_characters(text) > characters_max;
}

Bytes first_characters(Bytes text, std::size_t characters_max) noexcept {
    if (text.size() <= characters_max) return text;
    std::size_t characters = 0;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (!continues(text[at]) && ++characters > characters_max) return text.substr(0, at);
    }
    return text;
}

Bytes first_bytes(Bytes text, std::size_t bytes_max) noexcept {
    if (text.size() <= bytes_max) return text;
    std::size_t end = bytes_max;
    // Four at most: in text that is not UTF-8 there may be no first byte.
    for (int back = 0; back < 4 && end > 0 && continues(text[end]); ++back) --end;
    return text.substr(0, end);
}

Buffer well_formed(Bytes text) {
    Buffer result;
    while (const auto invalid = find_invalid_utf8(text)) {
        result += text.substr(0, *invalid);
        result += "\xef\xbf\xbd";
        text.remove_prefix(*invalid + 1);
    }
    return result += text;
}

Buffer sorted_characters(Bytes text) {
    std::vector<Bytes> characters;
    while (!text.empty()) characters.push_back(take_character(text));
    std::ranges::sort(characters);
    Buffer sorted;
    for (const Bytes character : characters) sorted.append(character);
    return sorted;
}

bool has_sorted_characters(Bytes text) noexcept {
    for (Bytes before; !text.empty();) {
        const Bytes character = take_character(text);
        if (character < before) return false;
        before = character;
    }
    return true;
}

}  // namespace amphora::codec
