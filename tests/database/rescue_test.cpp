// A rescue of a database that cannot be opened any more shows what is left of it, changes no byte,
// and reports what is missing.

#include "database/shop.hpp"
#include "support/read_file.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <functional>
#include <regex>

namespace amphora::shop {
namespace {

namespace fs = std::filesystem;

constexpr int customers_count = 60;

/// A database that was killed: everything that was ever written is in the journal, in several
/// segments, and if `delivered` both trees hold the first commits.
class RescueTest : public testing::Test {
  protected:
    enum class First { delivered, pending };

    void make(First first) {
        Options options;
        options.seal_age_ms = 3'600'000;
        options.segment_bytes = 128 * 1024;
        options.journal_bytes_max = 64ull << 20;
        Database db = Database::open(directory_.path() + "/living", schema, options);
        for (int number = 0; number < customers_count; ++number) {
            const Commit commit = db.write([&](Transaction& tx) {
                const auto id = add_customer(tx, "c" + std::to_string(number));
                tx.insert(visits, {{"customer_id", id}, {"note", std::string(4000, 'x')}});
            });
            if (number != customers_count / 3 || first != First::delivered) continue;
            db.wait(commit);
            db.compact();  // and the documents are in files
        }
        // As after a crash.
        fs::copy(db.path(), path(), fs::copy_options::recursive);
    }
    [[nodiscard]] std::string path() const { return directory_.database(); }

    [[nodiscard]] std::vector<std::string> segments() const {
        std::vector<std::string> found;
        for (const auto& file : fs::directory_iterator(path() + "/journal")) {
            found.push_back(file.path());
        }
        std::sort(found.begin(), found.end());
        return found;
    }
    static void flip(const std::string& file, std::uint64_t at) {
        std::fstream bytes{file, std::ios::in | std::ios::out | std::ios::binary};
        bytes.seekg(static_cast<std::streamoff>(at));
        const char byte = static_cast<char>(bytes.get() ^ 0x10);
        bytes.seekp(static_cast<std::streamoff>(at));
        bytes.put(byte);
    }
    [[nodiscard]] Database rescue() const {
        Options options;
        options.mode = OpenMode::rescue;
        return Database::open(path(), schema, options);
    }
    [[nodiscard]] std::optional<ErrorCode> code_of_opening() const {
        return code_of([&] { static_cast<void>(Database::open(path(), schema)); });
    }
    [[nodiscard]] std::string contents() const {
        std::string all;
        for (const auto& entry : fs::recursive_directory_iterator(path())) {
            const std::string name = entry.path().filename();
            if (!entry.is_regular_file() || name == "LOCK" || name == "lock.mdb") continue;
            all += name + support::read_file(entry.path());
        }
        return all;
    }

    Directory directory_;
};

/// Rows and documents of the same first commits, each complete.
void expect_first_commits(const Database& db, std::size_t& there) {
    const Snapshot now = db.snapshot();
    there = count(now.scan(customers));
    EXPECT_EQ(count(now.scan(visits)), there);
    for (std::size_t number = 0; number < there; ++number) {
        const auto row =
            now.find(customers_by_email, {"c" + std::to_string(number) + "@example.com"});
        ASSERT_TRUE(row.has_value()) << number;
        const auto id = (*row)["customer_id"].as<std::int64_t>();
        EXPECT_EQ(count(now.find(visits, Document{{"customer_id", id}})), 1u);
    }
}

/// A bit was flipped in the middle of the journal. Everything up to the last good commit is shown,
/// and the report names the place of the damage.
TEST_F(RescueTest, ShowsEverythingUpToTheLastGoodCommit) {
    for (const First first : {First::delivered, First::pending}) {
        make(first);
        const auto files = segments();
        ASSERT_GE(files.size(), 3u);
        const std::string& damaged = files[files.size() / 2];
        flip(damaged, 30'000);
        EXPECT_EQ(code_of_opening(), ErrorCode::corrupt);

        const std::string before = contents();
        {
            Database db = rescue();
            std::size_t there = 0;
            expect_first_commits(db, there);
            EXPECT_GT(there, 10u);
            EXPECT_LT(there, static_cast<std::size_t>(customers_count));
            const auto& left_out = db.statistics().recovery.left_out;
            ASSERT_FALSE(left_out.empty());
            EXPECT_THAT(left_out.front(),
                        testing::HasSubstr(fs::path{damaged}.filename().string() + ", offset"));
            // The first commit was the schema's. Segments are reused in any order, so the damaged
            // one may hold less than the trees do.
            std::smatch last_good;
            ASSERT_TRUE(std::regex_search(left_out.front(), last_good,
                                          std::regex{"last good commit is ([0-9]+);"}));
            const std::size_t in_trees = first == First::delivered ? customers_count / 3 + 2 : 0;
            EXPECT_EQ(there + 1, std::max<std::size_t>(std::stoul(last_good[1]), in_trees));
            EXPECT_EQ(code_of([&] { static_cast<void>(db.begin()); }), ErrorCode::read_only);
        }
        EXPECT_EQ(contents(), before);
        fs::remove_all(path());
        fs::remove_all(directory_.path() + "/living");
    }
}

/// The header of a segment in the middle is lost: what was committed before the gap is shown.
TEST_F(RescueTest, StopsAtAGapInTheJournal) {
    make(First::pending);
    const auto files = segments();
    const std::string& damaged = files[files.size() / 2];
    flip(damaged, 100);
    flip(damaged, 4096 + 100);
    EXPECT_EQ(code_of_opening(), ErrorCode::corrupt);
    Database db = rescue();
    std::size_t there = 0;
    expect_first_commits(db, there);
    EXPECT_GT(there, 10u);
    EXPECT_LT(there, static_cast<std::size_t>(customers_count));
    EXPECT_FALSE(db.statistics().recovery.left_out.empty());
}

/// The document store is lost or damaged. All rows are shown; and of the documents those that the
/// journal still holds, if it holds all of them.
TEST_F(RescueTest, ShowsTheRowsWithoutTheDocuments) {
    int written = 0;
    const auto write_ten = [&] {
        Database db = Database::open(path(), schema);
        for (const int end = written + 10; written < end; ++written) {
            db.write([&](Transaction& tx) {
                const auto id = add_customer(tx, "c" + std::to_string(written));
                tx.insert(visits, {{"customer_id", id}, {"note", "x"}});
            });
        }
    };
    const auto expect_without = [&](const std::function<void()>& damage, int documents) {
        fs::rename(path() + "/documents", directory_.path() + "/kept");
        damage();
        static_cast<void>(code_of_opening());
        {
            Database db = rescue();
            const Snapshot now = db.snapshot();
            EXPECT_EQ(count(now.scan(customers)), static_cast<std::size_t>(written));
            EXPECT_TRUE(now.find(customers_by_email, {"c7@example.com"}).has_value());
            EXPECT_EQ(count(now.scan(visits)), static_cast<std::size_t>(documents));
            EXPECT_THAT(db.statistics().recovery.left_out,
                        testing::Contains(testing::HasSubstr("documents")));
        }
        fs::remove_all(path() + "/documents");
        fs::rename(directory_.path() + "/kept", path() + "/documents");
    };
    const auto missing = [] {};
    const auto damaged = [&] {
        fs::copy(directory_.path() + "/kept", path() + "/documents");
        fs::resize_file(path() + "/documents/CURRENT", 0);
    };
    write_ten();
    expect_without(missing, written);
    // The journal recycles what both stores hold at an opening.
    write_ten();
    expect_without(missing, 0);
    expect_without(damaged, 0);

    Database db = Database::open(path(), schema);
    EXPECT_EQ(count(db.snapshot().scan(visits)), static_cast<std::size_t>(written));
}

/// The whole journal is lost: both stores are shown as they were delivered.
TEST_F(RescueTest, ShowsTheStoresWithoutTheJournal) {
    make(First::delivered);
    for (const std::string& file : segments()) fs::remove(file);
    EXPECT_EQ(code_of_opening(), ErrorCode::corrupt);
    Database db = rescue();
    std::size_t there = 0;
    expect_first_commits(db, there);
    EXPECT_EQ(there, static_cast<std::size_t>(customers_count / 3 + 1));
    EXPECT_FALSE(db.statistics().recovery.left_out.empty());
}

/// A database that needs no rescue is shown completely, and nothing is reported as missing.
TEST_F(RescueTest, FindsNothingMissingWhereNothingIs) {
    make(First::pending);
    Database db = rescue();
    std::size_t there = 0;
    expect_first_commits(db, there);
    EXPECT_EQ(there, static_cast<std::size_t>(customers_count));
    EXPECT_TRUE(db.statistics().recovery.left_out.empty());
}

/// An opening for reading takes everything that is pending into memory, and asks no tree to take
/// it.
TEST_F(RescueTest, ReadOnlyNeedsNoRoomInTheTrees) {
    make(First::pending);
    Options options;
    options.mode = OpenMode::read_only;
    options.pending_bytes_max = 64 * 1024;
    options.commit_bytes_max = 16 * 1024;
    options.segment_bytes = 64 * 1024;
    std::string log;
    options.log = [&](const std::string& line) { log += line + "\n"; };
    {
        Database db = Database::open(path(), schema, options);
        EXPECT_EQ(count(db.snapshot().scan(visits)), static_cast<std::size_t>(customers_count));
    }
    EXPECT_EQ(log.find("fail"), std::string::npos) << log;
}

}  // namespace
}  // namespace amphora::shop
