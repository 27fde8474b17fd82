// A directory is moved, or something else is put in its place, while the database is open. The
// process continues with the directory that it opened, wherever it is, and never touches another.

#include "pitfalls/world.hpp"

#include <fstream>
#include <map>
#include <sstream>

namespace amphora::pitfalls {
namespace {

namespace fs = std::filesystem;
using ::testing::AnyOf;
using ::testing::StartsWith;

std::map<std::string, std::string> files_below(const std::string& directory) {
    std::map<std::string, std::string> files;
    for (const auto& entry : fs::recursive_directory_iterator(directory)) {
        if (!entry.is_regular_file()) continue;
        std::ostringstream bytes;
        bytes << std::ifstream{entry.path(), std::ios::binary}.rdbuf();
        files[entry.path().lexically_relative(directory).string()] = std::move(bytes).str();
    }
    return files;
}

class Moved : public ::testing::Test {
  protected:
    Directory directory;
    std::string here = directory.database();
    std::string there = directory.path() + "/elsewhere.amphora";
};

/// Segments are made and recycled, table files written and removed: all in the directory's new
/// place.
TEST_F(Moved, TheHandleGoesWithTheDirectory) {
    {
        Database db = Database::open(here, schema, small_options());
        sign_up_many(db, "early", 50);
        fs::rename(here, there);
        sign_up_many(db, "late", 150);
        const Statistics statistics = db.statistics();
        EXPECT_GT(number(statistics.journal.recycled), 0u);
        for (const TreeReport& tree : statistics.trees) EXPECT_EQ(tree.health, "ok") << tree.name;
        db.compact();
        expect_whole(db, 200);
        EXPECT_FALSE(fs::exists(here));
        EXPECT_THAT(error_of_opening(there), StartsWith("in_use"));
    }
    expect_whole(Database::open(there, schema), 200);
}

/// The dangerous case: another database takes the place, with files of the same names. By path
/// RocksDB would write its tables over the other's.
TEST_F(Moved, WhatTakesItsPlaceIsLeftAlone) {
    {
        Database db = Database::open(here, schema, small_options());
        sign_up_many(db, "early", 50);
        fs::rename(here, there);
        { Database other = Database::open(here, schema, small_options()); }
        const auto before = files_below(here);
        sign_up_many(db, "late", 150);
        db.compact();
        db.close();
        EXPECT_TRUE(files_below(here) == before) << "the other database has changed";
    }
    expect_whole(Database::open(there, schema), 200);
    expect_whole(Database::open(here, schema), 0);
}

/// Both are open and at work, each in its own directory, though both were opened by one path.
TEST_F(Moved, TwoDatabasesOfOnePathStayTwo) {
    {
        Database first = Database::open(here, schema, small_options());
        sign_up_many(first, "first", 20);
        fs::rename(here, there);
        Database second = Database::open(here, schema, small_options());
        for (int i = 0; i < 6; ++i) {
            sign_up_many(first, "a" + std::to_string(i) + ".", 20);
            sign_up_many(second, "b" + std::to_string(i) + ".", 15);
        }
        expect_whole(first, 140);
        expect_whole(second, 90);
    }
    expect_whole(Database::open(there, schema), 140);
    expect_whole(Database::open(here, schema), 90);
}

/// A backup is of the directory that was opened, not of what is now under its old name.
TEST_F(Moved, ABackupIsOfTheSameDatabase) {
    const std::string backup = directory.path() + "/backup";
    const std::string archive = directory.path() + "/archive";
    Database db = Database::open(here, schema, small_options());
    sign_up_many(db, "early", 50);
    fs::rename(here, there);
    { Database other = Database::open(here, schema, small_options()); }
    sign_up_many(db, "late", 50);
    db.backup(backup);
    static_cast<void>(db.archive(archive));
    Options looking;
    looking.mode = OpenMode::read_only;
    expect_whole(Database::open(backup, schema, looking), 100);
}

/// Daemons open what they need by short names and then go to the root directory.
TEST_F(Moved, TheWorkingDirectoryMayChange) {
    const fs::path before = fs::current_path();
    fs::current_path(directory.path());
    {
        Database db = Database::open("shop.amphora", schema, small_options());
        sign_up_many(db, "early", 20);
        fs::current_path("/");
        sign_up_many(db, "late", 200);
        expect_whole(db, 220);
    }
    fs::current_path(before);
    expect_whole(Database::open(here, schema), 220);
}

/// The directory is deleted under the database. Commits acknowledged meanwhile are lost with it, as
/// requested; but the process gets a named error, and ends in good order.
TEST_F(Moved, ADeletedDirectoryIsNamed) {
    Database db = Database::open(here, schema, small_options());
    sign_up_many(db, "early", 20);
    const Snapshot snapshot = db.snapshot();
    std::error_code busy;  // the database removes files of its own meanwhile
    for (int i = 0; i < 1000 && fs::exists(here); ++i) fs::remove_all(here, busy);
    ASSERT_FALSE(fs::exists(here));
    std::string error;
    for (int i = 0; i < 2000 && error.empty(); ++i) {
        error = error_of([&] { sign_up(db, "late" + std::to_string(i), 2000); });
    }
    EXPECT_THAT(error, AnyOf(StartsWith("io_error"), StartsWith("outbox_full"),
                             StartsWith("documents_stalled"), StartsWith("needs_reopen")));
    EXPECT_EQ(count(snapshot.scan(customers)), 20u);
}

}  // namespace
}  // namespace amphora::pitfalls
