#include "console/text_table.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

namespace amphora::console {

namespace {

struct Character {
    char32_t code = 0;
    std::size_t bytes = 1;
};

/// The first character; a byte that is not UTF-8 counts as one.
Character first_of(std::string_view text) noexcept {
    const auto lead = static_cast<std::uint8_t>(text.front());
    const std::size_t bytes = lead < 0x80   ? 1
                              : lead < 0xc0 ? 1
                              : lead < 0xe0 ? 2
                              : lead < 0xf0 ? 3
                                            : 4;
    if (bytes == 1 || text.size() < bytes) return {lead, 1};
    char32_t code = lead & (0xffu >> (bytes + 1));
    for (std::size_t at = 1; at < bytes; ++at) {
        code = code << 6 | (static_cast<std::uint8_t>(text[at]) & 0x3fu);
    }
    return {code, bytes};
}

/// Unicode's East Asian Wide and Fullwidth blocks, and the combining marks that occur in practice.
std::size_t width_of(char32_t code) noexcept {
    static constexpr std::array<std::pair<char32_t, char32_t>, 9> wide{{{0x1100, 0x115f},
                                                                        {0x2e80, 0x303e},
                                                                        {0x3041, 0xa4cf},
                                                                        {0xac00, 0xd7a3},
                                                                        {0xf900, 0xfaff},
                                                                        {0xfe30, 0xfe6f},
                                                                        {0xff00, 0xff60},
                                                                        {0x1f300, 0x1faff},
                                                                        {0x20000, 0x3fffd}}};
    if (code >= 0x0300 && code <= 0x036f) return 0;
    if (code == 0x200b || code == 0x200d || (code >= 0xfe00 && code <= 0xfe0f)) return 0;
    for (const auto& [first, last] : wide) {
        if (code >= first && code <= last) return 2;
    }
    return 1;
}

std::string shown(std::string_view text) {
    std::string out;
    std::size_t width = 0;
    while (!text.empty()) {
        const Character character = first_of(text);
        std::string piece{text.substr(0, character.bytes)};
        if (character.code == '\n') {
            piece = "\\n";
        } else if (character.code == '\t') {
            piece = "\\t";
        } else if (character.code == '\r') {
            piece = "\\r";
        } else if (character.code < 0x20 || character.code == 0x7f) {
            piece = "?";
        }
        width += piece.size() == character.bytes ? width_of(character.code) : piece.size();
        if (width > TextTable::cell_width_max) return out + "…";
        out += piece;
        text.remove_prefix(character.bytes);
    }
    return out;
}

}  // namespace

std::size_t display_width(std::string_view utf8) noexcept {
    std::size_t width = 0;
    while (!utf8.empty()) {
        const Character character = first_of(utf8);
        width += width_of(character.code);
        utf8.remove_prefix(character.bytes);
    }
    return width;
}

void TextTable::add(std::vector<std::string> cells) {
    cells.resize(columns_.size());
    for (std::string& cell : cells) cell = shown(cell);
    rows_.push_back(std::move(cells));
}

std::string TextTable::text(std::string_view indent) const {
    std::vector<std::size_t> widths;
    widths.reserve(columns_.size());
    for (const Column& column : columns_) widths.push_back(display_width(column.title));
    for (const auto& row : rows_) {
        for (std::size_t place = 0; place < row.size(); ++place) {
            widths[place] = std::max(widths[place], display_width(row[place]));
        }
    }
    std::string out;
    const auto put_line = [&](auto cell_at) {
        std::string line{indent};
        for (std::size_t place = 0; place < columns_.size(); ++place) {
            const std::string& cell = cell_at(place);
            const std::string padding(widths[place] - display_width(cell), ' ');
            if (place != 0) line += "  ";
            line += columns_[place].align == Align::right ? padding + cell : cell + padding;
        }
        line.erase(line.find_last_not_of(' ') + 1);
        out += line + "\n";
    };
    put_line([&](std::size_t place) -> const std::string& { return columns_[place].title; });
    for (const auto& row : rows_) {
        put_line([&](std::size_t place) -> const std::string& { return row[place]; });
    }
    return out;
}

}  // namespace amphora::console
