#pragma once

#include "catalog/definition.hpp"

#include <amphora/cell.hpp>
#include <amphora/document.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// What a declared field stores, and its values as cells.
namespace amphora::document {

/// Where a conversion puts a value that it had to write anew.
using FieldScratch = std::array<char, 16>;

/// The value that `column` of `collection` stores for `value`, which is not null: `value` itself
/// where it already is of the right type. Throws what statement.hpp says.
[[nodiscard]] BsonView to_stored(const catalog::Column& column, std::string_view collection,
                                 BsonView value, FieldScratch& scratch);

/// A stored value as a cell of the type's kind, for CHECK and for keys of parents; NULL for null.
/// An ENUM's member by its place. Nothing if the value is not what `to_stored` gives.
[[nodiscard]] std::optional<Cell> to_cell(const catalog::ColumnType& type, BsonView stored);

/// The cell that a column of `parent_type` has where this field refers to it; nothing if no cell of
/// that type equals the value.
[[nodiscard]] std::optional<Cell> to_parent_cell(const catalog::ColumnType& parent_type,
                                                 const catalog::ColumnType& type, BsonView stored);
/// The other way: what a field of `type` stores if it refers to a row with that cell in its key;
/// nothing if no document can.
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
