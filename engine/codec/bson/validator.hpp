#pragma once

#include "base/bytes.hpp"

#include <amphora/document.hpp>

#include <cstddef>
#include <optional>
#include <string_view>

/// Validates BSON bytes from outside before they become a document.
///
/// Valid bytes can be walked by every reader here without further tests: lengths agree with what
/// they enclose; names and strings are UTF-8; strings end in NUL; booleans are 0 or 1; every type
/// is one of BSON's; nesting is at most `document_depth_max` levels and the size at most
/// `document_bytes_max` bytes. Names that occur twice are accepted, as MongoDB does. Names in
/// arrays and the order of a regular expression's options do not make bytes invalid; they decide
/// whether the bytes are canonical (bson_canonical.hpp), which all documents are.
namespace amphora::codec {

struct BsonFault {
    std::size_t offset;     ///< of the first wrong byte
    std::string_view what;  ///< a literal
};

/// The first mistake in `bytes`, as one whole document.
[[nodiscard]] std::optional<BsonFault> find_bson_fault(Bytes bytes) noexcept;

/// The same for bytes that are to be stored: not canonical is a mistake, too.
[[nodiscard]] std::optional<BsonFault> find_document_fault(Bytes bytes) noexcept;

struct BsonJudgement {
    int depth;       ///< levels of nesting: 0 for a scalar, 1 for a flat document
    bool canonical;  ///< in the form that all documents here have
};

/// Throws `malformed_bson` with offset and reason.
[[nodiscard]] BsonJudgement judge_bson(BsonView value);
[[nodiscard]] BsonJudgement judge_bson(Bytes document);

/// The levels of nesting. The bytes must be valid.
[[nodiscard]] int bson_depth(BsonView value);

}  // namespace amphora::codec
