#pragma once

#include "base/bytes.hpp"
#include "base/ids.hpp"

#include <optional>
#include <string>
#include <string_view>

/// The record that a tree keeps for itself, in space 0: its database and its mark. It is one
/// record, so the mark is written in the same atomic write as the changes that it names.
///
///   key    00 00 00 00 'm'
///   value  format (4) | database (16) | timeline (16) | epoch (8) | sequence (8) | chain (8) |
///          checksum64 of all before (8); numbers least significant byte first
namespace amphora::tree {

/// The first key that does not belong to space 0; smaller ones are never shown.
inline constexpr Bytes first_key{"\0\0\0\1", 4};
inline constexpr Bytes mark_key{"\0\0\0\0m", 5};

[[nodiscard]] constexpr bool is_reserved(Bytes key) noexcept {
    return key < first_key;
}

struct MarkRecord {
    Identity identity;
    Mark mark;
};

[[nodiscard]] Buffer encode(const MarkRecord& record);

/// Throws `corrupt` or `newer_format`; `where` names the tree in the message.
[[nodiscard]] MarkRecord decode_mark_record(Bytes bytes, std::string_view where);

/// The mark in the record of a tree that is being opened. Throws `foreign_piece` if it belongs to
/// another database or timeline, `not_a_database` if there is none.
[[nodiscard]] Mark recognize(const std::optional<Buffer>& record, const Identity& expected,
                             std::string_view where);

/// Whether a tree in `create` mode may use what it found: nothing, or a tree to which nothing was
/// delivered. Throws `foreign_piece` otherwise.
void require_empty(const std::optional<Buffer>& record, std::string_view where);

/// A key in a message: hexadecimal, shortened in the middle if it is long.
[[nodiscard]] std::string to_hex(Bytes key);

}  // namespace amphora::tree
