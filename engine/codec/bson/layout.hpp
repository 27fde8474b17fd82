#pragma once

#include "base/bytes.hpp"
#include "codec/bytes_io.hpp"

#include <amphora/document.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>

/// The layout of BSON bytes (https://bsonspec.org/spec.html), for all code that reads or writes
/// them. Numbers are least significant byte first.
///
///   document  int32 size of all, elements, 00
///   element   type, name, 00, value
///   {"a": 1}  0c 00 00 00  10 61 00 01 00 00 00  00
namespace amphora::codec {

inline constexpr std::size_t bson_document_bytes_min = 5;

/// A name, pattern or collection and the NUL that ends it. `text` contains no NUL.
inline void append_cstring(Buffer& buffer, Bytes text) {
    buffer.append(text).push_back('\0');
}

/// A string: its length, which includes the NUL, the text, and the NUL.
inline void append_string(Buffer& buffer, Bytes text) {
    append_little(buffer, static_cast<std::int32_t>(text.size() + 1));
    buffer.append(text).push_back('\0');
}

/// The size of a value of this type at the beginning of `rest`, by its lengths alone. None if there
/// is no such type, a length is impossible or `rest` is too short.
[[nodiscard]] std::optional<std::size_t> value_bytes(BsonType type, Bytes rest) noexcept;

/// The text of a string value: between its length and its NUL. Empty if there is none.
[[nodiscard]] inline Bytes string_text(Bytes raw) noexcept {
    return raw.size() < 5 ? Bytes{} : raw.substr(4, raw.size() - 5);
}

}  // namespace amphora::codec
