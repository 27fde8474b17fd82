#pragma once

#include "events/commit_change.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace amphora::events {

/// Longer values are cut. Two values that are equal up to here share a partition, which only makes
/// their order stricter.
inline constexpr std::size_t partition_key_bytes_max = 1000;

/// The value of a column, or of a field of a document or payload, as text: of the state after the
/// change, or else of the state before, or else of the key. The empty text for a value that is null,
/// or not there. Throws `no_such_column` for a row whose table has no such column.
[[nodiscard]] std::string partition_key(const CommitChange& change, std::string_view path);

}  // namespace amphora::events
