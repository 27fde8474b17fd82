#pragma once

#include "base/bytes.hpp"
#include "tree/rocks/salvage/gap.hpp"
#include "tree/rocks/salvage/last_read.hpp"

#include <rocksdb/env.h>
#include <rocksdb/sst_file_reader.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace amphora::rocks {

/// Reads one table file to its end, over blocks that cannot be read.
///
/// The last key of such a block is searched by halving the distance between a key in the block and
/// the end of the file, with keys taken as numbers. A key is in the block if and only if a seek to
/// it fails while it reads that block. So the keys of the block are one run, and damage of other
/// blocks does not confuse the search. The block may be a data block or a block of the index.
class TableSalvage {
  public:
    /// `path` of a table file.
    TableSalvage(const std::string& directory, std::string file);

    /// Calls `entry` for every readable key, with the newest value that this file has for it; not
    /// for keys that the file removes. All keys of the file are in [smallest, largest].
    void run(Bytes smallest, Bytes largest,
             const std::function<void(Bytes key, Bytes value)>& entry,
             const std::function<void(Gap)>& gap);

  private:
    enum class Seek : std::uint8_t { arrived, failed };
    Seek seek(Bytes key);
    /// After a failed seek to `inside`: moves the iterator to the first readable key after the
    /// block.
    void step_over(Bytes inside, Bytes largest);
    /// The first key, of at most as many bytes as `high`, that is not in the block that begins at
    /// `block`. `low` is in it, `high` is not.
    [[nodiscard]] Buffer end_of_block(Buffer low, Buffer high, std::uint64_t block);
    std::string file_;
    std::shared_ptr<LastRead> place_ = std::make_shared<LastRead>();
    std::unique_ptr<rocksdb::Env> environment_;
    std::unique_ptr<rocksdb::SstFileReader> reader_;
    std::string does_not_open_;  ///< the reason; empty if it opens
    std::unique_ptr<rocksdb::Iterator> entry_;
    std::size_t longest_ = 0;  ///< bytes of the longest key that was read
};

}  // namespace amphora::rocks
