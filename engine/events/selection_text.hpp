#pragma once

#include <amphora/selection.hpp>

#include <span>
#include <string>

namespace amphora::events {

/// The selections of a consumer as text, to be stored and compared: equal selections have equal
/// texts. JSON, for people who look into the database; nothing reads it back.
///
///   [{"table": "orders", "kinds": ["insert"], "rows": [["total", ">=", 100]]},
///    {"collection": "visits", "kinds": [...], "documents": {"page": "home"}}, {"topics": "orders.*"}]
[[nodiscard]] std::string to_text(std::span<const Selection> selections);

}  // namespace amphora::events
