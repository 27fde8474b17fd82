#pragma once

#include <rocksdb/options.h>

#include <cstdint>

/// The only place that makes RocksDB's ReadOptions: for views, check, salvage and the mark. A test
/// of the pitfalls (R15) fails if another file makes its own.
namespace amphora::rocks {

/// Whether blocks that are read replace others in the cache. A walk over the whole tree would
/// replace everything else.
enum class BlockCaching : std::uint8_t { keep, pass_by };

/// Checksums are always verified.
[[nodiscard]] rocksdb::ReadOptions reading_options(BlockCaching caching);

}  // namespace amphora::rocks
