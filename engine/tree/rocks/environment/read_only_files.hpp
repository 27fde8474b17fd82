#pragma once

#include "base/log.hpp"

#include <rocksdb/file_system.h>

#include <memory>
#include <string>

namespace amphora::rocks {

/// The file system for a read-only opening of the tree in `directory`. If a power cut left its
/// manifest with an unfinished record, which an opening for writing would cut off, then the file
/// ends before that record here, and no byte on the disk changes. So a reader after a power cut is
/// not told that the database is damaged. Reports this to `log`. Throws `io_error`.
[[nodiscard]] std::shared_ptr<rocksdb::FileSystem> read_only_files(const std::string& directory,
                                                                   const Log& log);

}  // namespace amphora::rocks
