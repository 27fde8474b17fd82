#pragma once

#include "base/bytes.hpp"

#include <cstddef>

/// Text in keys: 00 becomes 01 01, 01 becomes 01 02, and 00 ends the text. The end is below every
/// byte that may follow, and no text is a prefix of another.
namespace amphora::codec {

/// An upper bound of the escaped size, with the end.
[[nodiscard]] std::size_t escaped_room(Bytes value) noexcept;

/// Writes the escaped value at `out`, which has that room; returns the end.
[[nodiscard]] char* put_escaped(char* out, Bytes value) noexcept;

}  // namespace amphora::codec
