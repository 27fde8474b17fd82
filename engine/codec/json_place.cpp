#include "codec/json_place.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace amphora::codec {

JsonPlace place_of(Bytes text, std::size_t offset, std::uint64_t first_line) noexcept {
    const Bytes before = text.substr(0, offset);
    const auto newlines = std::count(before.begin(), before.end(), '\n');
    const std::size_t start = before.rfind('\n') + 1;  // npos + 1 is 0
    // Bytes that go on a character are not counted, so that damaged text has columns too.
    const auto column = std::count_if(
        before.begin() + static_cast<std::ptrdiff_t>(start), before.end(),
        [](char letter) { return (static_cast<unsigned char>(letter) & 0xc0) != 0x80; });
    return {.line = first_line + static_cast<std::uint64_t>(newlines),
            .column = static_cast<std::uint64_t>(column) + 1};
}

std::string describe(JsonPlace place) {
    return fmt::format("line {}, column {}", place.line, place.column);
}

}  // namespace amphora::codec
