#pragma once

#include "codec/key/ordered_key.hpp"

#include <amphora/document.hpp>

namespace amphora::codec {

/// Appends a BSON value as the next element of a key. The bytes of keys order as `compare`
/// (bson_order.hpp) orders the values, and values that compare as equal are equal bytes. Throws
/// `malformed_bson` for damaged bytes that nobody has validated.
void append_key(KeyWriter& key, BsonView value);

/// Reads the next element of a key, with everything in it, as the value that `append_key` wrote.
/// The reader must be between elements of the outermost level, and is there again afterwards.
///
/// A key has the value of a number and not its type, and does not distinguish symbols from strings.
/// So the result need not have the same bytes: a symbol is a string, and a number is an int64 if
/// that is exactly its value, else a double, else a decimal128. Nothing is rounded. `compare` finds
/// the result equal to the value that was written, and `append_key` writes the same element again.
///
/// Throws `corrupt` if there is no such element: at the end of the key, for bytes that no writer
/// wrote, and for values that BSON does not have (SQL's blob, date, time and enumeration, a DATETIME
/// between two milliseconds, a number of more than 34 digits, text that is not UTF-8). The reader
/// is of no use after that. The key must not be a limited one (`is_limited`): its end is a hash,
/// which is either refused or read as a value that nobody wrote.
[[nodiscard]] BsonValue read_value(KeyReader& key);

}  // namespace amphora::codec
