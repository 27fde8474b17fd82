#pragma once

#include "base/bytes.hpp"
#include "tree/rocks/salvage/salvage.hpp"
#include "tree/rocks/salvage/table_salvage.hpp"

#include <rocksdb/db.h>

#include <cstdint>
#include <string>
#include <vector>

namespace amphora::rocks {

/// Walks a tree in which some blocks of table files cannot be read.
///
/// An iterator over the whole tree does not help: one damaged block of one file stops it for the
/// entries of all files. So each file is read by itself (TableSalvage), and each key that is found
/// is looked up in the tree. A look-up searches the files from the newest to the oldest, and skips
/// a file whose filter does not have the key. So it succeeds if the damage does not concern the
/// key, and then its result is the newest one.
class SalvageWalk {
  public:
    /// `unfiltered`: the same tree, opened without filters, for entries that only a damaged filter
    /// hides; may be null. `directory`: of the table files.
    SalvageWalk(rocksdb::DB& database, rocksdb::DB* unfiltered, std::string directory,
                const SalvageVisitor& visitor);

    void run();

    [[nodiscard]] std::uint64_t entries() const noexcept { return entries_; }
    [[nodiscard]] const std::vector<Gap>& gaps() const noexcept { return gaps_; }

  private:
    struct TableFile {
        std::string name;
        Buffer smallest;
        Buffer largest;
    };
    void find_gaps();
    /// Whether the iterator reached the end.
    bool walk_whole();
    void walk_by_files();
    void look_up(Bytes key, Bytes value);
    /// A table file of a later version is no damage.
    void require_readable(const rocksdb::Status& status) const;

    rocksdb::DB& database_;
    rocksdb::DB* unfiltered_;
    std::string directory_;
    const SalvageVisitor& visitor_;
    std::vector<TableFile> files_;  ///< the oldest first
    std::uint64_t entries_ = 0;
    std::vector<Gap> gaps_;
};

}  // namespace amphora::rocks
