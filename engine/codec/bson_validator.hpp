#pragma once

#include "base/bytes.hpp"

#include <amphora/document.hpp>

#include <cstddef>
#include <optional>
#include <string_view>

/// Judges BSON bytes from outside before anybody believes them.
///
/// What passes is a document that every reader here can walk without looking twice: lengths agree
/// with what lies inside them, names and strings are UTF-8, strings end in NUL, booleans are 0 or
/// 1, every type is one that BSON knows, nesting is at most `document_depth_max` levels and the
/// whole at most `document_bytes_max` bytes. Names that occur twice and names in arrays are not
/// judged, as MongoDB does not.
namespace amphora::codec {

struct BsonFault {
    std::size_t offset;     ///< of the byte where it shows
    std::string_view what;  ///< lives for ever
};

/// The first thing that is wrong with `bytes` as one whole document.
[[nodiscard]] std::optional<BsonFault> find_bson_fault(Bytes bytes) noexcept;

/// Throws `malformed_bson` with offset and reason. Answers the levels of nesting, 1 for a flat
/// document.
int validate_bson(Bytes bytes);

/// The levels of nesting of bytes that are valid.
[[nodiscard]] int bson_depth(BsonView value);

}  // namespace amphora::codec
