#pragma once

#include "tree/rocks/rocks_tree.hpp"

#include <rocksdb/options.h>

/// Every option of RocksDB's that the document tree relies on, said aloud: its defaults are made
/// for servers and change between releases.
namespace amphora::rocks {

/// Without logger and listener, which belong to one database.
[[nodiscard]] rocksdb::Options to_settings(const RocksOptions& options);

}  // namespace amphora::rocks
