#pragma once

#include "codec/key/ordered_key.hpp"

#include <amphora/document.hpp>

namespace amphora::codec {

/// Appends a BSON value as the next element of a key. The bytes of keys order as `compare`
/// (bson_order.hpp) orders the values, and values that compare as equal are equal bytes. Throws
/// `malformed_bson` for damaged bytes that nobody has validated.
void append_key(KeyWriter& key, BsonView value);

}  // namespace amphora::codec
