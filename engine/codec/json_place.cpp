#include "codec/json_place.hpp"

#include "codec/utf8.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace amphora::codec {

JsonPlace place_of(Bytes text, std::size_t offset, JsonPlace start) noexcept {
    // Continuation bytes are not counted as characters, so damaged UTF-8 has columns too.
    const Bytes before = text.substr(0, offset);
    const auto newline = before.rfind('\n');
    if (newline == Bytes::npos) {
        return {.line = start.line, .column = start.column + count_characters(before)};
    }
    const auto newlines = std::count(before.begin(), before.end(), '\n');
    return {.line = start.line + static_cast<std::uint64_t>(newlines),
            .column = 1 + count_characters(before.substr(newline + 1))};
}

std::string describe(JsonPlace place) {
    return fmt::format("line {}, column {}", place.line, place.column);
}

}  // namespace amphora::codec
