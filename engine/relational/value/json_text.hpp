#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace amphora::relational {

/// The most objects and arrays inside each other.
inline constexpr int json_depth_max = 128;

/// The offset at which the text stops being one JSON value (RFC 8259); none if it is one. Deeper
/// nesting than `json_depth_max` counts as invalid. The text must be valid UTF-8.
[[nodiscard]] std::optional<std::size_t> find_invalid_json(std::string_view text) noexcept;

}  // namespace amphora::relational
