#pragma once

#include "base/bytes.hpp"
#include "tree/own_space.hpp"
#include "tree/rocks/gap.hpp"
#include "tree/rocks/rocks_tree.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

/// What can still be read from a damaged document tree.
///
/// A block that does not verify takes its own keys with it and no others. What another file has
/// under such a key may be older than what the block had: where the tree cannot tell, the entry is
/// called doubtful.
///
/// Where the tree does not open, this is tried, one after the other:
///   - opening it without the files that are missing or cut;
///   - a copy with a new CURRENT;
///   - a copy whose list of table files is made again from the files (RocksDB's RepairDB; it drops
///     whole files that have a damaged block, and takes files that compaction had already replaced
///     for valid ones, which is why the report says so).
namespace amphora::rocks {

struct Salvaged {
    std::optional<tree::MarkRecord> mark;  ///< none: it was not among what could be read
    std::uint64_t entries = 0;
    bool list_made_again = false;    ///< by RepairDB
    std::vector<Gap> gaps;           ///< keys that could not be read
    std::vector<std::string> notes;  ///< what was wrong with the tree as a whole
};

struct SalvageVisitor {
    /// The newest entry under a key, which may come more than once; not the tree's own.
    std::function<void(Bytes key, Bytes value)> entry;
    /// One that was replaced or removed by something that cannot be read, or was not. Of several
    /// under one key the last is the newest.
    std::function<void(Bytes key, Bytes value)> doubtful;
};

/// Writes into `scratch` only, a directory that may be missing and lies on the same file system.
/// Throws `corrupt` if nothing can be read, `io_error`, `newer_format`.
[[nodiscard]] Salvaged salvage(const std::string& directory, const std::string& scratch,
                               const RocksOptions& options, const SalvageVisitor& visitor);

}  // namespace amphora::rocks
