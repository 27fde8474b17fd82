// Values and cells: a column of a row, owned and not owned.
#include "base/name_list.hpp"

#include <amphora/error.hpp>
#include <amphora/value.hpp>

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <cstdint>
#include <string_view>
#include <variant>

namespace amphora {

std::string_view to_string(Cell::Kind kind) noexcept {
    switch (kind) {
        case Cell::Kind::absent:
            return "absent";
        case Cell::Kind::null:
            return "null";
        case Cell::Kind::boolean:
            return "boolean";
        case Cell::Kind::integer:
            return "integer";
        case Cell::Kind::real:
            return "real";
        case Cell::Kind::decimal:
            return "decimal";
        case Cell::Kind::text:
            return "text";
        case Cell::Kind::blob:
            return "blob";
        case Cell::Kind::datetime:
            return "datetime";
        case Cell::Kind::date:
            return "date";
        case Cell::Kind::time:
            return "time";
        case Cell::Kind::enumeration:
            return "enumeration";
        case Cell::Kind::present_moment:
            return "NOW()";
    }
    return "unknown";
}

namespace {

/// The end of the message: what to do with a cell of this kind.
std::string_view advice(Cell::Kind kind) noexcept {
    if (kind == Cell::Kind::null) return "ask is_null() first";
    if (kind == Cell::Kind::absent) return "a default-constructed Cell has no value";
    if (kind == Cell::Kind::present_moment) return "the transaction puts its moment there";
    return "a value is only read as the kind that it has";
}

}  // namespace

void Cell::refuse(Kind wanted) const {
    throw Error{ErrorCode::type_mismatch,
                fmt::format("a cell was asked for as {} and is {}: {}", to_string(wanted),
                            to_string(kind_), advice(kind_))};
}

void Value::refuse(std::size_t wanted) const {
    static constexpr std::array<std::string_view, std::variant_size_v<Holder>> types{
        "null (std::monostate)", "boolean (bool)",      "integer (std::int64_t)",
        "real (double)",         "decimal (Decimal)",   "text (std::string)",
        "blob (Blob)",           "datetime (DateTime)", "date (Date)",
        "time (Time)",
    };
    throw Error{ErrorCode::type_mismatch,
                fmt::format("a value was asked for as {} and is {}: {}", types[wanted],
                            types[holder_.index()], advice(cell().kind()))};
}

void Value::refuse_large(std::uint64_t value) {
    throw Error{ErrorCode::value_out_of_range,
                fmt::format("{} is more than any column of whole numbers holds; the largest is {}",
                            value, INT64_MAX)};
}

Value Value::from(const Cell& cell) {
    switch (cell.kind()) {
        case Cell::Kind::absent:
        case Cell::Kind::null:
            return {};
        case Cell::Kind::boolean:
            return cell.boolean();
        case Cell::Kind::integer:
        case Cell::Kind::enumeration:
            return cell.integer();
        case Cell::Kind::real:
            return cell.real();
        case Cell::Kind::decimal:
            return cell.decimal();
        case Cell::Kind::text:
            return cell.text();
        case Cell::Kind::blob:
            return Blob{std::string{cell.text()}};
        case Cell::Kind::datetime:
            return cell.datetime();
        case Cell::Kind::date:
            return cell.date();
        case Cell::Kind::time:
            return cell.time();
        case Cell::Kind::present_moment:
            return now;
    }
    return {};
}

namespace {

struct ToCell {
    Cell operator()(std::monostate) const { return Cell::null(); }
    Cell operator()(bool value) const { return Cell::of(value); }
    Cell operator()(std::int64_t value) const { return Cell::of(value); }
    Cell operator()(double value) const { return Cell::of(value); }
    Cell operator()(const Decimal& value) const { return Cell::of(value); }
    Cell operator()(const std::string& value) const { return Cell::of(std::string_view{value}); }
    Cell operator()(const Blob& value) const { return Cell::blob(value.bytes); }
    Cell operator()(DateTime value) const { return Cell::of(value); }
    Cell operator()(Date value) const { return Cell::of(value); }
    Cell operator()(Time value) const { return Cell::of(value); }
};

struct ToText {
    std::string operator()(std::monostate) const { return {}; }
    std::string operator()(bool value) const { return value ? "true" : "false"; }
    std::string operator()(std::int64_t value) const { return fmt::format("{}", value); }
    std::string operator()(double value) const {
        // With its point, because a reader without types would take it for the integer 0.
        return value == 0 && std::signbit(value) ? "-0.0" : fmt::format("{}", value);
    }
    std::string operator()(const Decimal& value) const { return to_string(value); }
    std::string operator()(const std::string& value) const { return value; }
    std::string operator()(const Blob& value) const {
        std::string text;
        text.reserve(value.bytes.size() * 2);
        constexpr char digits[] = "0123456789abcdef";
        for (const char c : value.bytes) {
            const auto byte = static_cast<unsigned char>(c);
            text.push_back(digits[byte >> 4]);
            text.push_back(digits[byte & 0xF]);
        }
        return text;
    }
    std::string operator()(DateTime value) const { return to_string(value); }
    std::string operator()(Date value) const { return to_string(value); }
    std::string operator()(Time value) const { return to_string(value); }
};

// Column names are compared as SQL compares them.
bool same_name(std::string_view left, std::string_view right) noexcept {
    if (left.size() != right.size()) return false;
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
    for (std::size_t i = 0; i < left.size(); ++i) {
        if (lower(left[i]) != lower(right[i])) return false;
    }
    return true;
}

}  // namespace

Cell Value::cell() const noexcept {
    return std::visit(ToCell{}, holder_);
}

std::string to_string(const Value& value) {
    return std::visit(ToText{}, value.holder());
}

const Value* Record::find(std::string_view column) const noexcept {
    for (const auto& [name, value] : fields_) {
        if (same_name(name, column)) return &value;
    }
    return nullptr;
}

const Value& Record::operator[](std::string_view column) const {
    if (const Value* value = find(column)) return *value;
    const NameList names{fields_, &Field::first};
    throw Error{ErrorCode::no_such_column,
                fmt::format("the record has no column {}; it has {}", column, names.text())};
}

void Record::set(std::string_view column, Value value) {
    for (auto& [name, old] : fields_) {
        if (same_name(name, column)) {
            old = std::move(value);
            return;
        }
    }
    fields_.emplace_back(std::string{column}, std::move(value));
}

}  // namespace amphora
