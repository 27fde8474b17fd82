#include "relational/value/comparison.hpp"

#include "base/assert.hpp"
#include "catalog/language/print.hpp"
#include "relational/value/describe.hpp"
#include "relational/value/number_conversion.hpp"
#include "relational/value/numbers.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

#include <cfloat>
#include <cmath>
#include <compare>

namespace amphora::relational {
namespace {

using catalog::Column;
using catalog::Type;
using Kind = Cell::Kind;
using Relation = Comparand::Relation;

Kind kind_of(Type type) noexcept {
    switch (type) {
        case Type::datetime:
            return Kind::datetime;
        case Type::date:
            return Kind::date;
        case Type::time:
            return Kind::time;
        default:
            return Kind::blob;
    }
}

bool is_number(const Cell& cell) noexcept {
    return cell.kind() == Kind::integer || cell.kind() == Kind::real ||
           cell.kind() == Kind::decimal || cell.kind() == Kind::boolean;
}

[[noreturn]] void refuse(const catalog::Table& table, const Column& column, const Cell& cell) {
    throw Error{ErrorCode::type_mismatch,
                fmt::format("column {} of {} is {} and cannot be compared with {}", column.name,
                            table.name, catalog::to_sql(column.type), describe(cell, column.type))};
}

int sign(std::strong_ordering order) noexcept {
    return order < 0 ? -1 : order > 0 ? 1 : 0;
}

template <class T>
int order(const T& left, const T& right) noexcept {
    return left < right ? -1 : right < left ? 1 : 0;
}

Decimal exact_decimal(const Cell& cell) {
    return cell.kind() == Kind::decimal ? cell.decimal() : Decimal{whole_number(cell), 0};
}

// The order of a real among whole numbers and decimals: -1, 0 or 1.
int compare_real(double real, const Decimal& number) {
    if (const auto shortest = find_decimal(real, 38)) {
        const int decided = sign(shortest->number <=> number);
        return decided != 0 ? decided : shortest->remainder;
    }
    return real < 0 ? -1 : 1;  // beyond every decimal
}

int compare_numbers(const Cell& left, const Cell& right) {
    const bool left_real = left.kind() == Kind::real;
    const bool right_real = right.kind() == Kind::real;
    if (left_real && right_real) return order(left.real(), right.real());
    if (left_real) return compare_real(left.real(), exact_decimal(right));
    if (right_real) return -compare_real(right.real(), exact_decimal(left));
    if (left.kind() != Kind::decimal && right.kind() != Kind::decimal) {
        return order(whole_number(left), whole_number(right));
    }
    return sign(exact_decimal(left) <=> exact_decimal(right));
}

// A number, also if it is given as text, for every kind of number column.
Cell number_from(const catalog::Table& table, const Column& column, const Cell& cell) {
    if (is_number(cell)) {
        if (cell.kind() == Kind::real && std::isnan(cell.real())) refuse(table, column, cell);
        return cell;
    }
    if (cell.kind() != Kind::text) refuse(table, column, cell);
    try {
        return Cell::of(parse_decimal(cell.text()));
    } catch (const Error& error) {
        if (error.code() == ErrorCode::type_mismatch) refuse(table, column, cell);
        throw;
    }
}

// A real becomes the decimal that it counts as, so that it has one position among whole numbers and
// decimals, in memory and in keys. A real that is no decimal is not changed.
Cell plain(const Cell& number) {
    if (number.kind() != Kind::real) return number;
    const auto shortest = find_decimal(number.real(), 38);
    return shortest && shortest->remainder == 0 ? Cell::of(shortest->number) : number;
}

Comparand whole_comparand(const Cell& number) {
    std::optional<std::int64_t> whole;
    if (number.kind() == Kind::real) {
        whole = find_whole(number.real());
    } else if (number.kind() == Kind::decimal) {
        whole = find_whole(number.decimal());
    } else {
        whole = whole_number(number);
    }
    if (!whole) return {Relation::between, plain(number)};
    return {Relation::equals, Cell::of(*whole)};
}

Comparand real_comparand(const Column& column, const Cell& number) {
    double value = 0;
    if (number.kind() == Kind::real) {
        value = number.real();
    } else if (number.kind() == Kind::decimal) {
        value = to_real(number.decimal());
    } else {
        value = static_cast<double>(whole_number(number));
    }
    if (column.type.type == Type::real32 && std::abs(value) <= double{FLT_MAX}) {
        value = static_cast<float>(value);
    }
    return {Relation::equals, Cell::of(value + 0.0)};
}

Comparand decimal_comparand(const Column& column, const Cell& number) {
    const Comparand between{Relation::between, plain(number)};
    const std::uint8_t scale = column.type.scale;
    Decimal exact;
    if (number.kind() == Kind::real) {
        const auto shortest = find_decimal(number.real(), scale);
        if (!shortest || shortest->remainder != 0) return between;
        exact = shortest->number;
    } else {
        exact = exact_decimal(number);
    }
    const Int128 limit = power_of_ten(static_cast<unsigned>(column.type.precision - scale));
    const Int128 whole = exact.units / power_of_ten(exact.scale);
    if (whole >= limit || whole <= -limit) return between;
    const Decimal rescaled = rescale(exact, scale);
    if (rescaled != exact) return between;
    return {Relation::equals, Cell::of(rescaled)};
}

}  // namespace

Comparand comparand(const catalog::Table& table, std::uint32_t place, const Cell& cell,
                    Conversion& conversion) {
    AMPHORA_ASSERT(!cell.is_absent() && !cell.is_null());
    const Column& column = table.columns[place];
    require_digits({table, column}, cell);
    switch (column.type.type) {
        case Type::bigint:
        case Type::integer:
        case Type::smallint:
            if (cell.kind() == Kind::integer) [[likely]] {
                return {Relation::equals, cell};
            }
            return whole_comparand(number_from(table, column, cell));
        case Type::real32:
        case Type::real64:
            return real_comparand(column, number_from(table, column, cell));
        case Type::decimal:
            return decimal_comparand(column, number_from(table, column, cell));
        case Type::boolean:
            if (cell.kind() == Kind::boolean || cell.kind() == Kind::text) {
                return {Relation::equals, conversion(place, cell)};
            } else if (is_number(cell)) {
                const Comparand whole = whole_comparand(cell);
                if (whole.relation != Relation::equals) return whole;
                if (whole.cell.integer() != 0 && whole.cell.integer() != 1) {
                    return {Relation::between, whole.cell};
                }
                return {Relation::equals, Cell::of(whole.cell.integer() == 1)};
            }
            refuse(table, column, cell);
        case Type::varchar:
        case Type::text:
        case Type::json:
            // Unchanged: text that is too long for the column still has its position in the order.
            if (cell.kind() != Kind::text) refuse(table, column, cell);
            return {Relation::equals, cell};
        case Type::enumeration:
            if (cell.kind() != Kind::text && cell.kind() != Kind::enumeration) {
                refuse(table, column, cell);
            }
            try {
                return {Relation::equals, conversion(place, cell)};
            } catch (const Error& error) {
                if (error.code() == ErrorCode::check_violation) return {Relation::apart, cell};
                throw;
            }
        case Type::datetime:
            if (cell.kind() == Kind::present_moment) {
                throw Error{ErrorCode::invalid_argument,
                            fmt::format("column {} of {} cannot be compared with `now`, which only "
                                        "statements know: give the moment itself",
                                        column.name, table.name)};
            }
            [[fallthrough]];
        case Type::blob:
        case Type::date:
        case Type::time:
            // Text is parsed. A moment outside of the column's range still has its position in the
            // order.
            if (cell.kind() == kind_of(column.type.type)) return {Relation::equals, cell};
            return {Relation::equals, conversion(place, cell)};
    }
    AMPHORA_ASSERT(!"a type of column that does not exist");
    return {};
}

int compare(const Cell& stored, const Cell& given) {
    if (is_number(stored)) {
        AMPHORA_ASSERT(is_number(given));
        return compare_numbers(stored, given);
    }
    AMPHORA_ASSERT(stored.kind() == given.kind());
    switch (stored.kind()) {
        case Kind::text:
        case Kind::blob: {
            const int decided = stored.text().compare(given.text());
            return decided < 0 ? -1 : decided > 0 ? 1 : 0;
        }
        case Kind::datetime:
            return order(stored.datetime().microseconds, given.datetime().microseconds);
        case Kind::date:
            return order(stored.date(), given.date());
        case Kind::time:
            return order(stored.time(), given.time());
        default:
            return order(stored.integer(), given.integer());
    }
}

bool same(const Cell& left, const Cell& right) {
    if (left.is_null() || right.is_null()) return left.is_null() && right.is_null();
    return compare(left, right) == 0;
}

}  // namespace amphora::relational
