#pragma once

#include "base/bytes.hpp"
#include "catalog/definition/definition.hpp"

#include <cstdint>
#include <string>
#include <vector>

/// The format of the catalog in the relational tree:
///
///   key    space_catalog, 4 bytes big-endian | "catalog"
///   value  format 3 | version, 8 bytes | next free space, 4 bytes | number of entries, 4 bytes
///
///   key    space_catalog | "entry" | space, 4 bytes big-endian
///   value  format 3 | name, counted | number of spaces, varint | 4 bytes each | text, counted
///
/// The text is one CREATE TABLE or CREATE COLLECTION. Numbers in values are little-endian. The
/// spaces of an entry are that of the rows or documents, that of the counter (0: none), and that of
/// each index in the order of the text.
namespace amphora::catalog::stored {

/// Throws `corrupt` with what is wrong and with what to do.
[[noreturn]] void raise_damaged(const std::string& what);

struct Header {
    std::uint64_t version = 0;
    SpaceId next_space = space_first_free;
    /// How many entries there are. A damaged key can hide other keys from a search; this count
    /// shows that some are missing.
    std::uint32_t entries = 0;
};
[[nodiscard]] Buffer header_key();
[[nodiscard]] Buffer encode(const Header& header);
[[nodiscard]] Header decode_header(Bytes value);

struct Entry {
    std::string name;
    std::vector<SpaceId> spaces;
    std::string text;
};
[[nodiscard]] Buffer entry_key(SpaceId space);
[[nodiscard]] Buffer encode(const Entry& entry);
/// Throws `corrupt` for a value that no `encode` made, `newer_format` for one of a later version of
/// the library.
[[nodiscard]] Entry decode_entry(Bytes value);

[[nodiscard]] Entry entry_of(const Table& table);
[[nodiscard]] Entry entry_of(const Collection& collection);

/// The keys of the whole catalog: [lower, upper).
[[nodiscard]] Buffer keys_lower();
[[nodiscard]] Buffer keys_upper();

/// The definition of these entries, with their spaces. Throws `corrupt` if they make none.
[[nodiscard]] Definition definition_of(const std::vector<Entry>& entries);

}  // namespace amphora::catalog::stored
