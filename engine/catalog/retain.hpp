#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace amphora::catalog {

/// How long `WITH (retain = '90 days')` keeps a document: a whole number above zero and seconds,
/// minutes, hours, days or weeks (singular too). None: the text says no such thing.
[[nodiscard]] std::optional<std::chrono::seconds> retain_period(std::string_view text) noexcept;

}  // namespace amphora::catalog
