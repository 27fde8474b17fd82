#include "tree/rocks/database/settings.hpp"

#include <rocksdb/cache.h>
#include <rocksdb/convenience.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/table.h>
#include <rocksdb/utilities/table_properties_collectors.h>
#include <rocksdb/write_buffer_manager.h>

#include <algorithm>

namespace amphora::rocks {

namespace {

constexpr int levels = 7;
constexpr std::size_t deletions_window = 128;  ///< entries in a row, half of them removals

bool lz4_supported() {
    const auto supported = rocksdb::GetSupportedCompressions();
    return std::find(supported.begin(), supported.end(), rocksdb::kLZ4Compression) !=
           supported.end();
}

/// Settings that keep the prefix property: what survives a crash is a prefix of the applies.
void set_prefix_of_applies(rocksdb::Options& settings) {
    settings.atomic_flush = false;  // one column family needs none
    settings.two_write_queues = false;
    settings.unordered_write = false;
    settings.enable_pipelined_write = false;
    settings.allow_concurrent_memtable_write = false;  // one writer
    settings.inplace_update_support = false;
    settings.allow_ingest_behind = false;
    settings.avoid_flush_during_shutdown = false;  // nothing is left to replay after a clean close
    settings.avoid_flush_during_recovery = false;
    settings.best_efforts_recovery = false;
    settings.merge_operator = nullptr;
    settings.compaction_filter = nullptr;
    settings.compaction_filter_factory = nullptr;
}

/// RocksDB has no log; the journal is its log.
void set_no_log(rocksdb::Options& settings) {
    settings.manual_wal_flush = false;
    settings.wal_compression = rocksdb::kNoCompression;
    settings.track_and_verify_wals_in_manifest = false;
    settings.recycle_log_file_num = 0;
    settings.WAL_ttl_seconds = 0;
    settings.WAL_size_limit_MB = 0;
    settings.max_total_wal_size = 0;
    settings.wal_bytes_per_sync = 0;
    settings.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
}

void set_memory(rocksdb::Options& settings, const RocksOptions& options) {
    const int shard_bits = options.memory_bytes >= (64ull << 20) ? 4 : 1;
    const std::shared_ptr<rocksdb::Cache> cache =
        rocksdb::NewLRUCache(options.memory_bytes, shard_bits, false, 0.5);
    // Memtables are charged to the cache: as they grow, blocks are evicted, and the sum stays
    // within the budget.
    const std::uint64_t memtables = options.memtable_bytes * options.memtables_max;
    settings.write_buffer_manager = std::make_shared<rocksdb::WriteBufferManager>(
        std::min(memtables, options.memory_bytes * 3 / 4), cache);
    settings.write_buffer_size = options.memtable_bytes;
    settings.max_write_buffer_number = static_cast<int>(options.memtables_max);
    settings.min_write_buffer_number_to_merge = 1;
    settings.max_write_buffer_size_to_maintain = 0;
    settings.max_write_buffer_number_to_maintain = 0;
    settings.memtable_huge_page_size = 0;
    settings.memtable_prefix_bloom_size_ratio = 0;
    settings.memtable_whole_key_filtering = false;
    settings.row_cache = nullptr;

    rocksdb::BlockBasedTableOptions table;
    table.block_cache = cache;
    table.no_block_cache = false;
    table.block_size = 8 << 10;
    table.format_version = 5;
    table.checksum = rocksdb::kXXH3;
    table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10, false));
    table.whole_key_filtering = true;
    table.index_type = rocksdb::BlockBasedTableOptions::kTwoLevelIndexSearch;
    table.partition_filters = true;
    table.metadata_block_size = 4096;
    table.cache_index_and_filter_blocks = true;
    table.cache_index_and_filter_blocks_with_high_priority = true;
    table.pin_l0_filter_and_index_blocks_in_cache = true;
    table.pin_top_level_index_and_filter = true;
    table.detect_filter_construct_corruption = true;
    table.verify_compression = false;
    settings.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
    settings.prefix_extractor = nullptr;  // under one, a reverse scan can miss keys
}

void set_levels(rocksdb::Options& settings, const RocksOptions& options) {
    const auto compression = lz4_supported() ? rocksdb::kLZ4Compression : rocksdb::kNoCompression;
    settings.compression = compression;
    settings.bottommost_compression = compression;
    settings.num_levels = levels;
    settings.compression_per_level.assign(levels, compression);
    settings.compression_per_level[0] = rocksdb::kNoCompression;  // soon rewritten
    settings.compaction_style = rocksdb::kCompactionStyleLevel;
    settings.compaction_pri = rocksdb::kMinOverlappingRatio;
    settings.level_compaction_dynamic_level_bytes = true;
    settings.target_file_size_base = options.table_bytes;
    settings.target_file_size_multiplier = 1;
    settings.max_bytes_for_level_base = 4 * std::max(options.table_bytes, options.memtable_bytes);
    settings.max_bytes_for_level_multiplier = 10;
    settings.level0_file_num_compaction_trigger = 4;
    settings.level0_slowdown_writes_trigger = 20;
    settings.level0_stop_writes_trigger = 36;
    settings.disable_auto_compactions = false;
    settings.ttl = 0;
    settings.periodic_compaction_seconds = 0;
    settings.enable_blob_files = false;
    // A file with mostly removals is compacted soon, so that the removed entries give their room
    // back; otherwise that would wait until as much more is written.
    settings.table_properties_collector_factories.push_back(
        rocksdb::NewCompactOnDeletionCollectorFactory(deletions_window, deletions_window / 2));
}

/// Few threads, few files, and few writes that nobody reads.
void set_housekeeping(rocksdb::Options& settings, const RocksOptions& options) {
    settings.max_background_jobs = static_cast<int>(options.background_jobs);
    settings.max_background_flushes = -1;
    settings.max_background_compactions = -1;
    settings.max_subcompactions = 1;
    settings.max_open_files = static_cast<int>(options.open_files_max);
    settings.table_cache_numshardbits = 2;
    settings.keep_log_file_num = 1;
    settings.max_log_file_size = 1 << 20;
    settings.log_file_time_to_roll = 0;
    settings.max_manifest_file_size = 8 << 20;
    settings.manifest_preallocation_size = 64 << 10;
    settings.allow_fallocate = false;  // preallocation would fill a disk early
    settings.allow_mmap_reads = false;
    settings.allow_mmap_writes = false;
    settings.use_direct_reads = false;
    settings.use_direct_io_for_flush_and_compaction = false;
    settings.use_fsync = false;
    settings.bytes_per_sync = 1 << 20;  // many small write-backs instead of one long one
    settings.strict_bytes_per_sync = false;
    settings.compaction_readahead_size = 2 << 20;
    settings.stats_dump_period_sec = 0;
    settings.stats_persist_period_sec = 0;
    settings.persist_stats_to_disk = false;
    settings.enable_thread_tracking = false;
    settings.avoid_unnecessary_blocking_io = true;
    // Reads the properties of at most twenty tables. Without them an opened tree knows neither its
    // number of entries nor where deletions wait for a compaction.
    settings.skip_stats_update_on_db_open = false;
    settings.statistics = nullptr;
}

void set_suspicion(rocksdb::Options& settings) {
    settings.paranoid_checks = true;
    settings.force_consistency_checks = true;
    settings.verify_sst_unique_id_in_manifest = true;
    settings.skip_checking_sst_file_sizes_on_db_open = false;
    settings.flush_verify_memtable_count = true;
    settings.fail_if_options_file_error = false;  // that file is for people
    // The relay drives recovery from a failed flush or compaction, with its own back-off.
    settings.max_bgerror_resume_count = 0;
}

}  // namespace

rocksdb::Options to_settings(const RocksOptions& options) {
    rocksdb::Options settings;
    settings.comparator = rocksdb::BytewiseComparator();
    set_prefix_of_applies(settings);
    set_no_log(settings);
    set_memory(settings, options);
    set_levels(settings, options);
    set_housekeeping(settings, options);
    set_suspicion(settings);
    return settings;
}

}  // namespace amphora::rocks
