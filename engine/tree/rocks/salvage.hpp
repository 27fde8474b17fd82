#pragma once

#include "base/bytes.hpp"
#include "tree/own_space.hpp"
#include "tree/rocks/rocks_tree.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

/// What can still be read from a damaged document tree.
///
/// A block that does not verify takes the keys between its neighbours with it, in all table files:
/// what another file has under one of them may be older than what the block had.
///
/// Where the tree does not open, because its list of table files is damaged or a file is missing,
/// a copy of it is made: first with a new CURRENT, if only that was wrong, then with the list made
/// again from the table files (RocksDB's RepairDB; it drops whole files that have a damaged block,
/// which is why it is not asked first, and takes files that compaction had already replaced for
/// valid ones, which is why the report says so).
namespace amphora::rocks {

struct Salvaged {
    std::optional<tree::MarkRecord> mark;  ///< none: it was not among what could be read
    std::uint64_t entries = 0;
    bool list_made_again = false;     ///< by RepairDB
    std::vector<std::string> losses;  ///< for people; the first hundred
};

/// Calls `visit` for every entry, in the order of keys, but for the tree's own. Writes into
/// `scratch` only, a directory that may be missing and lies on the same file system. Throws
/// `corrupt` if nothing can be read, `io_error`.
[[nodiscard]] Salvaged salvage(const std::string& directory, const std::string& scratch,
                               const RocksOptions& options,
                               const std::function<void(Bytes key, Bytes value)>& visit);

}  // namespace amphora::rocks
