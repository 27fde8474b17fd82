#pragma once

#include "base/bytes.hpp"

#include <cstdint>
#include <string>

namespace amphora::codec {

/// A position in a file, for people: line and column, both from 1; columns count characters.
struct TextPosition {
    std::uint64_t line = 1;
    std::uint64_t column = 1;
};

/// The position of the byte at `offset` of a text that begins at `start`.
[[nodiscard]] TextPosition place_of(Bytes text, std::size_t offset, TextPosition start) noexcept;

/// "line 3, column 14".
[[nodiscard]] std::string describe(TextPosition place);

}  // namespace amphora::codec
