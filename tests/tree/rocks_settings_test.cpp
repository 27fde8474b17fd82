#include "tree/tree_fixture.hpp"

#include <gmock/gmock.h>

#include <fstream>

namespace amphora::tree::testing {
namespace {

/// The options as RocksDB itself wrote them to a file when it opened.
std::map<std::string, std::string> written_options(const std::string& directory) {
    std::string newest;
    for (const auto& entry : std::filesystem::directory_iterator(directory)) {
        const std::string name = entry.path().filename();
        if (name.starts_with("OPTIONS-")) newest = std::max(newest, name);
    }
    std::ifstream file(directory + "/" + newest);
    std::map<std::string, std::string> options;
    std::string section;
    for (std::string line; std::getline(file, line);) {
        const std::size_t begin = line.find_first_not_of(" \t");
        if (begin == std::string::npos) continue;
        line.erase(0, begin);
        if (line.front() == '[') {
            if (line.starts_with("[CFOptions")) options["column families"] += "x";
            section = line;
            continue;
        }
        const std::size_t equals = line.find('=');
        if (equals != std::string::npos) options[line.substr(0, equals)] = line.substr(equals + 1);
    }
    return options;
}

/// Every setting on which the tree's promises depend is in force in the database, whatever the
/// library's defaults are.
TEST(RocksSettings, AreInForceInTheDatabase) {
    ScratchDirectory scratch;
    const auto tree = rocks::open_rocks(scratch / "tree", identity_of(7), OpenMode::create,
                                        rocks::rocks_profile(rocks::RocksProfile::edge));
    const auto options = written_options(scratch / "tree");
    const std::map<std::string, std::string> expected{
        // What survives a crash is a prefix of the applies.
        {"column families", "x"},
        {"atomic_flush", "false"},
        {"unordered_write", "false"},
        {"enable_pipelined_write", "false"},
        {"two_write_queues", "false"},
        {"allow_concurrent_memtable_write", "false"},
        {"inplace_update_support", "false"},
        {"merge_operator", "nullptr"},
        {"compaction_filter", "nullptr"},
        {"compaction_filter_factory", "nullptr"},
        {"comparator", "leveldb.BytewiseComparator"},
        {"allow_ingest_behind", "false"},
        // The journal is the log.
        {"manual_wal_flush", "false"},
        {"wal_compression", "kNoCompression"},
        {"track_and_verify_wals_in_manifest", "false"},
        // Memory, threads, files.
        {"write_buffer_size", "2097152"},
        {"max_write_buffer_number", "2"},
        {"max_background_jobs", "2"},
        {"max_open_files", "64"},
        {"stats_dump_period_sec", "0"},
        {"stats_persist_period_sec", "0"},
        {"allow_fallocate", "false"},
        {"keep_log_file_num", "1"},
        {"ttl", "0"},
        {"periodic_compaction_seconds", "0"},
        // Reads.
        {"prefix_extractor", "nullptr"},
        {"whole_key_filtering", "true"},
        {"filter_policy", "bloomfilter:10:false"},
        {"index_type", "kTwoLevelIndexSearch"},
        {"partition_filters", "true"},
        {"cache_index_and_filter_blocks", "true"},
        {"checksum", "kXXH3"},
        {"allow_mmap_reads", "false"},
        // Checks.
        {"paranoid_checks", "true"},
        {"force_consistency_checks", "true"},
        {"max_bgerror_resume_count", "0"},
        {"level_compaction_dynamic_level_bytes", "true"},
    };
    for (const auto& [name, value] : expected) {
        const auto found = options.find(name);
        ASSERT_NE(found, options.end()) << name;
        EXPECT_EQ(found->second, value) << name;
    }
}

/// RocksDB writes no log file of its own, which would stop the process on a full disk, no
/// write-ahead log with contents, and no other large file.
TEST(RocksSettings, LeaveNoLogsBehind) {
    ScratchDirectory scratch;
    for (const OpenMode mode : {OpenMode::create, OpenMode::read_write, OpenMode::read_write}) {
        const auto tree = open_tree(Kind::rocks, scratch / "tree", mode);
        const std::uint64_t from = number(tree->delivered().sequence);
        for (std::uint64_t i = 1; i <= 50; ++i) apply(*tree, random_batch(1, from + i), from + i);
    }
    for (const auto& entry : std::filesystem::directory_iterator(scratch / "tree")) {
        const std::string name = entry.path().filename();
        EXPECT_THAT(name, ::testing::Not(::testing::StartsWith("LOG"))) << name;
        EXPECT_TRUE(!name.ends_with(".log") || entry.file_size() == 0) << name;
        EXPECT_LT(entry.file_size(), 4u << 20) << name;
    }
}

/// A damaged block is refused by every reader, and `check` names the file.
TEST(RocksDamage, FlippedByteIsFoundByEveryReader) {
    ScratchDirectory scratch;
    const std::string directory = scratch / "tree";
    Batch batch;
    for (int i = 0; i < 2000; ++i) batch.put(key_in(16, std::to_string(i)), Buffer(100, 'v'));
    {
        const auto tree = rocks::open_rocks(directory, identity_of(7), OpenMode::create);
        apply(*tree, batch, 1);
        tree->hold();
    }
    std::filesystem::path largest;
    for (const auto& entry : std::filesystem::directory_iterator(directory)) {
        if (entry.path().extension() != ".sst") continue;
        if (largest.empty() || entry.file_size() > std::filesystem::file_size(largest)) {
            largest = entry.path();
        }
    }
    {
        std::fstream file(largest, std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(static_cast<std::streamoff>(std::filesystem::file_size(largest) / 2));
        file.put('\x55');
    }
    const auto tree = rocks::open_rocks(directory, identity_of(7), OpenMode::read_write);
    const auto view = tree->view();
    EXPECT_EQ(code_of([&] { contents(*view); }), ErrorCode::corrupt);
    int refused = 0;
    Buffer room;
    for (int i = 0; i < 2000; ++i) {
        const auto error =
            code_of([&] { static_cast<void>(view->find(key_in(16, std::to_string(i)), room)); });
        if (!error) continue;
        ++refused;
        EXPECT_EQ(error, ErrorCode::corrupt);
    }
    EXPECT_GT(refused, 0);
    EXPECT_LT(refused, 200);
    EXPECT_THAT(check(*tree),
                ::testing::Contains(::testing::HasSubstr(largest.filename().string())));
}

/// The filter saves look-ups of missing keys from reading the disk, and memory stays in its budget.
TEST(RocksSettings, MemoryStaysInItsBudget) {
    ScratchDirectory scratch;
    rocks::RocksOptions options = rocks::rocks_profile(rocks::RocksProfile::edge);
    const auto tree =
        rocks::open_rocks(scratch / "tree", identity_of(7), OpenMode::create, options);
    Dice dice(3);
    for (std::uint64_t sequence = 1; sequence <= 20; ++sequence) {
        Batch batch;
        for (int i = 0; i < 1000; ++i) {
            Buffer value(400, '\0');
            for (char& byte : value) byte = static_cast<char>(dice.roll());
            batch.put(key_in(16, std::to_string(dice.below(1000000))), value);
        }
        apply(*tree, batch, sequence);
    }
    contents(*tree->view());
    EXPECT_LE(tree->statistics().bytes_memory, options.memory_bytes * 3 / 2);
}

}  // namespace
}  // namespace amphora::tree::testing
