#pragma once

#include "base/bytes.hpp"

#include <amphora/document.hpp>

#include <cstddef>
#include <optional>
#include <string_view>

/// Judges BSON bytes from outside before they become a document.
///
/// What passes can be walked by every reader here without a second look: lengths agree with what
/// they enclose, names and strings are UTF-8, strings end in NUL, booleans are 0 or 1, every type
/// is one that BSON knows, nesting is at most `document_depth_max` levels and the whole at most
/// `document_bytes_max` bytes. Names that occur twice are accepted, as MongoDB does. Names in
/// arrays and the order of a regular expression's options do not make bytes invalid; they tell
/// whether the bytes are canonical (bson_canonical.hpp), which documents are.
namespace amphora::codec {

struct BsonFault {
    std::size_t offset;     ///< of the byte where it shows
    std::string_view what;  ///< lives for ever
};

/// The first thing that is wrong with `bytes` as one whole document.
[[nodiscard]] std::optional<BsonFault> find_bson_fault(Bytes bytes) noexcept;

/// The same for bytes that are to be stored: what is not canonical is wrong too.
[[nodiscard]] std::optional<BsonFault> find_document_fault(Bytes bytes) noexcept;

struct BsonJudgement {
    int depth;       ///< levels of nesting: 0 for a scalar, 1 for a flat document
    bool canonical;  ///< as documents here are spelled
};

/// Throws `malformed_bson` with offset and reason.
[[nodiscard]] BsonJudgement judge_bson(BsonView value);
[[nodiscard]] BsonJudgement judge_bson(Bytes document);

/// The levels of nesting of bytes that are valid.
[[nodiscard]] int bson_depth(BsonView value);

}  // namespace amphora::codec
