#pragma once

#include "base/bytes.hpp"
#include "tree/mark_record.hpp"
#include "tree/rocks/database/rocks_options.hpp"
#include "tree/rocks/salvage/gap.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

/// Everything that can still be read from a damaged document tree.
///
/// A block that does not verify loses its own keys and no others. An entry that another file has
/// under such a key may be older than the one in the block. If the tree cannot tell, the entry is
/// called doubtful.
///
/// If the tree does not open, these are tried, one after the other:
///   - opening it without the files that are missing or cut;
///   - a copy with a new CURRENT;
///   - a copy whose list of table files is made again from the files (RocksDB's RepairDB; it drops
///     whole files that have a damaged block, and takes files that compaction had already replaced
///     for valid ones; therefore the report mentions it).
namespace amphora::rocks {

struct Salvaged {
    std::optional<tree::MarkRecord> mark;  ///< none: it was not in the readable part
    std::uint64_t entries = 0;
    bool list_made_again = false;    ///< by RepairDB
    std::vector<Gap> gaps;           ///< keys that could not be read
    std::vector<std::string> notes;  ///< problems of the tree as a whole
};

struct SalvageVisitor {
    /// The newest entry under a key, which may come more than once; not the tree's own.
    std::function<void(Bytes key, Bytes value)> entry;
    /// An entry that was perhaps replaced or removed by one that cannot be read. Of several under
    /// one key the last is the newest.
    std::function<void(Bytes key, Bytes value)> doubtful;
};

/// Writes only into `scratch`, a directory that may be missing, on the same file system. Throws
/// `io_error`, `newer_format`, and `corrupt` if nothing can be read.
[[nodiscard]] Salvaged salvage(const std::string& directory, const std::string& scratch,
                               const RocksOptions& options, const SalvageVisitor& visitor);

}  // namespace amphora::rocks
