#include "catalog/language/clause_parser.hpp"

#include <fmt/format.h>

#include <utility>

namespace amphora::catalog {

namespace {

bool sees_now(const TokenStream& tokens, std::size_t ahead) noexcept {
    const Token& token = tokens.peek(ahead);
    return token.kind == Token::Kind::word &&
           (same_name(token.text, "NOW") || same_name(token.text, "CURRENT_TIMESTAMP"));
}

void expect_now(TokenStream& tokens) {
    const bool needs_parentheses = tokens.sees({"NOW"});
    tokens.take();
    if (needs_parentheses || tokens.sees_sign("(")) {
        tokens.expect_sign("(");
        tokens.expect_sign(")");
    }
}

std::vector<syntax::Name> parse_names(TokenStream& tokens, std::string_view what) {
    std::vector<syntax::Name> names;
    tokens.expect_sign("(");
    do {
        names.push_back(expect_plain_name(tokens, what));
    } while (tokens.accept_sign(","));
    tokens.expect_sign(")");
    return names;
}

void parse_on_delete(TokenStream& tokens, syntax::Reference& reference) {
    const SourceLocation place = tokens.place();
    if (tokens.accept({"RESTRICT"}) || tokens.accept({"NO", "ACTION"})) {
        reference.on_delete = OnDelete::restrict;
    } else if (tokens.accept({"CASCADE"})) {
        reference.on_delete = OnDelete::cascade;
    } else if (tokens.sees({"SET", "NULL"}) || tokens.sees({"SET", "DEFAULT"})) {
        fail_unsupported(place,
                         fmt::format("ON DELETE SET {} is not supported: use RESTRICT or CASCADE",
                                     tokens.peek(1).text));
    } else {
        tokens.fail_expected("RESTRICT, NO ACTION or CASCADE");
    }
}

/// Parses what follows REFERENCES.
void parse_reference(TokenStream& tokens, syntax::Reference& reference) {
    reference.parent = expect_plain_name(tokens, "the name of a table");
    if (tokens.sees_sign("(")) {
        reference.parent_columns = parse_names(tokens, "the name of a column");
    }
    bool said = false;
    while (tokens.sees({"ON"})) {
        if (tokens.sees({"ON", "UPDATE"})) {
            if (sees_now(tokens, 2)) return;  // the column's own ON UPDATE NOW()
            fail_unsupported(tokens.place(),
                             fmt::format("ON UPDATE {} is not supported after REFERENCES: "
                                         "a key does not change while rows refer to it; "
                                         "leave it out",
                                         tokens.peek(2).text));
        }
        if (said) fail_syntax(tokens.place(), "ON DELETE is said twice");
        tokens.expect_word("ON");
        tokens.expect_word("DELETE");
        parse_on_delete(tokens, reference);
        said = true;
    }
    tokens.refuse_unsupported_clause();
}

syntax::Check parse_check(TokenStream& tokens, std::optional<syntax::Name> name,
                          const SourceLocation& place) {
    syntax::Check check;
    check.name = std::move(name);
    check.place = place;
    tokens.expect_sign("(");
    const std::size_t begin = tokens.mark();
    check.predicate = parse_expression(tokens);
    check.text = tokens.text_since(begin);
    tokens.expect_sign(")");
    tokens.refuse_unsupported_clause();
    return check;
}

void parse_default(TokenStream& tokens, syntax::Column& column, const SourceLocation& place) {
    if (column.default_place) fail_syntax(place, "DEFAULT is said twice");
    column.default_place = place;
    if (sees_now(tokens, 0)) {
        expect_now(tokens);
        return;
    }
    if (tokens.sees_sign("(")) {
        fail_unsupported(tokens.place(),
                         "DEFAULT with an expression is not supported: use a literal or NOW()");
    }
    column.default_literal = parse_literal(tokens);
    if (!column.default_literal) tokens.fail_expected("a literal or NOW()");
}

void parse_on_update(TokenStream& tokens, syntax::Column& column, const SourceLocation& place) {
    if (!sees_now(tokens, 0)) {
        if (tokens.sees({"CASCADE"}) || tokens.sees({"SET"}) || tokens.sees({"RESTRICT"}) ||
            tokens.sees({"NO"})) {
            fail_unsupported(
                place, fmt::format("ON UPDATE {} is not supported: ON UPDATE NOW() is the only one",
                                   tokens.peek().text));
        }
        tokens.fail_expected("NOW()");
    }
    expect_now(tokens);
    column.now_on_update = place;
}

/// Parses one constraint of a column; false: there are no more.
bool parse_column_constraint(TokenStream& tokens, syntax::Declaration& declaration,
                             syntax::Column& column) {
    std::optional<syntax::Name> name;
    if (tokens.accept({"CONSTRAINT"})) {
        name = tokens.expect_name("the name of a constraint");
    }
    const SourceLocation place = tokens.place();
    if (tokens.accept({"PRIMARY"})) {
        tokens.expect_word("KEY");
        if (declaration.primary_key) fail_syntax(place, "a second PRIMARY KEY");
        declaration.primary_key = syntax::PrimaryKey{{column.name}, place};
    } else if (tokens.accept({"AUTO_INCREMENT"})) {
        column.auto_increment = place;
    } else if (tokens.sees({"NOT", "NULL"})) {
        tokens.accept({"NOT", "NULL"});
        if (column.null) fail_syntax(place, "NULL and NOT NULL on one column");
        column.not_null = true;
    } else if (tokens.accept({"NULL"})) {
        if (column.not_null) fail_syntax(place, "NULL and NOT NULL on one column");
        column.null = place;
    } else if (tokens.accept({"UNIQUE"})) {
        tokens.accept({"KEY"});
        declaration.indexes.push_back({std::move(name), {column.name}, true, place});
    } else if (tokens.accept({"DEFAULT"})) {
        parse_default(tokens, column, place);
    } else if (tokens.sees({"ON", "UPDATE"})) {
        tokens.accept({"ON", "UPDATE"});
        parse_on_update(tokens, column, place);
    } else if (tokens.accept({"CHECK"})) {
        declaration.checks.push_back(parse_check(tokens, std::move(name), place));
    } else if (tokens.accept({"REFERENCES"})) {
        syntax::Reference reference;
        reference.name = std::move(name);
        reference.columns = {column.name};
        reference.place = place;
        parse_reference(tokens, reference);
        declaration.references.push_back(std::move(reference));
    } else {
        tokens.refuse_unsupported_clause();
        if (name) tokens.fail_expected("a constraint");
        return false;
    }
    return true;
}

}  // namespace

void fail_system_name(const syntax::Name& name) {
    fail_syntax(name.place,
                fmt::format("{}: names that begin with {} are reserved for the engine's own tables "
                            "and collections, which a schema cannot declare or refer to; use "
                            "another name",
                            name.text, system_prefix));
}

syntax::Name expect_plain_name(TokenStream& tokens, std::string_view what) {
    syntax::Name name = tokens.expect_name(what);
    if (tokens.sees_sign(".")) {
        const std::string whole = name.text + "." + tokens.peek(1).text;
        if (is_system_name(whole)) fail_system_name({whole, name.place});
        fail_unsupported(name.place,
                         fmt::format("names with a point are not supported here: a database has "
                                     "one schema, so write {} alone",
                                     tokens.peek(1).text));
    }
    return name;
}

std::optional<syntax::Literal> parse_literal(TokenStream& tokens) {
    syntax::Literal literal;
    literal.place = tokens.place();
    const bool negative = tokens.sees_sign("-");
    const bool has_sign = negative || tokens.sees_sign("+");
    const Token& token = tokens.peek(has_sign ? 1 : 0);
    if (token.kind == Token::Kind::number) {
        if (has_sign) tokens.take();
        literal.kind = syntax::Literal::Kind::number;
        literal.text = (negative ? "-" : "") + tokens.take().text;
        return literal;
    }
    if (has_sign) return std::nullopt;
    if (token.kind == Token::Kind::string || token.kind == Token::Kind::blob) {
        literal.kind = token.kind == Token::Kind::string ? syntax::Literal::Kind::string
                                                         : syntax::Literal::Kind::blob;
        literal.text = tokens.take().text;
        return literal;
    }
    if (tokens.sees({"TRUE"}) || tokens.sees({"FALSE"})) {
        literal.kind = syntax::Literal::Kind::boolean;
        literal.text = tokens.accept({"TRUE"}) ? "TRUE" : "FALSE";
        if (literal.text == "FALSE") tokens.take();
        return literal;
    }
    if (tokens.accept({"NULL"})) return literal;
    return std::nullopt;
}

std::vector<syntax::Name> parse_index_columns(TokenStream& tokens) {
    std::vector<syntax::Name> columns;
    tokens.expect_sign("(");
    do {
        if (tokens.sees_sign("(")) {
            fail_unsupported(tokens.place(), "an index over an expression is not supported");
        }
        syntax::Name column = tokens.expect_name("the name of a column");
        while (tokens.accept_sign(".")) {
            column.text += '.' + tokens.expect_name("the name of a field").text;
        }
        if (tokens.sees_sign("(")) {
            fail_unsupported(tokens.place(),
                             "an index over the beginning of a column is not supported: "
                             "write the column alone");
        }
        tokens.accept({"ASC"});
        tokens.refuse_unsupported_clause();
        columns.push_back(std::move(column));
    } while (tokens.accept_sign(","));
    tokens.expect_sign(")");
    tokens.refuse_unsupported_clause();
    return columns;
}

void parse_column(TokenStream& tokens, syntax::Declaration& declaration) {
    syntax::Column column;
    column.name = tokens.expect_name("the name of a column or a constraint");
    column.type_place = tokens.place();
    column.type = parse_type(tokens);
    while (parse_column_constraint(tokens, declaration, column)) {
    }
    declaration.columns.push_back(std::move(column));
}

bool sees_table_constraint(const TokenStream& tokens) noexcept {
    return tokens.sees({"CONSTRAINT"}) || tokens.sees({"PRIMARY"}) || tokens.sees({"UNIQUE"}) ||
           tokens.sees({"INDEX"}) || tokens.sees({"KEY"}) || tokens.sees({"FOREIGN"}) ||
           tokens.sees({"CHECK"});
}

void parse_table_constraint(TokenStream& tokens, syntax::Declaration& declaration) {
    std::optional<syntax::Name> name;
    if (tokens.accept({"CONSTRAINT"})) name = tokens.expect_name("the name of a constraint");
    const SourceLocation place = tokens.place();
    if (tokens.accept({"PRIMARY"})) {
        tokens.expect_word("KEY");
        if (declaration.primary_key) fail_syntax(place, "a second PRIMARY KEY");
        declaration.primary_key =
            syntax::PrimaryKey{parse_names(tokens, "the name of a column"), place};
        tokens.refuse_unsupported_clause();
    } else if (tokens.sees({"UNIQUE"}) || tokens.sees({"INDEX"}) || tokens.sees({"KEY"})) {
        syntax::Index index;
        index.unique = tokens.accept({"UNIQUE"});
        index.place = place;
        if (!tokens.accept({"INDEX"})) tokens.accept({"KEY"});
        index.name = std::move(name);
        if (!tokens.sees_sign("(")) index.name = tokens.expect_name("the name of an index or '('");
        index.columns = parse_index_columns(tokens);
        declaration.indexes.push_back(std::move(index));
    } else if (tokens.accept({"FOREIGN"})) {
        syntax::Reference reference;
        tokens.expect_word("KEY");
        reference.name = std::move(name);
        reference.place = place;
        reference.columns = parse_names(tokens, "the name of a column");
        tokens.expect_word("REFERENCES");
        parse_reference(tokens, reference);
        declaration.references.push_back(std::move(reference));
    } else if (tokens.accept({"CHECK"})) {
        declaration.checks.push_back(parse_check(tokens, std::move(name), place));
    } else {
        tokens.fail_expected("PRIMARY KEY, UNIQUE, FOREIGN KEY or CHECK");
    }
}

}  // namespace amphora::catalog
