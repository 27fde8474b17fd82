#pragma once

#include "catalog/definition/definition.hpp"
#include "catalog/language/syntax.hpp"

namespace amphora::catalog {

/// The exact value of a literal in a column of that type. A literal that would be rounded or cut is
/// refused. Throws `schema_syntax` with the literal's place.
[[nodiscard]] Value value_for(const syntax::Literal& literal, const ColumnType& type);

/// The value of a literal without a column: a whole number, a decimal or, with an exponent, a real.
[[nodiscard]] Value value_of(const syntax::Literal& literal);

/// A text literal as a DATETIME, DATE or TIME.
[[nodiscard]] Value moment_of(const syntax::Literal& literal, Type type);

/// "the number 5", "the text 'abc'".
[[nodiscard]] std::string describe(const syntax::Literal& literal);

}  // namespace amphora::catalog
