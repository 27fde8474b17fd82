// What check finds that no single part can find in itself.

#include "base/file.hpp"
#include "base/identity_file.hpp"
#include "database/damaged_shop.hpp"
#include "tree/rocks/rocks_tree.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace amphora::shop {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

/// Removes entries from the document tree in a way that no part can notice: no journal contains it,
/// the mark is unchanged, every file is valid.
void take_out(const std::string& database, const std::string& text) {
    const Identity identity = read_identity(operating_system_files(), database)->identity;
    const auto tree =
        rocks::open_rocks(database + "/documents", identity, tree::OpenMode::read_write);
    std::vector<Buffer> keys;
    const auto view = tree->view();
    const auto cursor = view->cursor();
    for (cursor->seek({}); cursor->valid(); cursor->next()) {
        const bool meant =
            cursor->value().find(text) != Bytes::npos || cursor->key().find(text) != Bytes::npos;
        if (meant) keys.emplace_back(cursor->key());
    }
    std::vector<tree::Change> changes;
    changes.reserve(keys.size());
    for (const Buffer& key : keys) changes.push_back({.key = key, .value = std::nullopt});
    tree->apply(changes, tree->delivered());
    tree->hold();
}

/// A document and its entries are missing together, so everything that is left is consistent. Only
/// the journal still has them, and a deep check compares with it.
TEST(Check, ADeepCheckAsksTheJournal) {
    const Directory directory;
    {
        Database db = Database::open(directory.database(), schema);
        db.write([](Transaction& tx) {
            const auto customer = add_customer(tx, "kim");
            tx.insert(visits, {{"_id", "the one"}, {"customer_id", customer}});
            tx.insert(visits, {{"_id", "another"}, {"customer_id", customer}});
        });
        db.close();
    }
    EXPECT_THAT(Database::check_directory(directory.database(), CheckDepth::deep).findings,
                IsEmpty());
    take_out(directory.database(), "the one");
    EXPECT_THAT(Database::check_directory(directory.database()).findings, IsEmpty());
    const CheckReport deep = Database::check_directory(directory.database(), CheckDepth::deep);
    ASSERT_FALSE(deep.findings.empty());
    EXPECT_THAT(deep.findings.front(), HasSubstr("is not as commit"));

    const RepairReport repaired =
        Database::repair_directory(directory.database(), RepairMode::apply);
    EXPECT_TRUE(repaired.applied);
    const Database db = Database::open(directory.database());
    EXPECT_EQ(count(db.snapshot().scan(visits)), 2u);
}

class CheckOfDamage : public DamagedShop {};

/// A page of the relational store is damaged. LMDB trusts the numbers in its pages, and a wrong one
/// would end the process: nothing is read through LMDB, and so nothing is counted.
TEST_F(CheckOfDamage, NothingIsReadThroughDamagedPages) {
    {
        Database db = Database::open(path(), schema);
        db.write([](Transaction& tx) { add_visitor(tx, 1); });
        db.close();
    }
    EXPECT_EQ(Database::check_directory(path()).rows, 1u);
    flip_in_all(name_of(1), 0);
    const CheckReport report = Database::check_directory(path());
    EXPECT_FALSE(report.findings.empty());
    EXPECT_EQ(report.rows, 0u);
    EXPECT_EQ(report.documents, 0u);
}

/// While others read and write, with commits in memory that no tree has yet.
TEST(Check, ALiveDatabaseIsSound) {
    const Directory directory;
    Database db = Database::open(directory.database(), schema);
    db.write([](Transaction& tx) { add_customer(tx, "kim"); });
    EXPECT_THAT(db.check().findings, IsEmpty());
}

}  // namespace
}  // namespace amphora::shop
