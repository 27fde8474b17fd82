#pragma once

#include "base/bytes.hpp"

#include <cstddef>
#include <optional>

/// UTF-8 as in RFC 3629: no surrogates, nothing beyond U+10FFFF, no form longer than needed. A
/// character is a code point. NUL is an ordinary character.
namespace amphora::codec {

/// The offset of the first byte that is not part of a well-formed character; none if all are.
[[nodiscard]] std::optional<std::size_t> find_invalid_utf8(Bytes text) noexcept;

[[nodiscard]] inline bool is_utf8(Bytes text) noexcept {
    return !find_invalid_utf8(text);
}

/// The number of characters in well-formed text; of other text, the number of bytes that are not
/// continuation bytes.
[[nodiscard]] std::size_t count_characters(Bytes text) noexcept;

/// Whether well-formed text has more than `characters_max`; reads no more of it than necessary.
[[nodiscard]] bool is_longer_than(Bytes text, std::size_t characters_max) noexcept;

/// The longest beginning of well-formed text with at most that many characters, or bytes; never
/// cuts inside a character.
[[nodiscard]] Bytes first_characters(Bytes text, std::size_t characters_max) noexcept;
[[nodiscard]] Bytes first_bytes(Bytes text, std::size_t bytes_max) noexcept;

/// Text with U+FFFD in place of each byte that is not part of a well-formed character.
///   well_formed("a\xff") == "a\xef\xbf\xbd"
[[nodiscard]] Buffer well_formed(Bytes text);

/// Well-formed text with its characters in ascending order.
///   sorted_characters("xié") == "ixé"
[[nodiscard]] Buffer sorted_characters(Bytes text);
[[nodiscard]] bool has_sorted_characters(Bytes text) noexcept;

}  // namespace amphora::codec
