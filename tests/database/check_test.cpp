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

class CheckOfDamage : public DamagedShop {
  protected:
    void SetUp() override {
        Database db = Database::open(path(), schema);
        db.write([](Transaction& tx) { add_visitor(tx, 1); });
        db.close();
        age_journal();
        const CheckReport report = Database::check_directory(path());
        ASSERT_EQ(report.rows, 1u);
        ASSERT_EQ(report.documents, 1u);
    }
    /// The first byte of each table file is in a block with entries.
    void flip_in_documents() const {
        for (const auto& entry : std::filesystem::directory_iterator{path() + "/documents"}) {
            if (entry.path().extension() != ".sst") continue;
            std::fstream file{entry.path(), std::ios::binary | std::ios::in | std::ios::out};
            const char first = static_cast<char>(file.get());
            file.seekp(0);
            file.put(static_cast<char>(first ^ 1));
        }
    }
    void expect_nothing_read() const {
        std::vector<std::string> log;
        Options options;
        options.log = [&](const std::string& line) { log.push_back(line); };
        const CheckReport report = Database::check_directory(path(), CheckDepth::ordinary, options);
        EXPECT_FALSE(report.findings.empty());
        EXPECT_THAT(log, testing::Not(testing::Contains(HasSubstr("opened "))));
        EXPECT_EQ(report.rows, 0u);
        EXPECT_EQ(report.documents, 0u);
    }
};

/// LMDB follows what its pages say, and a wild number there would end the process.
TEST_F(CheckOfDamage, NothingIsReadThroughDamagedPages) {
    flip_in_all(name_of(1), 0);
    expect_nothing_read();
}

/// Nor is a sound store read if the other one is damaged: what both say together cannot be judged.
TEST_F(CheckOfDamage, NothingIsReadWhereATableFileIsDamaged) {
    flip_in_documents();
    expect_nothing_read();
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
