#pragma once

#include "base/bytes.hpp"

#include <cstdint>
#include <string>

namespace amphora::codec {

/// Where in a text something is, for people: both from 1, columns in characters.
struct JsonPlace {
    std::uint64_t line;
    std::uint64_t column;
};

/// The place of the byte at `offset`; the text begins at `first_line`.
[[nodiscard]] JsonPlace place_of(Bytes text, std::size_t offset, std::uint64_t first_line) noexcept;

/// "line 3, column 14".
[[nodiscard]] std::string describe(JsonPlace place);

}  // namespace amphora::codec
