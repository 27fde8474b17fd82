#include "catalog/language/literal.hpp"

#include "catalog/language/print.hpp"
#include "codec/utf8.hpp"

#include <amphora/error.hpp>
#include <amphora/types.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

namespace amphora::catalog {

namespace {

using Kind = syntax::Literal::Kind;

[[noreturn]] void fail_type(const syntax::Literal& literal, const ColumnType& type) {
    fail_syntax(literal.place,
                fmt::format("{} is no value of the type {}", describe(literal), to_sql(type)));
}
[[noreturn]] void fail_range(const syntax::Literal& literal, const ColumnType& type) {
    fail_syntax(literal.place,
                fmt::format("{} does not fit the type {}", describe(literal), to_sql(type)));
}

bool is_whole(const std::string& number) noexcept {
    return number.find_first_of(".eE") == std::string::npos;
}

std::optional<std::int64_t> whole_of(const std::string& number) noexcept {
    std::int64_t value = 0;
    const char* end = number.data() + number.size();
    const auto [stop, error] = std::from_chars(number.data(), end, value);
    if (error != std::errc{} || stop != end) return std::nullopt;
    return value;
}

std::optional<double> real_of(const std::string& number) noexcept {
    double value = 0;
    const char* end = number.data() + number.size();
    const auto [stop, error] = std::from_chars(number.data(), end, value);
    if (error != std::errc{} || stop != end || !std::isfinite(value)) return std::nullopt;
    return value;
}

std::optional<Decimal> decimal_of(const std::string& number) {
    std::string digits = number;
    if (digits.ends_with('.')) digits.pop_back();
    try {
        return parse_decimal(digits);
    } catch (const Error&) {
        return std::nullopt;
    }
}

Value whole_for(const syntax::Literal& literal, const ColumnType& type, std::int64_t low,
                std::int64_t high) {
    if (literal.kind != Kind::number || !is_whole(literal.text)) fail_type(literal, type);
    const auto value = whole_of(literal.text);
    if (!value || *value < low || *value > high) fail_range(literal, type);
    return *value;
}

template <class Whole>
Value whole_for(const syntax::Literal& literal, const ColumnType& type) {
    return whole_for(literal, type, std::numeric_limits<Whole>::min(),
                     std::numeric_limits<Whole>::max());
}

Value decimal_for(const syntax::Literal& literal, const ColumnType& type) {
    if (literal.kind != Kind::number) fail_type(literal, type);
    const auto exact = decimal_of(literal.text);
    if (!exact) fail_type(literal, type);
    Int128 bound = 1;
    for (int digit = 0; digit < type.precision; ++digit) bound *= 10;
    try {
        const Decimal scaled = rescale(*exact, type.scale);
        if (scaled == *exact && scaled.units < bound && scaled.units > -bound) return scaled;
    } catch (const Error&) {
        // More digits than any decimal has; said below.
    }
    fail_range(literal, type);
}

Value real_for(const syntax::Literal& literal, const ColumnType& type) {
    if (literal.kind != Kind::number) fail_type(literal, type);
    const auto value = real_of(literal.text);
    if (!value) fail_range(literal, type);
    if (type.type == Type::real64) return *value;
    if (std::abs(*value) > std::numeric_limits<float>::max()) fail_range(literal, type);
    return static_cast<double>(static_cast<float>(*value));
}

Value boolean_for(const syntax::Literal& literal, const ColumnType& type) {
    if (literal.kind == Kind::boolean) return literal.text == "TRUE";
    if (literal.kind != Kind::number || (literal.text != "0" && literal.text != "1")) {
        fail_type(literal, type);
    }
    return literal.text == "1";
}

Value text_for(const syntax::Literal& literal, const ColumnType& type) {
    if (literal.kind != Kind::string) fail_type(literal, type);
    if (type.type == Type::varchar && codec::is_longer_than(literal.text, type.length_max)) {
        fail_range(literal, type);
    }
    if (type.type == Type::enumeration &&
        std::find(type.members.begin(), type.members.end(), literal.text) == type.members.end()) {
        fail_type(literal, type);
    }
    return literal.text;
}

}  // namespace

std::string describe(const syntax::Literal& literal) {
    switch (literal.kind) {
        case Kind::null:
            return "NULL";
        case Kind::boolean:
            return literal.text;
        case Kind::number:
            return fmt::format("the number {}", literal.text);
        case Kind::string:
            return fmt::format("the text '{}'", literal.text);
        case Kind::blob:
            return "a blob";
    }
    return {};
}

Value moment_of(const syntax::Literal& literal, Type type) {
    try {
        if (type == Type::datetime) return parse_datetime(literal.text);
        if (type == Type::date) return parse_date(literal.text);
        return parse_time(literal.text);
    } catch (const Error& error) {
        fail_syntax(literal.place, error.what());
    }
}

Value value_of(const syntax::Literal& literal) {
    switch (literal.kind) {
        case Kind::null:
            return nullptr;
        case Kind::boolean:
            return literal.text == "TRUE";
        case Kind::string:
            return literal.text;
        case Kind::blob:
            return Blob{literal.text};
        case Kind::number:
            break;
    }
    if (is_whole(literal.text)) {
        if (const auto whole = whole_of(literal.text)) return *whole;
    }
    if (literal.text.find_first_of("eE") != std::string::npos) {
        if (const auto real = real_of(literal.text)) return *real;
    } else if (const auto decimal = decimal_of(literal.text)) {
        return *decimal;
    }
    fail_syntax(literal.place, fmt::format("the number {} is out of range", literal.text));
}

Value value_for(const syntax::Literal& literal, const ColumnType& type) {
    if (literal.kind == Kind::null) return nullptr;
    switch (type.type) {
        case Type::bigint:
            return whole_for<std::int64_t>(literal, type);
        case Type::integer:
            return whole_for<std::int32_t>(literal, type);
        case Type::smallint:
            return whole_for<std::int16_t>(literal, type);
        case Type::boolean:
            return boolean_for(literal, type);
        case Type::real32:
        case Type::real64:
            return real_for(literal, type);
        case Type::decimal:
            return decimal_for(literal, type);
        case Type::varchar:
        case Type::text:
        case Type::enumeration:
            return text_for(literal, type);
        case Type::blob:
            if (literal.kind != Kind::blob) fail_type(literal, type);
            return Blob{literal.text};
        case Type::datetime:
        case Type::date:
        case Type::time:
            if (literal.kind != Kind::string) fail_type(literal, type);
            return moment_of(literal, type.type);
        case Type::json:
            break;
    }
    fail_unsupported(literal.place, "a DEFAULT other than NULL is not supported for JSON");
}

}  // namespace amphora::catalog
