#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace amphora::catalog {

/// The time for which `WITH (retain = '90 days')` keeps a document: a whole number above zero, and
/// seconds, minutes, hours, days or weeks (also singular). None if the text is anything else.
[[nodiscard]] std::optional<std::chrono::seconds> retain_period(std::string_view text) noexcept;

}  // namespace amphora::catalog
