#pragma once

#include "base/bytes.hpp"
#include "codec/key/format.hpp"
#include "codec/key/reader.hpp"
#include "codec/key/writer.hpp"

#include <cstddef>
#include <string>

/// Keys of both trees: the space's number, highest byte first, then a tuple of values. The order of
/// the bytes is the order of the values, across all SQL and BSON types. Equal values are equal
/// bytes. The kinds and values of a key can be read without a schema.
///
///   00 00 00 10 | 2e 0e | 40 4b 69 6d 00            space 16, (7, "Kim")
///
/// MinKey < undefined < null < numbers (NaN first; see key_number.hpp) < text < object < array <
/// binary < object id < boolean < date and datetime < timestamp < regex < db pointer < code < code
/// with scope < SQL's blob < date < time < enumeration < MaxKey.
///
///   kind          tag, then
///   null, ...     nothing
///   text, blob    the bytes, where 00 is 01 01 and 01 is 01 02; then 00
///   object        for each field the first tag of its kind, the name like a text, the value;
///                 then 00. BSON compares fields by type, name and value, in this order
///   array         the values; then 00
///   binary        the length in one byte, or ff and four, then subtype and bytes
///   datetime      microseconds, 8 bytes, sign flipped; a BSON date beyond those: milliseconds
///   date, time    4 and 8 bytes, sign flipped
///   enumeration   its position, 2 bytes
///
/// No element is a prefix of another one. So tuples compare element by element, and all keys that
/// begin with some elements are exactly the range [key, prefix_end(key)). A descending element has
/// the same bytes, complemented: 7 is 2e 0e ascending and d1 f1 descending. Tags are never reused,
/// because they are a stored format.
namespace amphora::codec {

/// The exclusive upper bound of all keys that begin with `prefix`; empty: there is none.
[[nodiscard]] Buffer prefix_end(Bytes prefix);

// Keys that are too long for a tree (LMDB: 511 bytes) are never refused. They are limited: the
// first `bytes_max - 16` bytes are kept, and the 128-bit hash (XXH3) of the whole key replaces the
// rest.
//
//   key.size() <= bytes_max - 16    as it is
//   key.size() >  bytes_max - 16    exactly bytes_max bytes, the last 16 of them the hash
//
// So the length of a stored key tells whether it is limited. Limited keys with the same first bytes
// are in the order of their hashes, not of their values; all other order is kept. A reader that
// finds a limited key must compare with the row, and sort.

/// Whether `key` had to be limited. `bytes_max` is at least 32.
bool limit_key(Buffer& key, std::size_t bytes_max);
/// Whether a stored key was limited.
[[nodiscard]] bool is_limited(Bytes key, std::size_t bytes_max) noexcept;
/// The part of a stored key that is in value order.
[[nodiscard]] Bytes limited_prefix(Bytes key, std::size_t bytes_max) noexcept;
/// The bounds of a scan over stored keys, from the bounds [lower, upper) of a scan over whole keys.
/// Nothing inside is missed; limited keys at either end may be outside, and must be compared with
/// the row.
[[nodiscard]] Buffer limit_lower(Bytes lower, std::size_t bytes_max);
[[nodiscard]] Buffer limit_upper(Bytes upper, std::size_t bytes_max);

/// The key for people: `space 16: (7, "Kim", datetime 2026-01-31 12:00:00)`. For damaged bytes it
/// does not throw, but says where they are.
[[nodiscard]] std::string describe_key(Bytes key);

}  // namespace amphora::codec
