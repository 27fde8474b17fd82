#pragma once

#include "base/bytes.hpp"
#include "tree/rocks/gap.hpp"
#include "tree/rocks/read_place.hpp"

#include <rocksdb/env.h>
#include <rocksdb/sst_file_reader.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace amphora::rocks {

/// Reads one table file to its end, over blocks that cannot be read.
///
/// The block's last key is searched: by halving the distance between a key in the block and the
/// end of the file, keys taken as numbers. A key lies in the block if and only if a seek to it
/// fails while it reads that block, so the keys of the block are one run and no other block
/// confuses the search, whatever is wrong with it. The block may be one of data, or of the index.
class TableSalvage {
  public:
    /// `path` of a table file.
    TableSalvage(const std::string& directory, std::string file);

    /// Calls `entry` for every key that can be read, with the newest value that this file has for
    /// it; not for keys that the file removes. All keys of the file are in [smallest, largest].
    void run(Bytes smallest, Bytes largest,
             const std::function<void(Bytes key, Bytes value)>& entry,
             const std::function<void(Gap)>& gap);

  private:
    enum class Seek : std::uint8_t { arrived, failed };
    Seek seek(Bytes key);
    /// After a failed seek to `inside`: puts the iterator on the first readable key after it.
    void step_over(Bytes inside, Bytes largest);
    /// `low` lies in the block that begins at `block`, `high` does not.
    [[nodiscard]] Buffer end_of_block(Buffer low, Buffer high, std::uint64_t block);
    std::string file_;
    std::shared_ptr<ReadPlace> place_ = std::make_shared<ReadPlace>();
    std::unique_ptr<rocksdb::Env> environment_;
    std::unique_ptr<rocksdb::SstFileReader> reader_;
    std::string does_not_open_;  ///< the reason; empty if it does
    std::unique_ptr<rocksdb::Iterator> entry_;
    std::size_t longest_ = 0;  ///< bytes of the longest key that was read
};

}  // namespace amphora::rocks
