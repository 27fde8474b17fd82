#include "catalog/language/clause_parser.hpp"

#include <fmt/format.h>

#include <utility>

namespace amphora::catalog {

namespace {

using Kind = Expression::Kind;

/// Long chains make deep trees, which are walked by recursion.
constexpr std::uint32_t operators_max = 1000;

class ExpressionParser {
  public:
    explicit ExpressionParser(TokenStream& tokens) : tokens_{tokens} {}
    syntax::Expression run() { return parse_or(); }

  private:
    syntax::Expression make(Kind kind, const SourceLocation& place,
                            std::vector<syntax::Expression> operands) {
        if (kind != Kind::literal && kind != Kind::column && ++operators_ > operators_max) {
            fail_syntax(place, fmt::format("a CHECK has at most {} operators", operators_max));
        }
        syntax::Expression expression;
        expression.kind = kind;
        expression.place = place;
        expression.operands = std::move(operands);
        return expression;
    }

    template <class... Operand>
    syntax::Expression make(Kind kind, const SourceLocation& place, Operand... operand) {
        std::vector<syntax::Expression> operands;
        operands.reserve(sizeof...(operand));
        (operands.push_back(std::move(operand)), ...);
        return make(kind, place, std::move(operands));
    }

    syntax::Expression parse_primary() {
        const TokenStream::Depth guard{tokens_};
        const SourceLocation place = tokens_.place();
        if (tokens_.accept_sign("(")) {
            syntax::Expression inner = parse_or();
            tokens_.expect_sign(")");
            return inner;
        }
        // A sign before a number belongs to it, so that the smallest BIGINT can be written.
        if (auto literal = parse_literal(tokens_)) {
            syntax::Expression expression = make(Kind::literal, place);
            expression.literal = std::move(*literal);
            return expression;
        }
        if (tokens_.accept_sign("-")) return make(Kind::negate, place, parse_primary());
        if (tokens_.accept_sign("+")) return parse_primary();
        if (tokens_.peek().kind == Token::Kind::word && tokens_.peek(1).kind == Token::Kind::sign &&
            tokens_.peek(1).text == "(" && !is_reserved(tokens_.peek().text)) {
            if (!tokens_.sees({"LENGTH"})) {
                fail_unsupported(
                    place, fmt::format("the function {} is not supported: LENGTH is the only one",
                                       tokens_.peek().text));
            }
            tokens_.take();
            tokens_.take();
            syntax::Expression operand = parse_or();
            tokens_.expect_sign(")");
            return make(Kind::length, place, std::move(operand));
        }
        if (tokens_.sees({"CASE"})) fail_unsupported(place, "CASE is not supported in a CHECK");
        syntax::Expression expression = make(Kind::column, place);
        expression.column = expect_plain_name(tokens_, "a column, a literal or '('");
        return expression;
    }

    syntax::Expression parse_product() {
        syntax::Expression left = parse_primary();
        while (true) {
            const SourceLocation place = tokens_.place();
            if (tokens_.accept_sign("*")) {
                left = make(Kind::multiply, place, std::move(left), parse_primary());
            } else if (tokens_.accept_sign("/")) {
                left = make(Kind::divide, place, std::move(left), parse_primary());
            } else {
                return left;
            }
        }
    }

    syntax::Expression parse_sum() {
        syntax::Expression left = parse_product();
        while (true) {
            const SourceLocation place = tokens_.place();
            if (tokens_.accept_sign("+")) {
                left = make(Kind::add, place, std::move(left), parse_product());
            } else if (tokens_.accept_sign("-")) {
                left = make(Kind::subtract, place, std::move(left), parse_product());
            } else {
                return left;
            }
        }
    }

    std::optional<Kind> accept_comparison() {
        if (tokens_.accept_sign("=")) return Kind::equal;
        if (tokens_.accept_sign("<>")) return Kind::not_equal;
        if (tokens_.accept_sign("<=")) return Kind::less_equal;
        if (tokens_.accept_sign(">=")) return Kind::greater_equal;
        if (tokens_.accept_sign("<")) return Kind::less;
        if (tokens_.accept_sign(">")) return Kind::greater;
        return std::nullopt;
    }

    syntax::Expression parse_list(const SourceLocation& place, syntax::Expression value) {
        std::vector<syntax::Expression> operands;
        operands.push_back(std::move(value));
        tokens_.expect_sign("(");
        do {
            operands.push_back(parse_sum());
        } while (tokens_.accept_sign(","));
        tokens_.expect_sign(")");
        return make(Kind::in_list, place, std::move(operands));
    }

    syntax::Expression parse_comparison() {
        syntax::Expression left = parse_sum();
        while (true) {
            const SourceLocation place = tokens_.place();
            if (const auto comparison = accept_comparison()) {
                left = make(*comparison, place, std::move(left), parse_sum());
                // a < b < c would compare a truth value with c, which is never intended.
                const SourceLocation again = tokens_.place();
                if (accept_comparison()) {
                    fail_syntax(again, "comparisons are not chained: write a < b AND b < c");
                }
            } else if (tokens_.accept({"IS"})) {
                const bool negated = tokens_.accept({"NOT"});
                tokens_.expect_word("NULL");
                left = make(negated ? Kind::is_not_null : Kind::is_null, place, std::move(left));
            } else {
                const bool negated =
                    tokens_.sees({"NOT", "BETWEEN"}) || tokens_.sees({"NOT", "IN"});
                if (negated) tokens_.take();
                if (tokens_.accept({"BETWEEN"})) {
                    syntax::Expression low = parse_sum();
                    tokens_.expect_word("AND");
                    left = make(Kind::between, place, std::move(left), std::move(low), parse_sum());
                } else if (tokens_.accept({"IN"})) {
                    left = parse_list(place, std::move(left));
                } else {
                    if (tokens_.sees({"LIKE"}) || tokens_.sees({"NOT", "LIKE"})) {
                        fail_unsupported(place, "LIKE is not supported in a CHECK");
                    }
                    return left;
                }
                if (negated) left = make(Kind::logical_not, place, std::move(left));
            }
        }
    }

    syntax::Expression parse_not() {
        const TokenStream::Depth guard{tokens_};
        const SourceLocation place = tokens_.place();
        if (tokens_.accept({"NOT"})) return make(Kind::logical_not, place, parse_not());
        return parse_comparison();
    }

    syntax::Expression parse_and() {
        syntax::Expression left = parse_not();
        while (tokens_.sees({"AND"})) {
            const SourceLocation place = tokens_.take().place;
            left = make(Kind::logical_and, place, std::move(left), parse_not());
        }
        return left;
    }

    syntax::Expression parse_or() {
        const TokenStream::Depth guard{tokens_};
        syntax::Expression left = parse_and();
        while (tokens_.sees({"OR"})) {
            const SourceLocation place = tokens_.take().place;
            left = make(Kind::logical_or, place, std::move(left), parse_and());
        }
        return left;
    }

    TokenStream& tokens_;
    std::uint32_t operators_ = 0;
};

}  // namespace

syntax::Expression parse_expression(TokenStream& tokens) {
    return ExpressionParser{tokens}.run();
}

}  // namespace amphora::catalog
