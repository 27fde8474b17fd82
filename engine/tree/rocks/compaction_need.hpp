#pragma once

#include "tree/rocks/opened_database.hpp"

#include <cstdint>

namespace amphora::rocks {

/// What a compaction that RocksDB chooses by itself takes of the disk, at most, as the table files
/// are now: a copy of what it merges. That is either all of the first level and of the next one
/// that has files, or one file and what it overlaps further down. Walks the list of table files.
[[nodiscard]] std::uint64_t next_compaction_bytes(const OpenedDatabase& database,
                                                  std::uint64_t table_file_bytes);

}  // namespace amphora::rocks
