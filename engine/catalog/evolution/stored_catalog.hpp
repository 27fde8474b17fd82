#pragma once

#include "base/bytes.hpp"
#include "catalog/definition/catalog.hpp"
#include "catalog/definition/definition.hpp"

#include <amphora/types.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

/// The format of the catalog in the relational tree:
///
///   key    space_catalog, 4 bytes big-endian | "catalog"
///   value  format 5 | version, 8 bytes | next free space, 4 bytes | number of entries, 4 bytes
///
///   key    space_catalog | "entry" | space, 4 bytes big-endian
///   value  format 5 | name, counted | number of spaces, varint | 4 bytes each | text, counted
///
///   key    space_catalog | "past" | sequence, 8 bytes big-endian
///   value  format 5 | value of the header, counted | number of entries, varint
///          | value of each entry, counted
///
/// A past version is the catalog as it was before the commit `sequence`, which changed it. It is
/// kept as long as the journal holds a commit before that one.
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

/// One version of the catalog as a whole.
struct Version {
    Header header;
    std::vector<Entry> entries;  ///< by the spaces of their rows or documents, ascending
};
[[nodiscard]] Version version_of(const Catalog& catalog);
[[nodiscard]] Buffer encode(const Version& version);
/// Throws as `decode_entry`.
[[nodiscard]] Version decode_version(Bytes value);
/// Throws `corrupt` if the parts make no catalog.
[[nodiscard]] std::shared_ptr<const Catalog> catalog_of(const Version& version);

/// Under which the catalog as it was before the commit `changed_by` is kept.
[[nodiscard]] Buffer past_key(Sequence changed_by);
/// The commit that ended this past version; none if `key` is that of no past version.
[[nodiscard]] std::optional<Sequence> changed_by(Bytes key) noexcept;

/// The keys of the whole catalog, past versions included: [lower, upper).
[[nodiscard]] Buffer keys_lower();
[[nodiscard]] Buffer keys_upper();

/// The definition of these entries, with their spaces. Throws `corrupt` if they make none.
[[nodiscard]] Definition definition_of(const std::vector<Entry>& entries);

}  // namespace amphora::catalog::stored
