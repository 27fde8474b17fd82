#pragma once

#include "catalog/definition.hpp"

#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <vector>

/// When two parts of two definitions say the same, or nearly: what `difference` is made of.
namespace amphora::catalog {

[[nodiscard]] bool same_names(const std::vector<std::string>& left,
                              const std::vector<std::string>& right);
/// The same columns to the same parent; what ON DELETE says may differ.
[[nodiscard]] bool is_same(const Reference& left, const Reference& right);

/// DEFAULT NULL says what no DEFAULT says.
[[nodiscard]] bool has_default(const Column& column);
[[nodiscard]] bool has_literal_default(const Column& column);
[[nodiscard]] bool same_default(const Column& left, const Column& right);

/// Whether every value of the one type is a value of the other, stored in the same way.
[[nodiscard]] bool is_wider(const ColumnType& wanted, const ColumnType& stored);

void collect_columns(const Expression& expression, std::set<std::uint32_t>& columns);

/// What a row that was stored before the column existed shows for it.
[[nodiscard]] Cell cell_before(const Column& column);

/// The predicate of a CHECK with the places that its columns have in another declaration; a column
/// that is not there gets no place at all.
[[nodiscard]] Expression with_places(Expression expression, std::span<const Column> from,
                                     std::span<const Column> to);

/// For messages: "(user_id, at)", "unique index users_by_email (email)", "the reference (user_id)
/// to users".
[[nodiscard]] std::string joined(const std::vector<std::string>& names);
[[nodiscard]] std::string to_text(const Index& index);
[[nodiscard]] std::string to_text(const Reference& reference);

}  // namespace amphora::catalog
