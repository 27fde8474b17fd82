#pragma once

#include "base/bytes.hpp"

#include <optional>

/// Base64 with padding (RFC 4648, section 4), as Extended JSON has it for bytes.
namespace amphora::codec {

void append_base64(Buffer& text, Bytes bytes);

/// The bytes; none if the text is not base64 with its padding.
[[nodiscard]] std::optional<Buffer> parse_base64(Bytes text);

}  // namespace amphora::codec
