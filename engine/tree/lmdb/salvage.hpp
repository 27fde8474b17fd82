#pragma once

#include "base/bytes.hpp"
#include "tree/lmdb/space_digest.hpp"
#include "tree/mark_record.hpp"
#include "tree/tree.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

/// Everything that can still be read from a damaged file, page by page and without LMDB.
///
/// First the tree is walked from its root as far as its branches lead. If a page cannot be read,
/// the pages below it are searched among all pages that were neither reached nor are free: only
/// this tree can have left them. If the list of free pages is damaged, too, this is unknown, and
/// the unreached pages are ignored, because they may be old. Every entry is trusted only if its
/// checksum matches.
namespace amphora::lmdb {

struct Salvaged {
    std::optional<tree::MarkRecord> mark;  ///< none: it was not in the readable part
    std::uint64_t entries = 0;
    std::uint64_t pages_lost = 0;    ///< that the tree names and that could not be read
    std::uint64_t pages_found = 0;   ///< leaves that were found outside the tree
    SpaceDigests digests;            ///< what each space held at the mark; incomplete after damage
    std::vector<std::string> notes;  ///< problems of pages, for people; the first hundred
};

struct SalvageVisitor {
    /// An entry of the tree whose checksum matches; not the tree's own.
    std::function<void(Bytes key, Bytes value)> entry;
    /// One that was found outside of the tree. If the tree has the key, too, the tree is right.
    std::function<void(Bytes key, Bytes value)> stray;
    /// One whose checksum does not match: `stored` is the bytes in the place of its value.
    std::function<void(Bytes key, Bytes stored)> damaged;
};

/// The contents of each space of a new tree, to be compared with `Salvaged::digests`.
[[nodiscard]] SpaceDigests count_spaces(const tree::ReadView& view);

/// Throws `io_error`, and `corrupt` if neither of the two roots can be read.
[[nodiscard]] Salvaged salvage(const std::string& directory, const SalvageVisitor& visitor);

}  // namespace amphora::lmdb
