#include "relational/conversion.hpp"

#include "base/assert.hpp"
#include "codec/utf8.hpp"
#include "relational/describe.hpp"
#include "relational/json_text.hpp"
#include "relational/numbers.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

#include <cfloat>
#include <charconv>
#include <cmath>

namespace amphora::relational {
namespace {

using catalog::Column;
using catalog::ColumnType;
using catalog::Type;
using Kind = Cell::Kind;

constexpr std::int64_t datetime_min = -62'167'219'200'000'000;  // 0000-01-01 00:00:00
constexpr std::int64_t datetime_max = 253'402'300'799'999'999;  // 9999-12-31 23:59:59.999999
constexpr std::int32_t date_min = -719'528;
constexpr std::int32_t date_max = 2'932'896;
constexpr std::int64_t time_max = ((838 * 60 + 59) * 60 + 59) * 1'000'000LL;
constexpr std::int64_t day_us = 86'400'000'000;

struct Place {
    const catalog::Table& table;
    const Column& column;
};

[[noreturn]] void refuse(ErrorCode code, const Place& at, const Cell& cell, const char* why) {
    throw Error{code, fmt::format("column {} of {} is {}: {} {}", at.column.name, at.table.name,
                                  describe(at.column.type), describe(cell, at.column.type), why)};
}
[[noreturn]] void refuse_kind(const Place& at, const Cell& cell) {
    throw Error{ErrorCode::type_mismatch,
                fmt::format("column {} of {} is {} and takes no {}", at.column.name, at.table.name,
                            describe(at.column.type), to_string(cell.kind()))};
}

// What the parsers of text forms say, with the column in front.
template <class Parse>
auto parse_for(const Place& at, const Cell& cell, Parse parse) {
    try {
        return parse(cell.text());
    } catch (const Error& error) {
        throw Error{error.code(),
                    fmt::format("column {} of {} is {}: {}", at.column.name, at.table.name,
                                describe(at.column.type), error.what())};
    }
}

std::optional<std::int64_t> find_integer(std::string_view text) noexcept {
    std::int64_t value = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (failed != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

std::optional<double> find_real(std::string_view text) noexcept {
    if (text.starts_with('+')) text.remove_prefix(1);
    double value = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (failed == std::errc::result_out_of_range) return HUGE_VAL;
    if (failed != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

std::optional<bool> find_boolean(std::string_view text) noexcept {
    const auto is = [text](std::string_view word) {
        if (text.size() != word.size()) return false;
        for (std::size_t i = 0; i < word.size(); ++i) {
            if ((text[i] | 0x20) != word[i]) return false;
        }
        return true;
    };
    if (text == "1" || is("true")) return true;
    if (text == "0" || is("false")) return false;
    return std::nullopt;
}

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

// The whole number that the cell is, whatever its kind; none if it has a fraction or does not fit.
std::optional<std::int64_t> whole_of(const Place& at, const Cell& cell) {
    switch (cell.kind()) {
        case Kind::integer:
        case Kind::boolean:
            return cell.integer();
        case Kind::real:
            return find_whole(cell.real());
        case Kind::decimal:
            return find_whole(cell.decimal());
        case Kind::text: {
            if (const auto integer = find_integer(cell.text())) return integer;
            return find_whole(parse_for(at, cell, parse_decimal));
        }
        default:
            refuse_kind(at, cell);
    }
}

bool has_fraction(const Place& at, const Cell& cell) {
    switch (cell.kind()) {
        case Kind::real:
            return std::trunc(cell.real()) != cell.real();
        case Kind::decimal:
            return cell.decimal().units % power_of_ten(cell.decimal().scale) != 0;
        case Kind::text: {
            const Decimal number = parse_for(at, cell, parse_decimal);
            return number.units % power_of_ten(number.scale) != 0;
        }
        default:
            return false;
    }
}

Cell to_integer(const Place& at, const Cell& cell, std::int64_t min, std::int64_t max) {
    const std::optional<std::int64_t> whole = whole_of(at, cell);
    if (!whole && has_fraction(at, cell)) {
        refuse(ErrorCode::type_mismatch, at, cell,
               "is no whole number, and whole numbers never round");
    }
    if (!whole || *whole < min || *whole > max) {
        refuse(ErrorCode::value_out_of_range, at, cell, "is beyond what it holds");
    }
    return Cell::of(*whole);
}

double to_double(const Place& at, const Cell& cell) {
    switch (cell.kind()) {
        case Kind::real:
            return cell.real();
        case Kind::integer:
        case Kind::boolean:
            return static_cast<double>(cell.integer());
        case Kind::decimal:
            return to_real(cell.decimal());
        case Kind::text: {
            const auto value = find_real(cell.text());
            if (!value) refuse(ErrorCode::type_mismatch, at, cell, "is no number");
            return *value;
        }
        default:
            refuse_kind(at, cell);
    }
}

Cell to_real_cell(const Place& at, const Cell& cell) {
    double value = to_double(at, cell);
    const bool single = at.column.type.type == Type::real32;
    // Compared before narrowing: a double beyond FLT_MAX has no float, not even a rounded one.
    if (!std::isfinite(value) || (single && std::abs(value) > double{FLT_MAX})) {
        refuse(ErrorCode::value_out_of_range, at, cell, "is beyond what it holds");
    }
    if (single) value = static_cast<float>(value);
    return Cell::of(value + 0.0);  // -0 becomes 0: one spelling for each value
}

Decimal to_decimal(const Place& at, const Cell& cell) {
    const ColumnType& type = at.column.type;
    switch (cell.kind()) {
        case Kind::decimal:
            return cell.decimal();
        case Kind::integer:
        case Kind::boolean:
            return Decimal{cell.integer(), 0};
        case Kind::text:
            return parse_for(at, cell, parse_decimal);
        case Kind::real: {
            const auto number = find_decimal(cell.real(), type.scale);
            if (!number) refuse(ErrorCode::value_out_of_range, at, cell, "is beyond what it holds");
            return number->number;
        }
        default:
            refuse_kind(at, cell);
    }
}

Cell to_decimal_cell(const Place& at, const Cell& cell) {
    const ColumnType& type = at.column.type;
    const Decimal given = to_decimal(at, cell);
    const Int128 limit = power_of_ten(type.precision);
    // Before rescaling, which would itself refuse more than 38 digits, in words without the column.
    const Int128 whole_limit = power_of_ten(static_cast<unsigned>(type.precision - type.scale));
    const Int128 whole = given.units / power_of_ten(given.scale);
    if (whole >= whole_limit || whole <= -whole_limit) {
        refuse(ErrorCode::value_out_of_range, at, cell, "has too many digits before the point");
    }
    const Decimal number = rescale(given, type.scale);
    if (number.units >= limit || number.units <= -limit) {
        refuse(ErrorCode::value_out_of_range, at, cell, "has too many digits before the point");
    }
    return Cell::of(number);
}

Cell to_text(const Place& at, const Cell& cell) {
    if (cell.kind() != Kind::text) refuse_kind(at, cell);
    if (const auto offset = codec::find_invalid_utf8(cell.text())) {
        throw Error{ErrorCode::invalid_utf8,
                    fmt::format("column {} of {}: the text is not UTF-8 at byte {}", at.column.name,
                                at.table.name, *offset)};
    }
    const ColumnType& type = at.column.type;
    if (type.type == Type::varchar && codec::is_longer_than(cell.text(), type.length_max)) {
        throw Error{
            ErrorCode::value_too_large,
            fmt::format("column {} of {} is {}: the text has {} characters", at.column.name,
                        at.table.name, describe(type), codec::count_characters(cell.text()))};
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

Cell to_boolean(const Place& at, const Cell& cell) {
    switch (cell.kind()) {
        case Kind::boolean:
            return cell;
        case Kind::integer:
            if (cell.integer() == 0 || cell.integer() == 1) return Cell::of(cell.integer() == 1);
            refuse(ErrorCode::type_mismatch, at, cell, "is neither 0 nor 1");
        case Kind::text:
            if (const auto value = find_boolean(cell.text())) return Cell::of(*value);
            refuse(ErrorCode::type_mismatch, at, cell, "is neither TRUE nor FALSE");
        default:
            refuse_kind(at, cell);
    }
}

// The moments of the calendar that a kind of cell can name; `now_us` stands for `amphora::now`.
Cell to_datetime(const Place& at, const Cell& cell, std::int64_t now_us) {
    DateTime moment;
    switch (cell.kind()) {
        case Kind::datetime:
            moment = cell.datetime() == now ? DateTime{now_us} : cell.datetime();
            break;
        case Kind::date:
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

Cell to_date(const Place& at, const Cell& cell) {
    if (cell.kind() != Kind::date && cell.kind() != Kind::text) refuse_kind(at, cell);
    const Date day = cell.kind() == Kind::date ? cell.date() : parse_for(at, cell, parse_date);
    if (day.days < date_min || day.days > date_max) {
        throw Error{
            ErrorCode::value_out_of_range,
            fmt::format("column {} of {} is DATE: {} days from 1970 are outside of the years "
                        "0000 to 9999",
                        at.column.name, at.table.name, day.days)};
    }
    return Cell::of(day);
}

Cell to_time(const Place& at, const Cell& cell) {
    if (cell.kind() != Kind::time && cell.kind() != Kind::text) refuse_kind(at, cell);
    const Time length = cell.kind() == Kind::time ? cell.time() : parse_for(at, cell, parse_time);
    if (length.microseconds < -time_max || length.microseconds > time_max) {
        throw Error{ErrorCode::value_out_of_range,
                    fmt::format("column {} of {} is TIME: {} microseconds are more than 838:59:59",
                                at.column.name, at.table.name, length.microseconds)};
    }
    return Cell::of(length);
}

Cell to_enumeration(const Place& at, const Cell& cell) {
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
    const Place at{table_, table_.columns[place]};
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
