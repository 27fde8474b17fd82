#pragma once

#include <rocksdb/options.h>

#include <cstdint>

/// The one place that makes RocksDB's ReadOptions: for views, check, salvage and the mark. A test
/// of the pitfalls (R15) fails when another file makes its own.
namespace amphora::rocks {

/// Whether the blocks that are read take the place of others in the cache. A walk over the whole
/// tree would drive everything else out.
enum class BlockCaching : std::uint8_t { keep, pass_by };

/// Checksums are always verified.
[[nodiscard]] rocksdb::ReadOptions reading_options(BlockCaching caching);

}  // namespace amphora::rocks
