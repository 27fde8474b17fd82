#pragma once

#include "catalog/definition/definition.hpp"

#include <amphora/cell.hpp>
#include <amphora/document.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// The values that declared fields store, and their conversion to and from cells.
namespace amphora::document {

/// Memory for a value that a conversion had to write anew.
using FieldScratch = std::array<char, 16>;

/// The value that `column` of `collection` stores for `value`, which is not null; `value` itself if
/// it already has the right type. Throws the errors that statement.hpp lists.
[[nodiscard]] BsonView to_stored(const catalog::Column& column, std::string_view collection,
                                 BsonView value, FieldScratch& scratch);

/// A stored value as a cell of the type's kind, for CHECK and for keys of parents. NULL for null;
/// an ENUM's member by its position. None if `to_stored` never returns such a value.
[[nodiscard]] std::optional<Cell> to_cell(const catalog::ColumnType& type, BsonView stored);

/// The value as a cell of `parent_type`, to which this field refers; none if no cell of that type
/// equals the value.
[[nodiscard]] std::optional<Cell> to_parent_cell(const catalog::ColumnType& parent_type,
                                                 const catalog::ColumnType& type, BsonView stored);
/// The reverse: the value that a field of `type` stores if it refers to a row with this cell in its
/// key; none if no document can refer to it.
[[nodiscard]] std::optional<BsonValue> from_parent_cell(const catalog::ColumnType& parent_type,
                                                        const Cell& cell);
/// Whether fields of `type` can refer to columns of `parent_type`.
[[nodiscard]] bool can_refer(const catalog::ColumnType& parent_type,
                             const catalog::ColumnType& type) noexcept;

/// A literal of the schema as a value, before `to_stored`.
[[nodiscard]] BsonValue from_literal(const Value& literal);

/// The value as JSON; long ones are cut.
[[nodiscard]] std::string describe(BsonView value);

}  // namespace amphora::document
