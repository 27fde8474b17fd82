#include "catalog/language/typing.hpp"

#include "catalog/language/literal.hpp"
#include "catalog/language/print.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace amphora::catalog {

namespace {

using Kind = Expression::Kind;

enum class Family : std::uint8_t {
    null,
    boolean,
    number,
    text,
    blob,
    datetime,
    date,
    time,
    enumeration,
    json,
};

std::string_view to_string(Family family) noexcept {
    switch (family) {
        case Family::null:
            return "NULL";
        case Family::boolean:
            return "a truth value";
        case Family::number:
            return "a number";
        case Family::text:
            return "a text";
        case Family::blob:
            return "a BLOB";
        case Family::datetime:
            return "a DATETIME";
        case Family::date:
            return "a DATE";
        case Family::time:
            return "a TIME";
        case Family::enumeration:
            return "an ENUM";
        case Family::json:
            return "JSON";
    }
    return {};
}

Family family_of(Type type) noexcept {
    switch (type) {
        case Type::bigint:
        case Type::integer:
        case Type::smallint:
        case Type::real32:
        case Type::real64:
        case Type::decimal:
            return Family::number;
        case Type::boolean:
            return Family::boolean;
        case Type::varchar:
        case Type::text:
            return Family::text;
        case Type::blob:
            return Family::blob;
        case Type::datetime:
            return Family::datetime;
        case Type::date:
            return Family::date;
        case Type::time:
            return Family::time;
        case Type::enumeration:
            return Family::enumeration;
        case Type::json:
            return Family::json;
    }
    return Family::json;
}

Family family_of(const syntax::Literal& literal) noexcept {
    switch (literal.kind) {
        case syntax::Literal::Kind::null:
            return Family::null;
        case syntax::Literal::Kind::boolean:
            return Family::boolean;
        case syntax::Literal::Kind::number:
            return Family::number;
        case syntax::Literal::Kind::string:
            return Family::text;
        case syntax::Literal::Kind::blob:
            return Family::blob;
    }
    return Family::null;
}

/// An operand while it is typed: its result, its family, and its source.
struct Typed {
    Expression expression;
    Family family = Family::null;
    const syntax::Expression* source = nullptr;
    const ColumnType* column = nullptr;  ///< if the operand is a column alone

    [[nodiscard]] bool is_text_literal() const noexcept {
        return source->kind == Kind::literal && family == Family::text;
    }
};

class TypeChecker {
  public:
    TypeChecker(std::span<const Column> columns, const FindColumn& find)
        : columns_{columns}, find_{find} {}

    Typed check(const syntax::Expression& source) {
        Typed typed;
        typed.source = &source;
        typed.expression.kind = source.kind;
        switch (source.kind) {
            case Kind::column:
                column(typed);
                break;
            case Kind::literal:
                typed.family = family_of(source.literal);
                typed.expression.literal = value_of(source.literal);
                break;
            case Kind::equal:
            case Kind::not_equal:
            case Kind::less:
            case Kind::less_equal:
            case Kind::greater:
            case Kind::greater_equal:
            case Kind::between:
            case Kind::in_list:
                comparison(typed);
                break;
            case Kind::logical_and:
            case Kind::logical_or:
            case Kind::logical_not:
                operands_of(typed, Family::boolean, Family::boolean);
                break;
            case Kind::is_null:
            case Kind::is_not_null:
                typed.expression.operands.push_back(check(source.operands[0]).expression);
                typed.family = Family::boolean;
                break;
            case Kind::add:
            case Kind::subtract:
            case Kind::multiply:
            case Kind::divide:
            case Kind::negate:
                operands_of(typed, Family::number, Family::number);
                break;
            case Kind::length:
                length(typed);
                break;
        }
        return typed;
    }

  private:
    void column(Typed& typed) const {
        const syntax::Name& name = typed.source->column;
        const auto place = find_(name.text);
        if (!place) fail_syntax(name.place, fmt::format("there is no column {}", name.text));
        typed.expression.column = *place;
        typed.column = &columns_[*place].type;
        typed.family = family_of(typed.column->type);
    }

    void operands_of(Typed& typed, Family wanted, Family result) {
        for (const syntax::Expression& source : typed.source->operands) {
            Typed operand = check(source);
            if (operand.family != wanted) {
                fail_syntax(source.place, fmt::format("expected {}, found {}", to_string(wanted),
                                                      to_string(operand.family)));
            }
            typed.expression.operands.push_back(std::move(operand.expression));
        }
        typed.family = result;
    }

    void length(Typed& typed) {
        const syntax::Expression& source = typed.source->operands[0];
        Typed operand = check(source);
        if (operand.family != Family::text && operand.family != Family::blob) {
            fail_syntax(source.place, fmt::format("LENGTH is that of a text or a BLOB, not of {}",
                                                  to_string(operand.family)));
        }
        typed.expression.operands.push_back(std::move(operand.expression));
        typed.family = Family::number;
    }

    /// The first operand is compared with each of the others.
    void comparison(Typed& typed) {
        std::vector<Typed> operands;
        operands.reserve(typed.source->operands.size());
        for (const syntax::Expression& source : typed.source->operands) {
            operands.push_back(check(source));
        }
        const bool equality = typed.source->kind == Kind::equal ||
                              typed.source->kind == Kind::not_equal ||
                              typed.source->kind == Kind::in_list;
        // The first operand that is not a text literal decides the type of the texts.
        const auto leader = std::find_if(operands.begin(), operands.end(),
                                         [](const Typed& one) { return !one.is_text_literal(); });
        if (leader != operands.end()) {
            for (Typed& operand : operands) adapt(operand, *leader);
        }
        for (std::size_t i = 1; i < operands.size(); ++i) {
            require_comparable(operands[0], operands[i], typed.source->place);
        }
        if (operands[0].family == Family::enumeration && !equality) {
            fail_unsupported(typed.source->place,
                             "an ENUM has no order in a CHECK: use =, <> or IN");
        }
        for (Typed& operand : operands) {
            typed.expression.operands.push_back(std::move(operand.expression));
        }
        typed.family = Family::boolean;
    }

    /// A text literal compared with a DATETIME or an ENUM becomes one.
    static void adapt(Typed& operand, const Typed& leader) {
        if (!operand.is_text_literal()) return;
        const syntax::Literal& literal = operand.source->literal;
        if (leader.family == Family::datetime || leader.family == Family::date ||
            leader.family == Family::time) {
            operand.expression.literal =
                moment_of(literal, leader.family == Family::datetime ? Type::datetime
                                   : leader.family == Family::date   ? Type::date
                                                                     : Type::time);
        } else if (leader.family == Family::enumeration && leader.column != nullptr) {
            const auto& members = leader.column->members;
            const auto found = std::find(members.begin(), members.end(), literal.text);
            if (found == members.end()) {
                fail_syntax(literal.place, fmt::format("{} has no member '{}'",
                                                       to_sql(*leader.column), literal.text));
            }
            operand.expression.literal = static_cast<std::int64_t>(found - members.begin());
            operand.column = leader.column;
        } else {
            return;
        }
        operand.family = leader.family;
    }

    static void require_comparable(const Typed& left, const Typed& right,
                                   const SourceLocation& place) {
        if (left.family == Family::null || right.family == Family::null) {
            fail_syntax(place,
                        "a comparison with NULL is never true: write IS NULL or IS NOT NULL");
        }
        if (left.family == Family::json) {
            fail_unsupported(place, "JSON is not compared in a CHECK");
        }
        const bool one_enum = left.family != Family::enumeration ||
                              (left.column != nullptr && right.column != nullptr &&
                               left.column->members == right.column->members);
        if (left.family != right.family || !one_enum) {
            fail_syntax(place,
                        fmt::format("{} cannot be compared with {}{}", to_string(left.family),
                                    one_enum ? "" : "another, ", to_string(right.family)));
        }
    }

    std::span<const Column> columns_;
    const FindColumn& find_;
};

}  // namespace

Expression type_check(const syntax::Expression& predicate, std::span<const Column> columns,
                      const FindColumn& find) {
    Typed typed = TypeChecker{columns, find}.check(predicate);
    if (typed.family != Family::boolean) {
        fail_syntax(predicate.place, fmt::format("a CHECK asks for a truth value, this is {}",
                                                 to_string(typed.family)));
    }
    return std::move(typed.expression);
}

}  // namespace amphora::catalog
