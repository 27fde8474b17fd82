#include "tree/rocks/mark_record.hpp"

#include "tree/rocks/database/reading_options.hpp"
#include "tree/rocks/environment/status.hpp"

namespace amphora::rocks {

rocksdb::WriteOptions without_log() {
    rocksdb::WriteOptions options;
    options.disableWAL = true;
    options.sync = false;
    options.no_slowdown = false;
    return options;
}

std::optional<Buffer> find_mark_record(const OpenedDatabase& database, rocksdb::ReadTier tier) {
    rocksdb::ReadOptions options = reading_options(BlockCaching::keep);
    options.read_tier = tier;
    Buffer record;
    const rocksdb::Status status = database.inside([&](rocksdb::DB& rocks) {
        return rocks.Get(options, rocks.DefaultColumnFamily(), to_slice(tree::mark_key), &record);
    });
    if (status.IsNotFound()) return std::nullopt;
    throw_if_failed(status, "reading the mark", database.path());
    return record;
}

void write_mark_record(const OpenedDatabase& database, const tree::MarkRecord& record,
                       std::string_view doing) {
    const Buffer text = encode(record);  // allocated here, outside of RocksDB
    throw_if_failed(database.inside([&](rocksdb::DB& rocks) {
        return rocks.Put(without_log(), to_slice(tree::mark_key), text);
    }),
                    doing, database.path());
}

}  // namespace amphora::rocks
