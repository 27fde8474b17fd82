#include "relational/value/number_conversion.hpp"

#include "catalog/language/print.hpp"
#include "relational/value/numbers.hpp"

#include <fmt/format.h>

#include <cfloat>
#include <charconv>
#include <cmath>
#include <optional>

namespace amphora::relational {
namespace {

using catalog::ColumnType;
using catalog::Type;
using Kind = Cell::Kind;

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

/// The number in a text. For a column of whole numbers, the error names only what that column
/// takes.
Decimal to_number(const ColumnRef& at, const Cell& cell) {
    try {
        return parse_decimal(cell.text());
    } catch (const Error& error) {
        if (error.code() == ErrorCode::value_out_of_range) {
            refuse(ErrorCode::value_out_of_range, at, cell, "is beyond what it holds");
        }
        refuse(ErrorCode::type_mismatch, at, cell, "is no whole number");
    }
}

// The value of the cell as a whole number; none if it has a fraction or does not fit.
std::optional<std::int64_t> whole_of(const ColumnRef& at, const Cell& cell) {
    switch (cell.kind()) {
        case Kind::integer:
        case Kind::boolean:
            return whole_number(cell);
        case Kind::real:
            return find_whole(cell.real());
        case Kind::decimal:
            return find_whole(cell.decimal());
        case Kind::text: {
            if (const auto integer = find_integer(cell.text())) return integer;
            return find_whole(to_number(at, cell));
        }
        default:
            refuse_kind(at, cell);
    }
}

bool has_fraction(const ColumnRef& at, const Cell& cell) {
    switch (cell.kind()) {
        case Kind::real:
            return std::trunc(cell.real()) != cell.real();
        case Kind::decimal:
            return cell.decimal().units % power_of_ten(cell.decimal().scale) != 0;
        case Kind::text: {
            const Decimal number = to_number(at, cell);
            return number.units % power_of_ten(number.scale) != 0;
        }
        default:
            return false;
    }
}

double to_double(const ColumnRef& at, const Cell& cell) {
    switch (cell.kind()) {
        case Kind::real:
            return cell.real();
        case Kind::integer:
        case Kind::boolean:
            return static_cast<double>(whole_number(cell));
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

Decimal to_decimal(const ColumnRef& at, const Cell& cell) {
    const ColumnType& type = at.column.type;
    switch (cell.kind()) {
        case Kind::decimal:
            return cell.decimal();
        case Kind::integer:
        case Kind::boolean:
            return Decimal{whole_number(cell), 0};
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

}  // namespace

void refuse(ErrorCode code, const ColumnRef& at, const Cell& cell, std::string_view why) {
    throw Error{code,
                fmt::format("column {} of {} is {}: {} {}", at.column.name, at.table.name,
                            catalog::to_sql(at.column.type), describe(cell, at.column.type), why)};
}
void refuse_kind(const ColumnRef& at, const Cell& cell) {
    throw Error{ErrorCode::type_mismatch,
                fmt::format("column {} of {} is {} and takes no {}", at.column.name, at.table.name,
                            catalog::to_sql(at.column.type), to_string(cell.kind()))};
}
void refuse_text(const ColumnRef& at, const Error& error) {
    throw Error{error.code(),
                fmt::format("column {} of {} is {}: {}", at.column.name, at.table.name,
                            catalog::to_sql(at.column.type), error.what())};
}

void require_digits(const ColumnRef& at, const Cell& cell) {
    if (cell.kind() != Kind::decimal) return;
    const Decimal& number = cell.decimal();
    const Int128 limit = power_of_ten(digits_max);
    if (number.scale <= digits_max && number.units < limit && number.units > -limit) return;
    refuse(ErrorCode::value_out_of_range, at, cell, "has more than the 38 digits of a decimal");
}

Cell to_integer(const ColumnRef& at, const Cell& cell, std::int64_t min, std::int64_t max) {
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

Cell to_real_cell(const ColumnRef& at, const Cell& cell) {
    double value = to_double(at, cell);
    const bool single = at.column.type.type == Type::real32;
    // Compared before narrowing: a double beyond FLT_MAX has no float, not even a rounded one.
    if (!std::isfinite(value) || (single && std::abs(value) > double{FLT_MAX})) {
        refuse(ErrorCode::value_out_of_range, at, cell, "is beyond what it holds");
    }
    if (single) value = static_cast<float>(value);
    return Cell::of(value);  // -0 stays -0; keys and comparisons treat both as equal
}

Cell to_decimal_cell(const ColumnRef& at, const Cell& cell) {
    const ColumnType& type = at.column.type;
    const Decimal given = to_decimal(at, cell);
    const Int128 limit = power_of_ten(type.precision);
    // Before rescaling, whose own error for more than 38 digits does not name the column.
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

Cell to_boolean(const ColumnRef& at, const Cell& cell) {
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

}  // namespace amphora::relational
