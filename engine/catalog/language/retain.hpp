#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace amphora::catalog {

struct Definition;

/// The time for which `WITH (retain = '90 days')` keeps a document: a whole number above zero, and
/// seconds, minutes, hours, days or weeks (also singular). None if the text is anything else.
[[nodiscard]] std::optional<std::chrono::seconds> retain_period(std::string_view text) noexcept;

/// One line for each collection that declares `retain`, which is not enforced.
[[nodiscard]] std::vector<std::string> retain_warnings(const Definition& definition);

}  // namespace amphora::catalog
