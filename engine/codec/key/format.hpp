#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

/// The tags with which the elements of a key begin, in the order of their kinds. That is BSON's
/// order across types, with SQL's own kinds after it. The tag of an ascending element is 10 to 7e.
/// The tag of a descending element is its complement, 81 to ef. So 00 and ff are free for ends and
/// escapes.
namespace amphora::codec {

enum class KeyKind : std::uint8_t {
    end,  ///< of an object, array or scope
    min_key,
    undefined,
    null,
    number,
    text,  ///< SQL text, BSON string and symbol
    object,
    array,
    binary,  ///< BSON binary: by length, then subtype, then bytes
    object_id,
    boolean,
    datetime,  ///< SQL DATETIME and BSON date
    timestamp,
    regex,
    db_pointer,
    code,
    code_with_scope,
    blob,  ///< SQL BLOB: by bytes
    date,
    time,
    enumeration,
    max_key,
};

/// The kind's name in messages, for example "number".
[[nodiscard]] std::string_view to_string(KeyKind kind) noexcept;

enum class KeyOrder : std::uint8_t { ascending, descending };

namespace tag {

inline constexpr std::uint8_t end = 0x00;
inline constexpr std::uint8_t min_key = 0x10;
inline constexpr std::uint8_t undefined = 0x14;
inline constexpr std::uint8_t null = 0x18;
inline constexpr std::uint8_t not_a_number = 0x20;
inline constexpr std::uint8_t minus_infinity = 0x21;
inline constexpr std::uint8_t minus_large = 0x22;  // <= -2^63
inline constexpr std::uint8_t minus_base = 0x2b;   // minus n: n bytes of whole part; -0: none
inline constexpr std::uint8_t zero = 0x2c;
inline constexpr std::uint8_t plus_base = 0x2d;   // plus n: n bytes of whole part; +0: none
inline constexpr std::uint8_t plus_large = 0x36;  // >= 2^63
inline constexpr std::uint8_t plus_infinity = 0x37;
inline constexpr std::uint8_t text = 0x40;
inline constexpr std::uint8_t object = 0x44;
inline constexpr std::uint8_t array = 0x48;
inline constexpr std::uint8_t binary = 0x4c;
inline constexpr std::uint8_t object_id = 0x50;
inline constexpr std::uint8_t no = 0x54;
inline constexpr std::uint8_t yes = 0x55;
inline constexpr std::uint8_t datetime_early = 0x58;  // before the range of int64 microseconds
inline constexpr std::uint8_t datetime = 0x59;
inline constexpr std::uint8_t datetime_late = 0x5a;
inline constexpr std::uint8_t timestamp = 0x5c;
inline constexpr std::uint8_t regex = 0x60;
inline constexpr std::uint8_t db_pointer = 0x64;
inline constexpr std::uint8_t code = 0x68;
inline constexpr std::uint8_t code_with_scope = 0x6c;
inline constexpr std::uint8_t blob = 0x70;
inline constexpr std::uint8_t date = 0x74;
inline constexpr std::uint8_t time = 0x78;
inline constexpr std::uint8_t enumeration = 0x7a;
inline constexpr std::uint8_t max_key = 0x7e;

/// The first tag of the kind that `value` belongs to. BSON compares it before the names of fields.
[[nodiscard]] constexpr std::uint8_t first_of_kind(std::uint8_t value) noexcept {
    if (value >= not_a_number && value <= plus_infinity) return not_a_number;
    if (value == yes) return no;
    if (value == datetime || value == datetime_late) return datetime_early;
    return value;
}

}  // namespace tag

inline constexpr std::size_t key_space_bytes =
    4;  ///< the space number at the beginning of every key
inline constexpr std::size_t key_hash_bytes = 16;  ///< at the end of a limited key
inline constexpr int key_depth_max = 128;          ///< objects and arrays inside each other

}  // namespace amphora::codec
