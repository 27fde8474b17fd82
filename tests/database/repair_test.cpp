// Where a repair writes, and where it does not.

#include "database/shop.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <set>

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

/// Not even the folder that is missing is made in it: what an opening says of the database, and
/// what somebody else's tool makes of it, must not change by looking.
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

/// Somebody stands in the directory and says ".": the repaired one is made beside it all the same,
/// not inside under a name that begins with a dot.
TEST(Repair, TheDirectoryThatSomebodyStandsInIsRepairedBesideIt) {
    const Directory directory;
    make_without_journal(directory.database());
    const fs::path before = fs::current_path();
    fs::current_path(directory.database());
    const RepairReport report = Database::repair_directory(".", RepairMode::apply);
    fs::current_path(before);
    EXPECT_TRUE(report.applied);
    EXPECT_THAT(names_in(directory.path()), ElementsAre("shop.amphora", "shop.amphora.damaged"));
    EXPECT_THAT(names_in(directory.database() + ".damaged"),
                ElementsAre("IDENTITY", "LOCK", "documents", "relational"));
    const Database db = Database::open(directory.database());
    EXPECT_EQ(count(db.snapshot().scan(customers)), 1u);
}

}  // namespace
}  // namespace amphora::shop
