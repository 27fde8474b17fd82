#pragma once

#include "base/bytes.hpp"

#include <cstddef>

/// Text in keys: 00 is 01 01, 01 is 01 02, and 00 ends. The end is below every byte that may
/// follow, and no text is the beginning of another.
namespace amphora::codec {

/// Room for the value as it is escaped, and its end.
[[nodiscard]] std::size_t escaped_room(Bytes value) noexcept;

/// Writes the value where there is that room; returns the end.
[[nodiscard]] char* put_escaped(char* out, Bytes value) noexcept;

}  // namespace amphora::codec
