#pragma once

#include "base/bytes.hpp"

#include <cstdint>
#include <optional>

/// Moments in Extended JSON: ISO 8601, years 0000 to 9999, milliseconds.
namespace amphora::codec {

/// Reads "2026-01-31T12:34:56.789Z". The seconds may be missing ("T12:34Z"), any number of digits
/// may follow the point (they are cut to milliseconds), and the time zone may be an offset (+09:00,
/// +0900, +09). None if the text is anything else, has no time zone, or names a day or time that
/// does not exist.
[[nodiscard]] std::optional<std::int64_t> parse_iso_date(Bytes text) noexcept;

/// Whether the moment is in the years 1970 to 9999, which relaxed Extended JSON writes as text.
[[nodiscard]] bool has_iso_date(std::int64_t milliseconds) noexcept;

/// "2026-01-31T12:34:56.789Z"; without the point where the milliseconds are zero.
void append_iso_date(Buffer& text, std::int64_t milliseconds);

}  // namespace amphora::codec
