#include "tree/rocks/disk/last_compaction.hpp"
#include "support/random.hpp"
#include "tree/scratch.hpp"
#include "tree/trees.hpp"

#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>

#include <gmock/gmock.h>

#include <filesystem>
#include <set>
#include <string>

namespace amphora::rocks {
namespace {

using Cause = LastCompaction::Cause;

/// A RocksDB of which half of the entries are removed, and which compacts nothing by itself.
class LastCompactionTest : public ::testing::Test {
  protected:
    void SetUp() override {
        database_ = OpenedDatabase::open(place_.path() + "/tree", tree::OpenMode::create,
                                         tree::testing::restless_rocks());
        database_->inside([](rocksdb::DB& rocks) {
            ASSERT_TRUE(rocks.SetOptions({{"disable_auto_compactions", "true"}}).ok());
        });
        for (int each = 0; each < entries; ++each) {
            std::string value(1000, '\0');
            for (char& byte : value) byte = static_cast<char>(random_());  // cannot be compressed
            write([&](rocksdb::WriteBatch& batch) { return batch.Put(key(each), value); });
        }
        flush();
        for (int each = 0; each < entries; each += 2) {
            write([&](rocksdb::WriteBatch& batch) { return batch.Delete(key(each)); });
        }
        flush();
    }
    static std::string key(int number) { return "key " + std::to_string(100'000 + number); }
    template <class Fill>
    void write(const Fill& fill) {
        rocksdb::WriteBatch batch;
        rocksdb::WriteOptions options;
        options.disableWAL = true;
        ASSERT_TRUE(fill(batch).ok());
        database_->inside(
            [&](rocksdb::DB& rocks) { ASSERT_TRUE(rocks.Write(options, &batch).ok()); });
    }
    void flush() {
        database_->inside(
            [](rocksdb::DB& rocks) { ASSERT_TRUE(rocks.Flush(rocksdb::FlushOptions{}).ok()); });
    }
    [[nodiscard]] std::set<std::string> table_files() const {
        std::set<std::string> found;
        for (const auto& file : std::filesystem::directory_iterator(place_.path() + "/tree")) {
            if (file.path().extension() == ".sst") found.insert(file.path().filename());
        }
        return found;
    }
    [[nodiscard]] std::uint64_t table_bytes() const {
        return database_->property("rocksdb.live-sst-files-size");
    }
    [[nodiscard]] int entries_found() const {
        int found = 0;
        std::string value;
        for (int each = 0; each < entries; ++each) {
            found += database_->inside([&](rocksdb::DB& rocks) {
                return rocks.Get(rocksdb::ReadOptions{}, key(each), &value).ok();
            });
        }
        return found;
    }

    static constexpr int entries = 1000;
    static constexpr std::uint64_t room_bytes = 200'000;

    std::shared_ptr<OpenedDatabase> database_;
    std::uint64_t asked_ = 0;

  private:
    support::ScratchDirectory place_;
    support::Random random_;
};

/// The room ends before all remaining entries are written. The attempt leaves no file, nothing has
/// failed, and another attempt is made only if it may succeed.
TEST_F(LastCompactionTest, IsCalledOffWhereTheRoomEnds) {
    LastCompaction compaction(*database_, 1u << 30, [&](std::uint64_t bytes) {
        asked_ += bytes;
        return asked_ <= room_bytes;
    });
    const std::set<std::string> files = table_files();
    const std::uint64_t bytes = table_bytes();
    EXPECT_FALSE(compaction.run(Cause::refused, room_bytes));
    EXPECT_GT(asked_, room_bytes);
    EXPECT_LT(asked_, room_bytes + 3 * WatchedFiles::piece_bytes);
    EXPECT_EQ(table_files(), files);
    EXPECT_EQ(table_bytes(), bytes);
    EXPECT_EQ(database_->errors().latched(), std::nullopt);
    EXPECT_EQ(entries_found(), entries / 2);

    asked_ = 0;
    EXPECT_FALSE(compaction.run(Cause::delivered, room_bytes));
    EXPECT_EQ(asked_, 0u) << "nothing has changed";
    asked_ = 0;
    EXPECT_FALSE(compaction.run(Cause::delivered, 2 * room_bytes));
    EXPECT_GT(asked_, room_bytes) << "there was more room";
}

/// There is room for the remaining half of the entries: it is written, and the space of the removed
/// ones is given back.
TEST_F(LastCompactionTest, NeedsRoomOnlyForWhatIsLeft) {
    const std::uint64_t before = table_bytes();
    LastCompaction compaction(*database_, 1u << 30, [&](std::uint64_t bytes) {
        asked_ += bytes;
        return asked_ <= before / 5 * 3;
    });
    EXPECT_TRUE(compaction.run(Cause::delivered, before / 5 * 3));
    EXPECT_LT(table_bytes(), before / 5 * 3);
    EXPECT_EQ(entries_found(), entries / 2);
    EXPECT_FALSE(compaction.run(Cause::refused, before)) << "nothing is removed any more";
}

/// Of a large tree only the files with many removals are compacted.
TEST_F(LastCompactionTest, LeavesTheRestOfALargeTreeAlone) {
    database_->inside([](rocksdb::DB& rocks) {
        rocksdb::CompactRangeOptions all;
        all.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForce;
        ASSERT_TRUE(rocks.CompactRange(all, nullptr, nullptr).ok());
    });
    const std::uint64_t before = table_bytes();
    for (int each = 1; each < entries / 10; each += 2) {
        write([&](rocksdb::WriteBatch& batch) { return batch.Delete(key(each)); });
    }
    flush();
    LastCompaction compaction(*database_, 1, [&](std::uint64_t bytes) {
        asked_ += bytes;
        return true;
    });
    EXPECT_FALSE(compaction.run(Cause::delivered, before)) << "too little was removed";
    EXPECT_TRUE(compaction.run(Cause::refused, before));
    EXPECT_LT(asked_, before / 2);
    EXPECT_LT(table_bytes(), before / 20 * 19);
    EXPECT_EQ(entries_found(), entries / 2 - entries / 20);
}

}  // namespace
}  // namespace amphora::rocks
