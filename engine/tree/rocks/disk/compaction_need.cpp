#include "tree/rocks/disk/compaction_need.hpp"

#include <rocksdb/metadata.h>

#include <algorithm>
#include <optional>

namespace amphora::rocks {

std::uint64_t next_compaction_bytes(const OpenedDatabase& database,
                                    std::uint64_t table_file_bytes) {
    rocksdb::ColumnFamilyMetaData all;
    database.inside([&](rocksdb::DB& rocks) { rocks.GetColumnFamilyMetaData(&all); });
    std::uint64_t most = 0;
    std::optional<std::uint64_t> upper;
    bool is_first = true;  // all of the first level is merged at once
    for (const rocksdb::LevelMetaData& level : all.levels) {
        if (level.files.empty()) continue;
        const std::uint64_t both = upper.value_or(0) + level.size;
        const std::uint64_t one_file = table_files_merged * table_file_bytes;
        most = std::max(most, is_first ? both : std::min(both, one_file));
        is_first = !upper && level.level == 0;
        upper = level.size;
    }
    return most;
}

}  // namespace amphora::rocks
