#pragma once

#include "catalog/definition.hpp"

#include <string>
#include <string_view>

/// How a column of a table becomes a member of a struct.
namespace amphora::schemagen {

/// The member's type without its std::optional: "std::int64_t". `enum_name`: that of the column's
/// enum.
[[nodiscard]] std::string member_type(const catalog::ColumnType& type, std::string_view enum_name);

/// The type of a value that is looked up: whole numbers are all 64 bits wide, so that one out of
/// the column's range is not found instead of being cut.
enum class KeyUse : bool { primary_key, unique_index };
[[nodiscard]] std::string key_type(const catalog::ColumnType& type, std::string_view enum_name,
                                   KeyUse use);

/// What stands behind "=": the column's DEFAULT, `amphora::now`,
/// `amphora::required("table.column")`... `enumerator`: of the DEFAULT, for an ENUM.
[[nodiscard]] std::string initializer(const catalog::Column& column, std::string_view table,
                                      std::string_view enumerator);

/// A text as a C++ literal, quotes included.
[[nodiscard]] std::string string_literal(std::string_view text);

}  // namespace amphora::schemagen
