#include "codec/json/text_position.hpp"

#include "codec/utf8.hpp"

#include <fmt/format.h>

namespace amphora::codec {

TextPosition place_of(Bytes text, std::size_t offset, TextPosition start) noexcept {
    // Continuation bytes are not counted as characters, so damaged UTF-8 has columns too.
    const Bytes before = text.substr(0, offset);
    std::uint64_t newlines = 0;
    std::size_t line_start = 0;
    for (auto at = before.find('\n'); at != Bytes::npos; at = before.find('\n', line_start)) {
        ++newlines;
        line_start = at + 1;
    }
    const std::uint64_t characters = count_characters(before.substr(line_start));
    return {.line = start.line + newlines,
            .column = (newlines == 0 ? start.column : 1) + characters};
}

std::string describe(TextPosition place) {
    return fmt::format("line {}, column {}", place.line, place.column);
}

}  // namespace amphora::codec
