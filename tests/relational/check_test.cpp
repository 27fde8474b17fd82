#include "relational/row/index_entry.hpp"
#include "relational/row/row_key.hpp"
#include "relational/world.hpp"

namespace amphora::relational {
namespace {

constexpr std::string_view shop = R"sql(
CREATE TABLE makers (id INT PRIMARY KEY, name VARCHAR(10) NOT NULL UNIQUE);
CREATE TABLE wares (id INT PRIMARY KEY AUTO_INCREMENT, maker INT REFERENCES makers (id), price INT CHECK (price > 0));
CREATE INDEX wares_by_maker ON wares (maker);
)sql";

/// `check` finds all damage below the statements and says where it is.
class CheckTest : public testing::Test {
  protected:
    void SetUp() override {
        world.insert("makers", {{"id", 1}, {"name", "Kim"}});
        world.insert("makers", {{"id", 2}, {"name", "Lee"}});
        world.insert("wares", {{"maker", 1}, {"price", 10}});
        world.insert("wares", {{"maker", 2}, {"price", 20}});
        ASSERT_EQ(world.findings(), "");
    }
    Buffer row_key(const BoundTable& table, std::int64_t id) const {
        const std::vector<Cell> key{Cell::of(id)};
        return Buffer{RowKey{table, key}.bytes()};
    }
    void replace(const BoundTable& table, std::int64_t id, const std::vector<Cell>& cells) {
        Buffer row;
        codec::encode_row(table.layout(), cells, row);
        world.writing.put(TreeId::relational, row_key(table, id), row);
    }
    void expect_found(std::string_view words) const {
        const std::string found = world.findings();
        EXPECT_NE(found.find(words), std::string::npos) << "found only:\n" << found;
    }
    World world{shop};
    const BoundTable& makers = world.tables->require("makers");
    const BoundTable& wares = world.tables->require("wares");
    const Cell null = Cell::null();
    static Cell of(std::int64_t value) { return Cell::of(value); }
};

TEST_F(CheckTest, CountsWhatItWalks) {
    std::size_t reports = 0;
    const CheckSummary summary =
        check(world.writing, *world.tables, [&](const std::string&) { ++reports; });
    EXPECT_EQ(summary.rows, 4U);
    EXPECT_EQ(summary.index_entries, 4U);
    EXPECT_EQ(summary.findings, 0U);
    EXPECT_EQ(reports, 0U);
}
TEST_F(CheckTest, ARowThatDoesNotDecode) {
    world.writing.put(TreeId::relational, row_key(wares, 1), "rubbish");
    expect_found("table wares, space");
}
TEST_F(CheckTest, ARowUnderAnotherKey) {
    replace(wares, 1, {of(7), of(1), of(10)});
    expect_found("the row is stored under the key of another one");
}
TEST_F(CheckTest, AMissingEntry) {
    replace(wares, 9, {of(9), of(1), of(10)});
    expect_found("index wares_by_maker has no entry for the row");
    expect_found("the AUTO_INCREMENT counter is at 2, but there is a row with 9");
}
TEST_F(CheckTest, AnEntryWithoutItsRow) {
    world.writing.erase(TreeId::relational, row_key(wares, 1));
    expect_found("index wares_by_maker has an entry for a row that is not there");
}
TEST_F(CheckTest, AnEntryOfTheRowAsItOnceWas) {
    replace(wares, 1, {of(1), of(2), of(10)});
    expect_found("index wares_by_maker has an entry that its row does not have");
    expect_found("index wares_by_maker has no entry for the row");
}
TEST_F(CheckTest, AUniqueValueThatStandsTwice) {
    replace(makers, 2, {of(2), Cell::of(std::string_view{"Kim"})});
    expect_found("has another row in the place of this one");
}
TEST_F(CheckTest, ConstraintsThatDoNotHold) {
    replace(makers, 2, {of(2), null});
    expect_found("column name of makers is NOT NULL");
    replace(wares, 1, {of(1), of(1), of(-5)});
    expect_found("price > 0");
    world.writing.erase(TreeId::relational, row_key(makers, 1));
    expect_found("makers has no row with (id 1)");
    replace(makers, 2, {of(2), Cell::of(std::string_view{"much too long for it"})});
    expect_found("VARCHAR(10)");
}

}  // namespace
}  // namespace amphora::relational
