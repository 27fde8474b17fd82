#include "catalog/definition/check.hpp"

#include "base/assert.hpp"
#include "codec/utf8.hpp"

#include <boost/multiprecision/cpp_int.hpp>

#include <compare>
#include <optional>
#include <utility>
#include <variant>

namespace amphora::catalog {

namespace {

using Kind = Expression::Kind;
/// A fraction of whole numbers of any size, so no sum or quotient of decimals is ever rounded.
using Exact = boost::multiprecision::cpp_rational;
using Whole = boost::multiprecision::cpp_int;
/// A column or literal unchanged, or the result of arithmetic on exact numbers.
using Scalar = std::variant<Cell, Exact>;

Truth truth_of(bool value) noexcept {
    return value ? Truth::yes : Truth::no;
}

Truth negated(Truth truth) noexcept {
    if (truth == Truth::unknown) return truth;
    return truth == Truth::yes ? Truth::no : Truth::yes;
}

bool is_null(const Scalar& scalar) noexcept {
    const Cell* cell = std::get_if<Cell>(&scalar);
    return cell != nullptr && (cell->is_null() || cell->is_absent());
}

bool is_real(const Scalar& scalar) noexcept {
    const Cell* cell = std::get_if<Cell>(&scalar);
    return cell != nullptr && cell->kind() == Cell::Kind::real;
}

bool is_number(Cell::Kind kind) noexcept {
    return kind == Cell::Kind::integer || kind == Cell::Kind::decimal || kind == Cell::Kind::real;
}

/// Only for whole numbers and decimals.
Decimal decimal_of(const Cell& cell) noexcept {
    if (cell.kind() == Cell::Kind::decimal) return cell.decimal();
    return Decimal{cell.integer(), 0};
}

Exact exact_of(const Scalar& scalar) {
    if (const Exact* exact = std::get_if<Exact>(&scalar)) return *exact;
    const Decimal decimal = decimal_of(std::get<Cell>(scalar));
    __extension__ using Unsigned = unsigned __int128;
    const bool negative = decimal.units < 0;
    const Unsigned size =
        negative ? -static_cast<Unsigned>(decimal.units) : static_cast<Unsigned>(decimal.units);
    Whole units{static_cast<std::uint64_t>(size >> 64)};
    units <<= 64;
    units += static_cast<std::uint64_t>(size);
    if (negative) units = -units;
    return Exact{units, boost::multiprecision::pow(Whole{10}, decimal.scale)};
}

double real_of(const Scalar& scalar) {
    if (is_real(scalar)) return std::get<Cell>(scalar).real();
    return exact_of(scalar).convert_to<double>();
}

template <class T>
std::partial_ordering order(const T& left, const T& right) {
    if (left < right) return std::partial_ordering::less;
    if (right < left) return std::partial_ordering::greater;
    return left == right ? std::partial_ordering::equivalent : std::partial_ordering::unordered;
}

std::partial_ordering compare_numbers(const Scalar& left, const Scalar& right) {
    if (is_real(left) || is_real(right)) return order(real_of(left), real_of(right));
    const Cell* left_cell = std::get_if<Cell>(&left);
    const Cell* right_cell = std::get_if<Cell>(&right);
    if (left_cell == nullptr || right_cell == nullptr) {
        return order(exact_of(left), exact_of(right));
    }
    if (left_cell->kind() == Cell::Kind::integer && right_cell->kind() == Cell::Kind::integer) {
        return left_cell->integer() <=> right_cell->integer();
    }
    return decimal_of(*left_cell) <=> decimal_of(*right_cell);
}

/// Neither is NULL; the types were checked when the schema was parsed.
std::partial_ordering compare(const Scalar& left, const Scalar& right) {
    const Cell* cell = std::get_if<Cell>(&left);
    if (cell == nullptr || is_number(cell->kind())) return compare_numbers(left, right);
    const Cell& other = std::get<Cell>(right);
    switch (cell->kind()) {
        case Cell::Kind::boolean:
            return order(cell->boolean(), other.boolean());
        case Cell::Kind::text:
        case Cell::Kind::blob:
            return order(cell->text(), other.text());
        // An ENUM with an ENUM, or with a literal that became the position of its member.
        case Cell::Kind::enumeration:
            return order(cell->integer(), other.integer());
        case Cell::Kind::datetime:
            return order(cell->datetime(), other.datetime());
        case Cell::Kind::date:
            return order(cell->date(), other.date());
        case Cell::Kind::time:
            return order(cell->time(), other.time());
        default:
            break;
    }
    AMPHORA_ASSERT(!"a kind of cell that no CHECK compares");
    return std::partial_ordering::unordered;
}

class Evaluation {
  public:
    explicit Evaluation(std::span<const Cell> row) : row_{row} {}

    Truth truth(const Expression& expression) const {
        const auto& operands = expression.operands;
        switch (expression.kind) {
            case Kind::column:
            case Kind::literal: {
                const Scalar value = scalar(expression);
                if (is_null(value)) return Truth::unknown;
                return truth_of(std::get<Cell>(value).boolean());
            }
            case Kind::equal:
            case Kind::not_equal:
            case Kind::less:
            case Kind::less_equal:
            case Kind::greater:
            case Kind::greater_equal:
                return compared(expression.kind, scalar(operands[0]), scalar(operands[1]));
            case Kind::logical_and:
                return both(operands[0], operands[1]);
            case Kind::logical_or:
                return either(operands[0], operands[1]);
            case Kind::logical_not:
                return negated(truth(operands[0]));
            case Kind::is_null:
                return truth_of(has_no_value(operands[0]));
            case Kind::is_not_null:
                return truth_of(!has_no_value(operands[0]));
            case Kind::between: {
                const Scalar value = scalar(operands[0]);
                const Truth low = compared(Kind::greater_equal, value, scalar(operands[1]));
                if (low == Truth::no) return low;
                const Truth high = compared(Kind::less_equal, value, scalar(operands[2]));
                return high == Truth::no || low == Truth::yes ? high : low;
            }
            case Kind::in_list:
                return in_list(operands);
            default:
                break;
        }
        AMPHORA_ASSERT(!"a CHECK that is no truth value");
        return Truth::unknown;
    }

  private:
    Scalar scalar(const Expression& expression) const {
        const auto& operands = expression.operands;
        switch (expression.kind) {
            case Kind::column:
                AMPHORA_ASSERT(expression.column < row_.size());
                return row_[expression.column];
            case Kind::literal:
                return expression.literal.cell();
            case Kind::add:
            case Kind::subtract:
            case Kind::multiply:
            case Kind::divide:
                return arithmetic(expression.kind, scalar(operands[0]), scalar(operands[1]));
            case Kind::negate:
                return arithmetic(Kind::subtract, Cell::of(std::int64_t{0}), scalar(operands[0]));
            case Kind::length:
                return length(scalar(operands[0]));
            default:
                return truth_cell(truth(expression));
        }
    }

    /// A comparison of truth values, as in (a > b) = (c > d).
    static Cell truth_cell(Truth truth) noexcept {
        return truth == Truth::unknown ? Cell::null() : Cell::of(truth == Truth::yes);
    }

    static Scalar length(const Scalar& value) {
        if (is_null(value)) return Cell::null();
        const Cell& cell = std::get<Cell>(value);
        const std::size_t count = cell.kind() == Cell::Kind::blob
                                      ? cell.text().size()
                                      : codec::count_characters(cell.text());
        return Cell::of(static_cast<std::int64_t>(count));
    }

    static Scalar arithmetic(Kind kind, const Scalar& left, const Scalar& right) {
        if (is_null(left) || is_null(right)) return Cell::null();
        if (is_real(left) || is_real(right)) return of_reals(kind, real_of(left), real_of(right));
        const Exact a = exact_of(left);
        const Exact b = exact_of(right);
        if (kind == Kind::add) return Exact{a + b};
        if (kind == Kind::subtract) return Exact{a - b};
        if (kind == Kind::multiply) return Exact{a * b};
        if (b == 0) return Cell::null();
        return Exact{a / b};
    }

    static Scalar of_reals(Kind kind, double a, double b) noexcept {
        if (kind == Kind::add) return Cell::of(a + b);
        if (kind == Kind::subtract) return Cell::of(a - b);
        if (kind == Kind::multiply) return Cell::of(a * b);
        if (b == 0) return Cell::null();
        return Cell::of(a / b);
    }

    static Truth compared(Kind kind, const Scalar& left, const Scalar& right) {
        if (is_null(left) || is_null(right)) return Truth::unknown;
        const std::partial_ordering order = compare(left, right);
        switch (kind) {
            case Kind::equal:
                return truth_of(order == 0);
            case Kind::not_equal:
                return truth_of(order != 0);
            case Kind::less:
                return truth_of(order < 0);
            case Kind::less_equal:
                return truth_of(order <= 0);
            case Kind::greater:
                return truth_of(order > 0);
            default:
                return truth_of(order >= 0);
        }
    }

    bool has_no_value(const Expression& expression) const { return is_null(scalar(expression)); }

    Truth both(const Expression& left, const Expression& right) const {
        const Truth first = truth(left);
        if (first == Truth::no) return first;
        const Truth second = truth(right);
        return second == Truth::no || first == Truth::yes ? second : first;
    }

    Truth either(const Expression& left, const Expression& right) const {
        const Truth first = truth(left);
        if (first == Truth::yes) return first;
        const Truth second = truth(right);
        return second == Truth::yes || first == Truth::no ? second : first;
    }

    Truth in_list(const std::vector<Expression>& operands) const {
        const Scalar value = scalar(operands[0]);
        Truth found = Truth::no;
        for (std::size_t i = 1; i < operands.size(); ++i) {
            const Truth equal = compared(Kind::equal, value, scalar(operands[i]));
            if (equal == Truth::yes) return equal;
            if (equal == Truth::unknown) found = equal;
        }
        return found;
    }

    std::span<const Cell> row_;
};

}  // namespace

Truth evaluate(const Expression& predicate, std::span<const Cell> row) {
    return Evaluation{row}.truth(predicate);
}

}  // namespace amphora::catalog
