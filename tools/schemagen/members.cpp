#include "schemagen/members.hpp"

#include <amphora/types.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <limits>

namespace amphora::schemagen {

namespace {

using catalog::Type;

std::string whole_literal(std::int64_t number) {
    if (number == std::numeric_limits<std::int64_t>::min()) return "INT64_MIN";
    return fmt::format("{}", number);
}

std::string real_literal(double number, Type type) {
    std::string text = type == Type::real32 ? fmt::format("{}", static_cast<float>(number))
                                            : fmt::format("{}", number);
    if (text.find_first_of(".e") == std::string::npos) text += ".0";
    return type == Type::real32 ? text + "F" : text;
}

std::string decimal_literal(const Decimal& number) {
    if (number.units >= std::numeric_limits<std::int64_t>::min() &&
        number.units <= std::numeric_limits<std::int64_t>::max()) {
        return fmt::format("amphora::Decimal{{{}, {}}}",
                           whole_literal(static_cast<std::int64_t>(number.units)), number.scale);
    }
    return fmt::format("amphora::parse_decimal(\"{}\")", to_string(number));
}

/// A literal whose length is not given ends at its first NUL.
std::string counted_literal(std::string_view text) {
    if (text.find('\0') == std::string_view::npos) return string_literal(text);
    return fmt::format("std::string({}, {})", string_literal(text), text.size());
}

struct Literal {
    Type type;
    std::string_view enumerator;

    std::string operator()(std::monostate) const { return "std::nullopt"; }
    std::string operator()(bool truth) const { return truth ? "true" : "false"; }
    std::string operator()(std::int64_t number) const { return whole_literal(number); }
    std::string operator()(double number) const { return real_literal(number, type); }
    std::string operator()(const Decimal& number) const { return decimal_literal(number); }
    std::string operator()(const std::string& text) const {
        return type == Type::enumeration ? std::string{enumerator} : counted_literal(text);
    }
    std::string operator()(const Blob& blob) const {
        return fmt::format("amphora::Blob{{{}}}", counted_literal(blob.bytes));
    }
    std::string operator()(DateTime moment) const {
        return fmt::format("amphora::DateTime{{{}}}", moment.microseconds);
    }
    std::string operator()(Date day) const { return fmt::format("amphora::Date{{{}}}", day.days); }
    std::string operator()(Time time) const {
        return fmt::format("amphora::Time{{{}}}", time.microseconds);
    }
};

}  // namespace

std::string member_type(const catalog::ColumnType& type, std::string_view enum_name) {
    switch (type.type) {
        case Type::bigint:
            return "std::int64_t";
        case Type::integer:
            return "std::int32_t";
        case Type::smallint:
            return "std::int16_t";
        case Type::boolean:
            return "bool";
        case Type::real32:
            return "float";
        case Type::real64:
            return "double";
        case Type::decimal:
            return "amphora::Decimal";
        case Type::varchar:
        case Type::text:
        case Type::json:
            return "std::string";
        case Type::blob:
            return "amphora::Blob";
        case Type::datetime:
            return "amphora::DateTime";
        case Type::date:
            return "amphora::Date";
        case Type::time:
            return "amphora::Time";
        case Type::enumeration:
            break;
    }
    return std::string{enum_name};
}

std::string key_type(const catalog::ColumnType& type, std::string_view enum_name, KeyUse use) {
    switch (type.type) {
        case Type::integer:
        case Type::smallint:
            return "std::int64_t";
        case Type::real32:
            return "double";
        case Type::varchar:
        case Type::text:
            return use == KeyUse::primary_key ? "std::string" : "std::string_view";
        default:
            return member_type(type, enum_name);
    }
}

bool is_required(const catalog::Column& column) {
    return column.not_null && !column.auto_increment &&
           std::holds_alternative<std::monostate>(column.default_value);
}

std::string initializer(const catalog::Column& column, std::string_view enumerator) {
    if (column.auto_increment) return "amphora::auto_increment";
    if (std::holds_alternative<catalog::Now>(column.default_value)) return "amphora::now";
    if (const auto* literal = std::get_if<Value>(&column.default_value)) {
        return std::visit(Literal{column.type.type, enumerator}, literal->holder());
    }
    return "std::nullopt";
}

std::string string_literal(std::string_view text) {
    std::string literal = "\"";
    for (const char letter : text) {
        const auto byte = static_cast<unsigned char>(letter);
        if (letter == '"' || letter == '\\') {
            literal += '\\';
            literal += letter;
        } else if (byte < 0x20 || byte >= 0x7F) {
            literal += fmt::format(
                "\\{:03o}",
                byte);  // three digits, so that a following digit is not read as a part of it
        } else {
            literal += letter;
        }
    }
    return literal + '"';
}

}  // namespace amphora::schemagen
