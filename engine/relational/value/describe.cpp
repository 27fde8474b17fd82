#include "relational/value/describe.hpp"

#include <fmt/format.h>

namespace amphora::relational {
namespace {

constexpr std::size_t text_bytes_max = 60;

// Cut between characters, so that a message stays UTF-8.
std::string_view shortened(std::string_view text) {
    if (text.size() <= text_bytes_max) return text;
    std::size_t end = text_bytes_max;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0u) == 0x80u) --end;
    return text.substr(0, end);
}

}  // namespace

std::string describe(const Cell& cell, const catalog::ColumnType& type) {
    switch (cell.kind()) {
        case Cell::Kind::absent:
            return "nothing";
        case Cell::Kind::null:
            return "NULL";
        case Cell::Kind::boolean:
            return cell.boolean() ? "TRUE" : "FALSE";
        case Cell::Kind::integer:
            return fmt::format("{}", cell.integer());
        case Cell::Kind::real:
            return fmt::format("{}", cell.real());
        case Cell::Kind::decimal:
            return to_string(cell.decimal());
        case Cell::Kind::text:
            return fmt::format("'{}'{}", shortened(cell.text()),
                               cell.text().size() > text_bytes_max ? "..." : "");
        case Cell::Kind::blob:
            return fmt::format("a blob of {} bytes", cell.text().size());
        case Cell::Kind::datetime:
            return fmt::format("'{}'", to_string(cell.datetime()));
        case Cell::Kind::date:
            return fmt::format("'{}'", to_string(cell.date()));
        case Cell::Kind::time:
            return fmt::format("'{}'", to_string(cell.time()));
        case Cell::Kind::enumeration: {
            const auto place = static_cast<std::size_t>(cell.integer());
            return place < type.members.size() ? fmt::format("'{}'", type.members[place])
                                               : fmt::format("member {}", cell.integer());
        }
        case Cell::Kind::present_moment:
            return "NOW()";
    }
    return "?";
}

}  // namespace amphora::relational
