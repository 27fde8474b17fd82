// The messages that a new user reads after a mistake: each says what, where and what to do.

#include "database/shop.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

namespace amphora::shop {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;

class MessagesTest : public testing::Test {
  protected:
    Options logged() {
        return {.log = [this](const std::string& line) { log_.push_back(line); }};
    }

    Directory directory_;
    std::vector<std::string> log_;
};

/// Every path that a caller may have left empty.
TEST_F(MessagesTest, AnEmptyPathIsNamed) {
    const std::string database = "the path of the database is empty; name a directory";
    const auto code = ErrorCode::invalid_argument;
    EXPECT_EQ(message_of(code, [] { (void)Database::open("", schema); }), database);
    EXPECT_EQ(message_of(code, [] { (void)Database::open(""); }), database);
    EXPECT_EQ(message_of(code, [] { (void)Database::check_directory(""); }), database);
    EXPECT_EQ(message_of(code, [] { Database::repair_directory(""); }), database);
    EXPECT_EQ(message_of(code, [] { Database::compact_directory(""); }), database);
    EXPECT_EQ(message_of(code, [] { Database::restore("", "there"); }),
              "the path of the backup is empty; name a directory");
    EXPECT_EQ(message_of(code, [] { (void)Database::archived(""); }),
              "the path of the archive is empty; name a directory");
    const Database db = Database::temporary(schema);
    EXPECT_EQ(message_of(code, [&] { db.backup(""); }),
              "the path of the backup is empty; name a directory");
    EXPECT_EQ(message_of(code, [&] { db.archive(""); }),
              "the path of the archive is empty; name a directory");
}

TEST_F(MessagesTest, AMissingParentIsNamed) {
    const std::string parent = directory_ / "nowhere";
    EXPECT_EQ(
        message_of(ErrorCode::io_error, [&] { (void)Database::open(parent + "/db", schema); }),
        "making the directory " + parent + "/db: there is no directory " + parent +
            "; make it first");
}

/// A database that was just made or restored is not reported as interrupted.
TEST_F(MessagesTest, ANewOrRestoredDatabaseWasNotInterrupted) {
    const auto expect_clean = [&](const std::string& path) {
        log_.clear();
        Database db = Database::open(path, schema, logged());
        EXPECT_TRUE(db.statistics().recovery.closed_cleanly) << path;
        EXPECT_THAT(log_, Contains(HasSubstr("opened " + path)));
        EXPECT_THAT(log_, Not(Contains(HasSubstr("was not closed"))));
        return db;
    };
    const std::string path = directory_.database();
    Database db = expect_clean(path);
    db.write([](Transaction& tx) { add_customer(tx, "kim"); });
    db.backup(directory_ / "monday");
    {
        Options options = logged();
        options.mode = OpenMode::read_only;
        const Database copy = Database::open(directory_ / "monday", options);
        EXPECT_TRUE(copy.statistics().recovery.closed_cleanly);
    }
    Database::restore(directory_ / "monday", directory_ / "restored");
    static_cast<void>(expect_clean(directory_ / "restored"));
    db.close();
    static_cast<void>(expect_clean(path));
}

/// A database that was killed is still reported as interrupted.
TEST_F(MessagesTest, AnInterruptedDatabaseSaysSo) {
    const std::string copy = directory_ / "copy";
    {
        Database db = Database::open(directory_.database(), schema);
        db.write([](Transaction& tx) { add_customer(tx, "kim"); });
        std::filesystem::copy(directory_.database(), copy,
                              std::filesystem::copy_options::recursive);
    }
    const Database db = Database::open(copy, schema, logged());
    EXPECT_FALSE(db.statistics().recovery.closed_cleanly);
    EXPECT_THAT(log_, Contains(HasSubstr("was not closed")));
}

/// An empty directory becomes the backup, as it becomes a database. Any other existing path is
/// refused.
TEST_F(MessagesTest, AnEmptyDirectoryBecomesTheBackup) {
    Database db = Database::open(directory_.database(), schema);
    db.write([](Transaction& tx) { add_customer(tx, "kim"); });
    const std::string empty = directory_ / "empty";
    std::filesystem::create_directory(empty);
    db.backup(empty);
    std::filesystem::create_directory(directory_ / "new");
    Database::restore(empty, directory_ / "new");
    EXPECT_EQ(count(Database::open(directory_ / "new").snapshot().scan(customers)), 1u);
    EXPECT_THAT(message_of(ErrorCode::invalid_argument, [&] { db.backup(empty); }),
                HasSubstr("is there already"));
}

/// An error about an unknown name lists the names that exist.
TEST_F(MessagesTest, AnUnknownNameIsAnsweredWithTheNamesThatThereAre) {
    Database db = Database::temporary(schema);
    db.write([&](Transaction& tx) {
        add_customer(tx, "kim");
        const std::string columns = "it has customer_id, name, email, spent";
        EXPECT_EQ(message_of(ErrorCode::no_such_column,
                             [&] { (void)tx.scan(customers, where("nmae") == 1); }),
                  "table customers has no column nmae; " + columns);
        EXPECT_THAT(message_of(ErrorCode::no_such_column,
                               [&] {
                                   tx.insert(customers, Record{{"nmae", "lee"}});
                               }),
                    AllOf(HasSubstr("nmae"), HasSubstr(columns)));
        EXPECT_THAT(message_of(ErrorCode::no_such_column,
                               [&] {
                                   for (const RowView& row : tx.scan(customers)) (void)row["nmae"];
                               }),
                    AllOf(HasSubstr("nmae"), HasSubstr(columns)));
        EXPECT_EQ(message_of(ErrorCode::no_such_index,
                             [&] { (void)tx.scan(customers, {}, {.index = "by_email"}); }),
                  "table customers has no index by_email; it has PRIMARY, customers_by_email");
        EXPECT_EQ(message_of(ErrorCode::no_such_index,
                             [&] {
                                 (void)tx.find(UniqueIndex{"customers", "by_email"}, {"kim"});
                             }),
                  "table customers has no index by_email; it has PRIMARY, customers_by_email");
        EXPECT_EQ(message_of(ErrorCode::no_such_table, [&] { (void)tx.scan(Table{"clients"}); }),
                  "there is no table clients; there are customers");
        EXPECT_EQ(message_of(ErrorCode::no_such_table, [&] { (void)tx.scan(Collection{"visit"}); }),
                  "there is no collection visit; there are visits");
    });
}

/// An error about a filter that is no JSON shows the correct JSON.
TEST_F(MessagesTest, AFilterWithoutQuotesIsToldOfThem) {
    const Database db = Database::temporary(schema);
    EXPECT_EQ(message_of(ErrorCode::malformed_json,
                         [&] { (void)db.snapshot().find(visits, "{user_id: 1}"); }),
              "JSON line 1, column 2: the name user_id without double quotes; write \"user_id\"");
    EXPECT_THAT(message_of(ErrorCode::malformed_json,
                           [&] { (void)db.snapshot().find(visits, "{'user_id': 1}"); }),
                HasSubstr("a single quote; write names and texts in double quotes"));
}

}  // namespace
}  // namespace amphora::shop
