#include "relational/value/conversion.hpp"

#include "base/assert.hpp"
#include "catalog/language/print.hpp"
#include "codec/utf8.hpp"
#include "relational/value/json_text.hpp"
#include "relational/value/number_conversion.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

#include <optional>

namespace amphora::relational {
namespace {

using catalog::ColumnType;
using catalog::Type;
using Kind = Cell::Kind;

constexpr std::int64_t datetime_min = -62'167'219'200'000'000;  // 0000-01-01 00:00:00
constexpr std::int64_t datetime_max = 253'402'300'799'999'999;  // 9999-12-31 23:59:59.999999
constexpr std::int32_t date_min = -719'528;
constexpr std::int32_t date_max = 2'932'896;
constexpr std::int64_t time_max = amphora::detail::time_range.last;
constexpr std::int64_t day_us = 86'400'000'000;

std::optional<std::int64_t> find_member(const ColumnType& type, std::string_view name) noexcept {
    for (std::size_t place = 0; place < type.members.size(); ++place) {
        if (type.members[place] == name) return static_cast<std::int64_t>(place);
    }
    return std::nullopt;
}

std::optional<Buffer> find_hexadecimal(std::string_view text) {
    const auto digit = [](char c) -> int {
        if (c >= '0' && c <= '9') return c - '0';
        if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f') return (c | 0x20) - 'a' + 10;
        return -1;
    };
    if (text.size() % 2 != 0) return std::nullopt;
    Buffer bytes;
    bytes.reserve(text.size() / 2);
    for (std::size_t i = 0; i < text.size(); i += 2) {
        const int high = digit(text[i]);
        const int low = digit(text[i + 1]);
        if (high < 0 || low < 0) return std::nullopt;
        bytes.push_back(static_cast<char>(high * 16 + low));
    }
    return bytes;
}

Cell to_text(const ColumnRef& at, const Cell& cell) {
    if (cell.kind() != Kind::text) refuse_kind(at, cell);
    if (const auto offset = codec::find_invalid_utf8(cell.text())) {
        throw Error{ErrorCode::invalid_utf8,
                    fmt::format("column {} of {}: the text is not UTF-8 at byte {}", at.column.name,
                                at.table.name, *offset)};
    }
    const ColumnType& type = at.column.type;
    if (type.type == Type::varchar && codec::is_longer_than(cell.text(), type.length_max)) {
        throw Error{ErrorCode::value_too_large,
                    fmt::format("column {} of {} is {}: the text has {} characters", at.column.name,
                                at.table.name, catalog::to_sql(type),
                                codec::count_characters(cell.text()))};
    }
    if (type.type == Type::json) {
        if (const auto offset = find_invalid_json(cell.text())) {
            throw Error{ErrorCode::malformed_json,
                        fmt::format("column {} of {}: the text is not JSON at byte {}",
                                    at.column.name, at.table.name, *offset)};
        }
    }
    return cell;
}

void require_day(const ColumnRef& at, Date day) {
    if (day.days >= date_min && day.days <= date_max) return;
    throw Error{
        ErrorCode::value_out_of_range,
        fmt::format("column {} of {} is {}: {} days from 1970 are outside of the years "
                    "0000 to 9999",
                    at.column.name, at.table.name, catalog::to_sql(at.column.type), day.days)};
}

// A moment of the calendar from every kind of cell that can express one. `now_us` replaces
// `amphora::now`.
Cell to_datetime(const ColumnRef& at, const Cell& cell, std::int64_t now_us) {
    DateTime moment;
    switch (cell.kind()) {
        case Kind::datetime:
            moment = cell.datetime();
            break;
        case Kind::present_moment:
            moment = DateTime{now_us};
            break;
        case Kind::date:
            // Tested before the multiplication: the microseconds of valid days fit; those of others
            // could overflow, perhaps to a moment that the column takes.
            require_day(at, cell.date());
            moment = DateTime{cell.date().days * day_us};
            break;
        case Kind::text:
            moment = parse_for(at, cell, parse_datetime);
            break;
        default:
            refuse_kind(at, cell);
    }
    if (moment.microseconds < datetime_min || moment.microseconds > datetime_max) {
        throw Error{
            ErrorCode::value_out_of_range,
            fmt::format("column {} of {} is DATETIME: {} microseconds from 1970 are outside "
                        "of the years 0000 to 9999",
                        at.column.name, at.table.name, moment.microseconds)};
    }
    return Cell::of(moment);
}

Cell to_date(const ColumnRef& at, const Cell& cell) {
    if (cell.kind() != Kind::date && cell.kind() != Kind::text) refuse_kind(at, cell);
    const Date day = cell.kind() == Kind::date ? cell.date() : parse_for(at, cell, parse_date);
    require_day(at, day);
    return Cell::of(day);
}

Cell to_time(const ColumnRef& at, const Cell& cell) {
    if (cell.kind() != Kind::time && cell.kind() != Kind::text) refuse_kind(at, cell);
    const Time length = cell.kind() == Kind::time ? cell.time() : parse_for(at, cell, parse_time);
    if (length.microseconds < -time_max || length.microseconds > time_max) {
        throw Error{ErrorCode::value_out_of_range,
                    fmt::format("column {} of {} is TIME: {} microseconds are more than 838:59:59",
                                at.column.name, at.table.name, length.microseconds)};
    }
    return Cell::of(length);
}

Cell to_enumeration(const ColumnRef& at, const Cell& cell) {
    const ColumnType& type = at.column.type;
    if (cell.kind() == Kind::enumeration) {
        if (cell.integer() >= 0 && static_cast<std::size_t>(cell.integer()) < type.members.size()) {
            return cell;
        }
    } else if (cell.kind() == Kind::text) {
        if (const auto place = find_member(type, cell.text())) return Cell::enumeration(*place);
    } else {
        refuse_kind(at, cell);
    }
    std::string members;
    for (const std::string& member : type.members) {
        members += fmt::format("{}'{}'", members.empty() ? "" : ", ", member);
    }
    throw Error{ErrorCode::check_violation,
                fmt::format("column {} of {} is ENUM ({}) and has no {}", at.column.name,
                            at.table.name, members, describe(cell, type))};
}

}  // namespace

Cell Conversion::operator()(std::uint32_t place, const Cell& cell) {
    AMPHORA_ASSERT(!cell.is_absent());
    if (cell.is_null()) return cell;
    const ColumnRef at{table_, table_.columns[place]};
    require_digits(at, cell);
    switch (at.column.type.type) {
        case Type::bigint:
            return to_integer(at, cell, INT64_MIN, INT64_MAX);
        case Type::integer:
            return to_integer(at, cell, INT32_MIN, INT32_MAX);
        case Type::smallint:
            return to_integer(at, cell, INT16_MIN, INT16_MAX);
        case Type::boolean:
            return to_boolean(at, cell);
        case Type::real32:
        case Type::real64:
            return to_real_cell(at, cell);
        case Type::decimal:
            return to_decimal_cell(at, cell);
        case Type::varchar:
        case Type::text:
        case Type::json:
            return to_text(at, cell);
        case Type::blob: {
            if (cell.kind() == Kind::blob) return cell;
            if (cell.kind() != Kind::text) refuse_kind(at, cell);
            auto bytes = find_hexadecimal(cell.text());
            if (!bytes) refuse(ErrorCode::type_mismatch, at, cell, "is not hexadecimal");
            return Cell::blob(decoded_.emplace_front(std::move(*bytes)));
        }
        case Type::datetime:
            return to_datetime(at, cell, now_us_);
        case Type::date:
            return to_date(at, cell);
        case Type::time:
            return to_time(at, cell);
        case Type::enumeration:
            return to_enumeration(at, cell);
    }
    AMPHORA_ASSERT(!"a type of column that does not exist");
    return cell;
}

}  // namespace amphora::relational
