#pragma once

#include "codec/ordered_key.hpp"

#include <amphora/document.hpp>

namespace amphora::codec {

/// A BSON value as the next element of a key. The bytes of keys order as `compare` (bson_order.hpp)
/// orders the values, and values that compare as equal are equal bytes. Throws `malformed_bson` if
/// it comes upon damage in bytes that nobody validated.
void append_key(KeyWriter& key, BsonView value);

}  // namespace amphora::codec
