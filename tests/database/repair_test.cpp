// Which directories a repair writes to, and which not.

#include "database/shop.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>

namespace amphora::shop {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;

void make_without_journal(const std::string& path) {
    {
        Database db = Database::open(path, schema);
        db.write([](Transaction& tx) { add_customer(tx, "kim"); });
        db.close();
    }
    fs::remove_all(path + "/journal");
}

std::set<std::string> names_in(const std::string& directory) {
    std::set<std::string> names;
    for (const auto& entry : fs::directory_iterator{directory}) {
        names.insert(entry.path().filename().string());
    }
    return names;
}

/// Not even the missing folder is made in it: a dry run must not change what an opening reports
/// about the database, or what another tool makes of it.
TEST(Repair, WritesNothingIntoTheDamagedDirectory) {
    const Directory directory;
    make_without_journal(directory.database());
    const auto before = names_in(directory.database());
    const RepairReport report = Database::repair_directory(directory.database());
    EXPECT_THAT(report.findings, Not(IsEmpty()));
    EXPECT_EQ(report.rows, 1u);
    EXPECT_EQ(names_in(directory.database()), before);
    EXPECT_THAT(names_in(directory.path()), ElementsAre("shop.amphora"));
}

/// What was committed after the last readable commit is lost. Its sequence is not given to another
/// commit.
TEST(Repair, ALostCommitIsNotTakenForALaterOne) {
    const Directory directory;
    make_without_journal(directory.database());
    ASSERT_TRUE(Database::repair_directory(directory.database(), RepairMode::apply).applied);
    Database db = Database::open(directory.database(), schema);
    const Commit next = db.write([](Transaction& tx) { add_customer(tx, "lee"); });
    EXPECT_TRUE(db.wait(next));
    for (std::uint64_t epoch = 1; epoch < 10; ++epoch) {
        try {
            db.wait({.epoch = Epoch{epoch}, .sequence = next.sequence});
            ADD_FAILURE() << "epoch " << epoch;
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), ErrorCode::commit_lost);
        }
    }
}

/// The working directory is the database, and the path is ".": the repaired one is still made next
/// to it, not inside under a name that begins with a dot.
TEST(Repair, AWorkingDirectoryIsRepairedNextToIt) {
    const Directory directory;
    make_without_journal(directory.database());
    const fs::path before = fs::current_path();
    fs::current_path(directory.database());
    const RepairReport report = Database::repair_directory(".", RepairMode::apply);
    fs::current_path(before);
    EXPECT_TRUE(report.applied);
    EXPECT_THAT(names_in(directory.path()), ElementsAre("shop.amphora", "shop.amphora.damaged"));
    EXPECT_THAT(names_in(directory.database() + ".damaged"),
                ElementsAre("IDENTITY", "LIVE", "LOCK", "OBSERVERS", "documents", "relational"));
    const Database db = Database::open(directory.database());
    EXPECT_EQ(count(db.snapshot().scan(customers)), 1u);
}

/// One byte is damaged in a row of nine megabytes. Its hexadecimal digits, twice as many bytes, are
/// more than a document holds, and the whole repair once failed because of that.
TEST(Repair, ALargeRowGoesIntoQuarantineToo) {
    const Directory directory;
    const Schema files{"files", "CREATE TABLE files (id BIGINT PRIMARY KEY, content BLOB);"};
    const std::string large(9u << 20, 'x');
    {
        Database db = Database::open(directory.database(), files);
        db.write([&](Transaction& tx) {
            tx.insert(Table{"files"}, Record{{"id", 1}, {"content", Blob{large}}});
            tx.insert(Table{"files"}, Record{{"id", 2}, {"content", Blob{"small"}}});
        });
        db.close();
    }
    fs::remove_all(directory.database() + "/journal");
    const std::string store = directory.database() + "/relational/data.mdb";
    {
        std::stringstream text;
        text << std::ifstream{store, std::ios::binary}.rdbuf();
        const std::size_t found = text.str().find(large);
        ASSERT_NE(found, std::string::npos);
        std::fstream file{store, std::ios::binary | std::ios::in | std::ios::out};
        file.seekp(static_cast<std::streamoff>(found + large.size() / 2));
        file.put('y');
    }
    const RepairReport report = Database::repair_directory(directory.database(), RepairMode::apply);
    EXPECT_EQ(report.rows_quarantined, 1u);
    EXPECT_EQ(report.rows, 1u);
    std::ifstream lines{report.quarantine_path};
    std::string line;
    ASSERT_TRUE(std::getline(lines, line));
    EXPECT_GT(line.size(), 2 * large.size());
    EXPECT_THAT(line.substr(0, 200),
                testing::HasSubstr(R"("store": "relational", "name": "files")"));
    EXPECT_TRUE(line.ends_with(R"("})"));
}

}  // namespace
}  // namespace amphora::shop
