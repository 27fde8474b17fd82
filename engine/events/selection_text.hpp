#pragma once

#include <amphora/selection.hpp>

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace amphora::events {

/// The selections of a consumer as text, to be stored and compared: equal selections have equal
/// texts. JSON, for people who look into the database.
///
///   [{"table": "orders", "kinds": ["insert"], "rows": [["total", ">=", 100]]},
///    {"collection": "visits", "kinds": [...], "documents": {"page": "home"}}, {"topics": "orders.*"}]
[[nodiscard]] std::string to_text(std::span<const Selection> selections);

/// The tables and collections of which such a text selects rows or documents that are read, in its
/// order; none: it selects everything. Empty for a text that `to_text` has not made.
[[nodiscard]] std::optional<std::vector<std::string>> names_read(std::string_view text);

}  // namespace amphora::events
