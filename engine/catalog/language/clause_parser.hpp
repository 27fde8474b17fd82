#pragma once

#include "catalog/language/syntax.hpp"
#include "catalog/language/token_stream.hpp"

/// The parts of a CREATE TABLE or CREATE COLLECTION, by recursive descent.
namespace amphora::catalog {

/// `name TYPE constraint ...`. Constraints that can also be table constraints (UNIQUE, CHECK,
/// REFERENCES, PRIMARY KEY) are added to the declaration.
void parse_column(TokenStream& tokens, syntax::Declaration& declaration);

/// Whether the next element of a body is a constraint and not a column.
[[nodiscard]] bool sees_table_constraint(const TokenStream& tokens) noexcept;
/// `[CONSTRAINT name] PRIMARY KEY | UNIQUE | INDEX | KEY | FOREIGN KEY | CHECK ...`.
void parse_table_constraint(TokenStream& tokens, syntax::Declaration& declaration);

/// `(option = value, ...)`, after WITH.
void parse_options(TokenStream& tokens, syntax::Declaration& declaration);

/// `(column, ...)` of an index; in a collection dotted paths.
[[nodiscard]] std::vector<syntax::Name> parse_index_columns(TokenStream& tokens);

/// `BIGINT`, `VARCHAR(50)`, `ENUM ('A', 'B')`.
[[nodiscard]] ColumnType parse_type(TokenStream& tokens);
/// The words with which a type may begin, such as "BIGINT". schema/README.md explains them.
[[nodiscard]] std::vector<std::string_view> type_words();

/// An expression of CHECK, without its parentheses. By increasing precedence: OR, AND, NOT,
/// comparison with BETWEEN, IN and IS, + -, * /, unary -.
[[nodiscard]] syntax::Expression parse_expression(TokenStream& tokens);

/// A literal, with its sign; none if the next token begins no literal.
[[nodiscard]] std::optional<syntax::Literal> parse_literal(TokenStream& tokens);

/// Throws `schema_syntax`: the name begins with "amphora.".
[[noreturn]] void fail_system_name(const syntax::Name& name);

/// A name that is not followed by a point, because there are no schemas within a schema.
[[nodiscard]] syntax::Name expect_plain_name(TokenStream& tokens, std::string_view what);

}  // namespace amphora::catalog
