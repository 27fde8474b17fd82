#pragma once

#include "base/bytes.hpp"

#include <cstdint>
#include <optional>

/// Moments as Extended JSON spells them: ISO 8601, years 0000 to 9999, milliseconds.
namespace amphora::codec {

/// "2026-01-31T12:34:56.789Z", also with less than seconds left out ("T12:34Z"), with any number of
/// digits behind the point (cut to milliseconds) and with an offset (+09:00, +0900, +09). Nothing
/// if it is anything else, has no time zone, or names a day or time that does not exist.
[[nodiscard]] std::optional<std::int64_t> parse_iso_date(Bytes text) noexcept;

/// Whether the moment lies in 1970 to 9999, which relaxed Extended JSON spells as text.
[[nodiscard]] bool has_iso_date(std::int64_t milliseconds) noexcept;

/// "2026-01-31T12:34:56.789Z"; without the point where the milliseconds are zero.
void append_iso_date(Buffer& text, std::int64_t milliseconds);

}  // namespace amphora::codec
