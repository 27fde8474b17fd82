#pragma once

#include "catalog/definition/definition.hpp"

#include <string>
#include <string_view>
#include <vector>

/// Definitions as schema text.
namespace amphora::catalog {

/// Text that parses to the same definition, except for the numbers of spaces.
[[nodiscard]] std::string to_sql(const Definition& definition);
[[nodiscard]] std::string to_sql(const Table& table);
[[nodiscard]] std::string to_sql(const Collection& collection);

/// The options that declare it: "retain = '90 days'", "retain_by = 'at'".
[[nodiscard]] std::vector<std::string> options_of(const Retention& retention);

/// "VARCHAR(50)", "ENUM ('OPEN', 'CLOSED')".
[[nodiscard]] std::string to_sql(const ColumnType& type);
/// "email VARCHAR(100) NOT NULL".
[[nodiscard]] std::string to_sql(const Column& column);
/// A literal: "'it''s'", "1.50", "NULL". DATETIME, DATE and TIME are quoted.
[[nodiscard]] std::string to_sql(const Value& value);
/// A name, quoted if the language requires it.
[[nodiscard]] std::string quoted(std::string_view name);

}  // namespace amphora::catalog
