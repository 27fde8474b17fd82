#pragma once

#include "tree/rocks/database/opened_database.hpp"

#include <cstdint>

namespace amphora::rocks {

/// The most that the next compaction which RocksDB chooses by itself can use of the disk: a copy of
/// what it merges. It merges either all of the first level and of the next one that has files, or
/// one file and those that it overlaps on the next level. Walks the list of table files.
[[nodiscard]] std::uint64_t next_compaction_bytes(const OpenedDatabase& database,
                                                  std::uint64_t table_file_bytes);

}  // namespace amphora::rocks
