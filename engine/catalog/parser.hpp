#pragma once

#include "catalog/definition.hpp"

#include <span>
#include <string_view>

/// The schema language: `CREATE TABLE`, `CREATE [UNIQUE] INDEX` and `CREATE COLLECTION`; the
/// grammar is in schema/README.md.
///
/// Whatever is accepted is enforced, by the stores that read the definition; a clause of SQL that
/// is understood but not enforced here is `unsupported`, never ignored. One exception: `WITH
/// (retain = '90 days')` is checked and stored, and no document is removed by it. Tools that show
/// messages warn of it (`retain_warnings`).
namespace amphora::catalog {

struct SchemaText {
    std::string_view text;
    std::string_view name;  ///< for messages: "mission.sql"
};

/// One schema text on its own. Throws `schema_syntax` with place and what was expected, as in
/// "mission.sql:12:8: expected a column type, found 'BIGNIT'", and `unsupported`.
///
/// In the result parents stand before children, every reference has its index, and no space has a
/// number yet.
[[nodiscard]] Definition parse_schema(std::string_view text, std::string_view source_name);

/// Several texts as one schema, in any order. A table declared IF NOT EXISTS gives way to one of
/// its name that another text declares without, or an earlier one with. Tables of `stored` may be
/// referred to; they are not part of the result.
[[nodiscard]] Definition parse_schemas(std::span<const SchemaText> texts,
                                       const Definition& stored = {});

}  // namespace amphora::catalog
