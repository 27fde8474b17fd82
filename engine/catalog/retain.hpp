#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace amphora::catalog {

struct Definition;

/// How long `WITH (retain = '90 days')` is to keep a document: a whole number above zero and
/// seconds, minutes, hours, days or weeks (singular too). None: the text says no such thing.
[[nodiscard]] std::optional<std::chrono::seconds> retain_period(std::string_view text) noexcept;

/// One line for each collection that declares `retain`, which is not enforced.
[[nodiscard]] std::vector<std::string> retain_warnings(const Definition& definition);

}  // namespace amphora::catalog
