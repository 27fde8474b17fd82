// Repairs of a damaged catalog, a damaged counter, and damaged space numbers in keys.

#include "database/damaged_shop.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <string>

namespace amphora::shop {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class DamagedCatalog : public DamagedShop {
  protected:
    static constexpr int customers_made = 30;
    static constexpr Schema shelves{"shelves", "CREATE TABLE shelves (id BIGINT PRIMARY KEY);"};
    static constexpr std::array both{schema, shelves};

    void SetUp() override {
        Database db = Database::open(path(), both);
        db.write([](Transaction& tx) {
            tx.insert(Table{"shelves"}, Record{{"id", 1}});
            for (int customer = 1; customer <= customers_made; ++customer) {
                add_visitor(tx, customer);
            }
        });
        // The counter is above every row: its number was already given.
        db.write([](Transaction& tx) {
            const std::int64_t last = add_customer(tx, "gone");
            tx.erase(customers, {last});
        });
        db.close();
        age_journal();
    }
    void damage_definition_of(const std::string& name) const {
        flip_in_all("CREATE TABLE " + name, 8);
    }
    [[nodiscard]] std::int64_t next_customer() const {
        Database db = Database::open(path(), schema);
        std::int64_t given = 0;
        db.write([&](Transaction& tx) { given = add_customer(tx, "next"); });
        return given;
    }
};

/// One flipped bit in the definition of a table once dropped the table with all its rows, and the
/// report said that the result was whole.
TEST_F(DamagedCatalog, EntriesWithoutADefinitionAreInQuarantineAndTheResultIsNotWhole) {
    damage_definition_of("customers");
    const RepairReport report = Database::repair_directory(path(), RepairMode::apply);
    EXPECT_FALSE(report.whole);
    EXPECT_THAT(report.losses, Contains(AllOf(HasSubstr("customers"), HasSubstr("--schema"))));
    // The collection's own definition is sound, and refers to the table.
    EXPECT_THAT(report.losses, Contains(HasSubstr("visits")));
    EXPECT_EQ(report.rows, 1u);
    EXPECT_EQ(report.documents_quarantined, customers_made);
    EXPECT_GE(report.rows_quarantined, customers_made);
    EXPECT_EQ(quarantined("customers").size(), customers_made);
    EXPECT_EQ(quarantined("visits").size(), customers_made);
}

/// A damaged key can mislead a search. The catalog once came without its last tables, and the
/// database opened; the next schema would have made these tables again, over the existing rows.
TEST_F(DamagedCatalog, AnEntryThatIsNotFoundIsMissed) {
    hide_from_catalog("CREATE TABLE shelves");
    EXPECT_THAT(message_of(ErrorCode::corrupt, [&] { (void)Database::open(path(), both); }),
                AllOf(HasSubstr(path() + "/relational: "), HasSubstr("of the 5 entries")));
    EXPECT_EQ(code_of([&] { (void)Database::open(path()); }), ErrorCode::corrupt);
}

/// The same for the whole catalog: the database once looked new.
TEST_F(DamagedCatalog, RowsWithoutAnyCatalogAreRefused) {
    hide_from_catalog("");
    EXPECT_THAT(message_of(ErrorCode::corrupt, [&] { (void)Database::open(path(), both); }),
                AllOf(HasSubstr(path() + "/relational: "), HasSubstr("no catalog")));
    EXPECT_EQ(code_of([&] { (void)Database::open(path()); }), ErrorCode::corrupt);
    const RepairReport report = Database::repair_directory(path(), RepairMode::apply, {}, both);
    EXPECT_TRUE(report.applied);
    EXPECT_EQ(report.rows, customers_made + 1);
    EXPECT_EQ(report.documents, customers_made);
}

/// With the schema everything is restored, and the counter continues after the last number given.
TEST_F(DamagedCatalog, ASchemaBringsADefinitionBack) {
    damage_definition_of("customers");
    const RepairReport report =
        Database::repair_directory(path(), RepairMode::apply, {}, {&schema, 1});
    EXPECT_TRUE(report.whole) << testing::PrintToString(report.losses);
    EXPECT_EQ(report.rows, customers_made + 1);
    EXPECT_EQ(report.documents, customers_made);
    EXPECT_THAT(report.quarantine_path, IsEmpty());
    EXPECT_EQ(next_customer(), customers_made + 2);
}

/// No entry of the catalog is left, only the rows and documents.
TEST_F(DamagedCatalog, ASchemaBringsAWholeCatalogBack) {
    flip_in_all("CREATE TABLE customers", 8);
    flip_in_all("CREATE COLLECTION visits", 8);
    flip_in_all("CREATE TABLE shelves", 8);
    flip_in_all("CREATE TABLE \"amphora.", 8);
    flip_in_all("CREATE COLLECTION \"amphora.", 8);
    try {
        static_cast<void>(Database::repair_directory(path()));
        ADD_FAILURE() << "without any definition no row means anything";
    } catch (const Error& error) {
        EXPECT_THAT(error.what(), HasSubstr("--schema"));
    }
    const RepairReport report = Database::repair_directory(path(), RepairMode::apply, {}, both);
    EXPECT_TRUE(report.whole) << testing::PrintToString(report.losses);
    EXPECT_EQ(report.rows, customers_made + 1);
    EXPECT_EQ(report.documents, customers_made);
    EXPECT_EQ(next_customer(), customers_made + 2);
}

/// The catalog's header names the next free space. Without it, the next table once got a space that
/// is in use.
TEST_F(DamagedCatalog, ALostHeaderGivesNoSpaceAgain) {
    flip_in_all(std::string{"\0\0\0\1catalog", 11}, 13);
    const RepairReport report = Database::repair_directory(path(), RepairMode::apply);
    EXPECT_TRUE(report.applied);
    EXPECT_EQ(report.rows, customers_made + 1);
    const Schema extras{"extras", "CREATE TABLE extras (id BIGINT PRIMARY KEY);"};
    Database db = Database::open(path(), std::array{schema, shelves, extras});
    db.write([](Transaction& tx) { tx.insert(Table{"extras"}, Record{{"id", 7}}); });
    EXPECT_EQ(count(db.snapshot().scan(customers)), customers_made);
    EXPECT_EQ(count(db.snapshot().scan(Table{"extras"})), 1u);
    EXPECT_THAT(db.check().findings, IsEmpty());
}

/// Rows that could belong to either of two lost tables are not given to one of them.
TEST_F(DamagedCatalog, WhatCouldBeAnotherTablesIsNotGuessedAt) {
    const Schema twins{"twins", R"sql(
CREATE TABLE left_ones (id BIGINT PRIMARY KEY, name VARCHAR(20) NOT NULL);
CREATE TABLE right_ones (id BIGINT PRIMARY KEY, name VARCHAR(20) NOT NULL);
)sql"};
    {
        Database db = Database::open(path(), twins);
        db.write([](Transaction& tx) {
            tx.insert(Table{"left_ones"}, Record{{"id", 1}, {"name", "left"}});
            tx.insert(Table{"right_ones"}, Record{{"id", 1}, {"name", "right"}});
        });
        db.close();
    }
    age_journal();
    // In the name itself, so that not even the name is known.
    flip_in_all("left_ones", 0);
    flip_in_all("right_ones", 0);
    const RepairReport report =
        Database::repair_directory(path(), RepairMode::apply, {}, {&twins, 1});
    EXPECT_FALSE(report.whole);
    EXPECT_EQ(report.rows_quarantined, 2u);
    EXPECT_EQ(report.rows, customers_made + 1);
}

/// A schema that contradicts a readable definition is a mistake of the caller.
TEST_F(DamagedCatalog, ASchemaDoesNotReplaceASoundDefinition) {
    flip_in_all("CREATE COLLECTION visits", 8);
    const Schema other{"other", "CREATE TABLE customers (customer_id INT PRIMARY KEY);"};
    EXPECT_EQ(code_of([&] {
                  static_cast<void>(
                      Database::repair_directory(path(), RepairMode::apply, {}, {&other, 1}));
              }),
              ErrorCode::schema_mismatch);
}

/// The counter is lost, and so is the row with the highest number. Its number can still be read,
/// and is not given a second time.
TEST_F(DamagedCatalog, ALostCounterContinuesAboveTheHighestNumberFound) {
    flip_in_counter(customers_made + 1);
    flip_in_all(name_of(customers_made), 0);
    const RepairReport report = Database::repair_directory(path(), RepairMode::apply);
    EXPECT_EQ(report.rows, customers_made);
    EXPECT_EQ(report.rows_quarantined, 1u);
    EXPECT_EQ(next_customer(), customers_made + 1);
}

/// A flipped bit in a row's key can name another space: one that nobody has, or that of an index.
/// Such a row was once dropped without a report.
TEST_F(DamagedCatalog, ARowUnderAnotherSpaceNumberIsInQuarantine) {
    for (const int bit : {0, 1, 4, 5, 12, 31}) {
        SCOPED_TRACE(bit);
        const DamagedShop::Copy copy{*this};
        flip_in_space_of_row(name_of(7), bit);
        const RepairReport report = Database::repair_directory(path(), RepairMode::apply);
        EXPECT_FALSE(report.whole);
        EXPECT_EQ(report.rows, customers_made);
        EXPECT_EQ(report.rows_quarantined, 1u);
        EXPECT_THAT(report.losses, IsEmpty()) << "quarantine has the row";
        EXPECT_THAT(quarantined("customers"), Contains(HasSubstr("a bit of its key")));
    }
}

/// Indexes are made again: nothing is missing, and nothing is reported.
TEST_F(DamagedCatalog, ADamagedIndexIsNoLoss) {
    flip_in_index_entry(name_of(7) + "@example.com");
    const RepairReport report = Database::repair_directory(path(), RepairMode::apply);
    EXPECT_THAT(report.findings, Not(IsEmpty()));
    EXPECT_TRUE(report.whole) << testing::PrintToString(report.losses);
    EXPECT_EQ(report.rows, customers_made + 1);
}

}  // namespace
}  // namespace amphora::shop
