#pragma once

#include "base/bytes.hpp"
#include "tree/own_space.hpp"
#include "tree/rocks/opened_database.hpp"

#include <rocksdb/options.h>
#include <rocksdb/slice.h>

#include <optional>
#include <string_view>

/// Where the tree's mark lies in RocksDB, and how everything is written there.
namespace amphora::rocks {

[[nodiscard]] inline rocksdb::Slice to_slice(Bytes bytes) {
    return {bytes.data(), bytes.size()};
}

/// The journal replays what is lost.
[[nodiscard]] rocksdb::WriteOptions without_log();

/// As readers of `tier` see it.
[[nodiscard]] std::optional<Buffer> find_mark_record(const OpenedDatabase& database,
                                                     rocksdb::ReadTier tier);
void write_mark_record(const OpenedDatabase& database, const tree::MarkRecord& record,
                       std::string_view doing);

}  // namespace amphora::rocks
