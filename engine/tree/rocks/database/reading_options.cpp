#include "tree/rocks/database/reading_options.hpp"

namespace amphora::rocks {

rocksdb::ReadOptions reading_options(BlockCaching caching) {
    constexpr bool verify_checksums = true;
    rocksdb::ReadOptions options(verify_checksums, caching == BlockCaching::keep);
    options.async_io = false;
    // The tree has no range deletions. Without this option RocksDB 7.8 puts a sentinel for them at
    // the end of each file of a level. If the first block of a file does not verify, a scan takes
    // the sentinel for the next key, and the file is left out without an error.
    options.ignore_range_deletions = true;
    return options;
}

}  // namespace amphora::rocks
