#include "tree/rocks/database/rocks_options.hpp"

namespace amphora::rocks {

RocksOptions rocks_profile(RocksProfile profile) {
    RocksOptions options;
    switch (profile) {
        case RocksProfile::edge:
            options.memory_bytes = 8ull << 20;
            options.memtable_bytes = 2ull << 20;
            options.memtables_max = 2;
            options.table_bytes = 4ull << 20;
            options.background_jobs = 2;
            options.open_files_max = 64;
            options.reserve_bytes = 8ull << 20;
            break;
        case RocksProfile::desktop:
            break;
        case RocksProfile::bench:
            options.memory_bytes = 512ull << 20;
            options.memtable_bytes = 64ull << 20;
            options.memtables_max = 4;
            options.table_bytes = 64ull << 20;
            options.open_files_max = 1024;
            break;
    }
    return options;
}

}  // namespace amphora::rocks
