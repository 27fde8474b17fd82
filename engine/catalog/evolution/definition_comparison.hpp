#pragma once

#include "catalog/definition/definition.hpp"

#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <vector>

/// Tests whether parts of two definitions are the same, or nearly. `difference` uses them.
namespace amphora::catalog {

[[nodiscard]] bool same_names(const std::vector<std::string>& left,
                              const std::vector<std::string>& right);
/// The same columns to the same parent; ON DELETE may differ.
[[nodiscard]] bool is_same(const Reference& left, const Reference& right);

/// DEFAULT NULL is the same as no DEFAULT.
[[nodiscard]] bool has_default(const Column& column);
[[nodiscard]] bool has_literal_default(const Column& column);
[[nodiscard]] bool same_default(const Column& left, const Column& right);

/// Whether every value of one type is a value of the other, stored in the same way.
[[nodiscard]] bool is_wider(const ColumnType& wanted, const ColumnType& stored);

void collect_columns(const Expression& expression, std::set<std::uint32_t>& columns);

/// The value of the column in a row that was stored before the column existed.
[[nodiscard]] Cell cell_before(const Column& column);

/// The predicate of a CHECK with the positions that its columns have in another declaration. A
/// column that is missing there gets an impossible position.
[[nodiscard]] Expression with_places(Expression expression, std::span<const Column> from,
                                     std::span<const Column> to);

/// For messages: "(user_id, at)", "unique index users_by_email (email)", "the reference (user_id)
/// to users".
[[nodiscard]] std::string joined(const std::vector<std::string>& names);
[[nodiscard]] std::string to_text(const Index& index);
[[nodiscard]] std::string to_text(const Reference& reference);

}  // namespace amphora::catalog
