#pragma once

#include "base/log.hpp"

#include <rocksdb/file_system.h>

#include <memory>
#include <string>

namespace amphora::rocks {

/// The file system for a read-only opening of the tree in `directory`. If a power cut left its
/// manifest with an unfinished record, which an opening for writing would cut off, then here the
/// file ends before it, and not a byte on the disk changes: whoever looks at a database after a
/// power cut is not told that it is damaged. Says so to `log`. Throws `io_error`.
[[nodiscard]] std::shared_ptr<rocksdb::FileSystem> read_only_files(const std::string& directory,
                                                                   const Log& log);

}  // namespace amphora::rocks
