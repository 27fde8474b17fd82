#pragma once

#include <rocksdb/file_system.h>

#include <cstdint>
#include <memory>

/// The offset in a table file at which the last read began: after a seek that failed it is the
/// block that cannot be read.
///
/// RocksDB's public interface does not tell where a block begins or which keys it holds. Its reads
/// do: each key belongs to one block, and a seek that fails has read that block last.
namespace amphora::rocks {

struct LastRead {
    std::uint64_t offset = 0;
};

/// The operating system's file system, which notes every read of a table file in `place`. For one
/// thread.
[[nodiscard]] std::shared_ptr<rocksdb::FileSystem> noting_files(std::shared_ptr<LastRead> place);

}  // namespace amphora::rocks
