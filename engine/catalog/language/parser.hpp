#pragma once

#include "catalog/definition/definition.hpp"

#include <cstdint>
#include <span>
#include <string_view>

/// The schema language: `CREATE TABLE`, `CREATE [UNIQUE] INDEX` and `CREATE COLLECTION`.
/// schema/README.md has the grammar.
///
/// Everything that is accepted is enforced, by the stores that read the definition and by the
/// retention (database/retention). A clause of SQL
/// that is understood and not enforced here is `unsupported`, never ignored.
namespace amphora::catalog {

struct SchemaText {
    std::string_view text;
    std::string_view name;  ///< for messages: "mission.sql"
};

/// Whether a text may declare names that begin with "amphora.", or refer to them. Only the engine's
/// own texts may: the system schema and what the catalog stores.
enum class SystemNames : std::uint8_t { refused, allowed };

/// Parses one schema text. Throws `schema_syntax` with the place and what was expected, as in
/// "mission.sql:12:8: expected a column type, found 'BIGNIT'", and `unsupported`.
///
/// In the result parents come before children, every reference has its index, and no space has a
/// number yet.
[[nodiscard]] Definition parse_schema(std::string_view text, std::string_view source_name,
                                      SystemNames system_names = SystemNames::refused);

/// Parses several texts as one schema, in any order. A table declared IF NOT EXISTS is replaced by
/// a table of the same name that another text declares without it, or an earlier text with it.
/// References to tables of `stored` are allowed; these are not part of the result.
[[nodiscard]] Definition parse_schemas(std::span<const SchemaText> texts,
                                       const Definition& stored = {},
                                       SystemNames system_names = SystemNames::refused);

}  // namespace amphora::catalog
