#pragma once

#include "base/bytes.hpp"
#include "tree/lmdb/space_digest.hpp"
#include "tree/own_space.hpp"
#include "tree/tree.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

/// What can still be read from a damaged file, page by page and without LMDB.
///
/// First the tree is walked from its root as far as its branches lead. If a page on the way cannot
/// be read, what hung below it is looked for among all pages that were neither reached nor are
/// free: nobody else can have left them. Where the list of free pages is damaged, too, that cannot
/// be told, and pages of the past are left alone. Every entry is believed for its checksum.
namespace amphora::lmdb {

struct Salvaged {
    std::optional<tree::MarkRecord> mark;  ///< none: it was not among what could be read
    std::uint64_t entries = 0;
    std::uint64_t pages_lost = 0;    ///< that the tree named and that could not be read
    std::uint64_t pages_found = 0;   ///< leaves that were found outside the tree
    SpaceDigests digests;            ///< what each space held at the mark; not of all where damaged
    std::vector<std::string> notes;  ///< what is wrong with pages, for people; the first hundred
};

struct SalvageVisitor {
    /// An entry of the tree whose checksum matches; not the tree's own.
    std::function<void(Bytes key, Bytes value)> entry;
    /// One that was found beside the tree. Where the tree has the key, too, the tree is right.
    std::function<void(Bytes key, Bytes value)> beside;
    /// One whose checksum does not: `stored` is what was in the place of its value.
    std::function<void(Bytes key, Bytes stored)> damaged;
};

/// What the spaces of a new tree hold, to be compared with `Salvaged::digests`.
[[nodiscard]] SpaceDigests count_spaces(const tree::ReadView& view);

/// Throws `corrupt` if neither of the two roots can be read, `io_error`.
[[nodiscard]] Salvaged salvage(const std::string& directory, const SalvageVisitor& visitor);

}  // namespace amphora::lmdb
