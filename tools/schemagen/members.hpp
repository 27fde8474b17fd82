#pragma once

#include "catalog/definition/definition.hpp"

#include <string>
#include <string_view>

/// The conversion of a column to a member of a struct.
namespace amphora::schemagen {

/// The member's type without its std::optional: "std::int64_t". `enum_name`: the type of an ENUM
/// column.
[[nodiscard]] std::string member_type(const catalog::ColumnType& type, std::string_view enum_name);

/// The type of a key's value in a look-up. All whole numbers have 64 bits, so a value out of the
/// column's range is not found instead of being cut.
enum class KeyUse : bool { primary_key, index };
[[nodiscard]] std::string key_type(const catalog::ColumnType& type, std::string_view enum_name,
                                   KeyUse use);

/// Whether a row to insert must name the column: NOT NULL without a DEFAULT.
[[nodiscard]] bool is_required(const catalog::Column& column);

/// The text after "=" in a row to insert: the column's DEFAULT, `amphora::now`, ... `enumerator`:
/// the DEFAULT of an ENUM.
[[nodiscard]] std::string initializer(const catalog::Column& column, std::string_view enumerator);

/// A text as a C++ literal, with its quotes.
[[nodiscard]] std::string string_literal(std::string_view text);

}  // namespace amphora::schemagen
