#pragma once

#include "tree/rocks/database/rocks_options.hpp"

#include <rocksdb/options.h>

/// Every option of RocksDB on which the document tree relies, set explicitly: the defaults are made
/// for servers and change between releases.
namespace amphora::rocks {

/// Without logger and listener, which belong to one database.
[[nodiscard]] rocksdb::Options to_settings(const RocksOptions& options);

}  // namespace amphora::rocks
