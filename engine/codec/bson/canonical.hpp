#pragma once

#include "base/bytes.hpp"

#include <amphora/document.hpp>

/// BSON in the one form that all documents here have.
///
/// The specification lets other writers be careless in two places, and its drivers correct both:
/// the elements of an array are named "0", "1", ..., and the options of a regular expression are
/// sorted. Without this correction a value would change on its way to Extended JSON and back.
namespace amphora::codec {

/// The same document or value, canonical. It must be valid.
[[nodiscard]] Buffer canonical_bson(DocumentView document);
[[nodiscard]] Buffer canonical_bson(BsonView value);

}  // namespace amphora::codec
