#pragma once

#include "base/bytes.hpp"
#include "tree/mark_record.hpp"
#include "tree/rocks/database/opened_database.hpp"

#include <rocksdb/options.h>
#include <rocksdb/slice.h>

#include <optional>
#include <string_view>

/// The key of the tree's mark in RocksDB, and the options of every write.
namespace amphora::rocks {

[[nodiscard]] inline rocksdb::Slice to_slice(Bytes bytes) {
    return {bytes.data(), bytes.size()};
}

/// Without RocksDB's log: the journal replays what is lost.
[[nodiscard]] rocksdb::WriteOptions without_log();

/// The record as readers of `tier` see it.
[[nodiscard]] std::optional<Buffer> find_mark_record(const OpenedDatabase& database,
                                                     rocksdb::ReadTier tier);
void write_mark_record(const OpenedDatabase& database, const tree::MarkRecord& record,
                       std::string_view doing);

}  // namespace amphora::rocks
