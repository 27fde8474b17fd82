// Rows by name, over both stores and without the facade.

#include "stores/world.hpp"

#include <gmock/gmock.h>

namespace amphora::stores {

namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr Table customers_in_capitals{"CUSTOMERS"};
constexpr UniqueIndex by_email_in_capitals{"Customers", "CUSTOMERS_BY_EMAIL"};
constexpr Table orders{"orders"};

class Rows : public Shop {};

/// A sign-up: a row and a document, by name, in one transaction that no facade has begun. A
/// snapshot shows both or neither.
TEST_F(Rows, AndDocumentsAreOneCommit) {
    const auto before = snapshot();
    auto writing = begin();
    const std::int64_t kim = add_customer(*writing, "kim");
    add_visit(*writing, kim, "home");
    EXPECT_TRUE(customer(*writing, kim)) << "a transaction sees its own writes";
    EXPECT_FALSE(customer(*snapshot(), kim)) << "and nobody else does";
    commit(std::move(writing));

    const auto after = snapshot();
    EXPECT_EQ((*customer(*after, kim))["name"].as<std::string>(), "kim");
    EXPECT_THAT(pages(*after), ElementsAre("home"));
    EXPECT_FALSE(customer(*before, kim));
    EXPECT_THAT(pages(*before), ElementsAre());
}

/// SQL writes names as it likes. Tables, indexes and columns are found without regard to case.
TEST_F(Rows, AreFoundWithoutRegardToTheCaseOfNames) {
    auto writing = begin();
    insert(*writing, *schema, customers_in_capitals,
           Record{{"NAME", "kim"}, {"Email", "kim@example.com"}});
    Buffer scratch;
    const Cell email[]{Cell::of("kim@example.com")};
    const auto row = find(*writing, *schema, by_email_in_capitals, email, scratch);
    ASSERT_TRUE(row);
    EXPECT_EQ(row->cell("NAME").text(), "kim");
    EXPECT_THAT(names(*writing, where("Name") == "kim", {.index = "CUSTOMERS_by_name"}),
                ElementsAre("kim"));
    EXPECT_TRUE(update(*writing, *schema, customers_in_capitals,
                       std::vector{row->cell("Customer_ID")}, Record{{"SPENT", 3}}));
    EXPECT_EQ((*customer(*writing, 1))["spent"].as<std::int64_t>(), 3);
}

/// What does not exist is absent. It is no error.
TEST_F(Rows, ThatDoNotExistAreAbsent) {
    auto writing = begin();
    Buffer scratch;
    const Cell key[]{whole(7)};
    const Cell email[]{Cell::of("nobody@example.com")};
    EXPECT_FALSE(find(*writing, *schema, customers, key, scratch));
    EXPECT_FALSE(find(*writing, *schema, customers_by_email, email, scratch));
    EXPECT_THAT(names(*writing), ElementsAre());
    EXPECT_FALSE(update(*writing, *schema, customers, key, Record{{"spent", 1}}));
    EXPECT_FALSE(erase(*writing, *schema, customers, key));
}

/// A statement that names what the schema does not have says so, and changes nothing: also where
/// the unknown name comes after known ones.
TEST_F(Rows, OfUnknownNamesAreRefusedByName) {
    auto writing = begin();
    add_customer(*writing, "kim");
    const Cell key[]{whole(1)};
    Buffer scratch;
    using E = ErrorCode;
    EXPECT_THAT(message_of(E::no_such_table, [&] { insert(*writing, *schema, orders, Record{}); }),
                HasSubstr("there is no table orders; there are customers"));
    EXPECT_EQ(code_of([&] { return find(*writing, *schema, orders, key, scratch); }),
              E::no_such_table);
    EXPECT_EQ(code_of([&] { return scan(*writing, *schema, orders).next(); }), E::no_such_table);
    EXPECT_EQ(code_of([&] { return erase(*writing, *schema, orders, key); }), E::no_such_table);
    EXPECT_EQ(code_of([&] {
                  const UniqueIndex unknown{"customers", "customers_by_phone"};
                  return find(*writing, *schema, unknown, key, scratch).has_value();
              }),
              E::no_such_index);
    EXPECT_EQ(code_of([&] { return names(*writing, {}, {.index = "by_phone"}); }),
              E::no_such_index);
    EXPECT_EQ(code_of([&] { return names(*writing, where("phone") == 7); }), E::no_such_column);
    EXPECT_EQ(code_of([&] {
                  return insert(*writing, *schema, customers,
                                Record{{"name", "li"}, {"email", "li@example.com"}, {"phone", 7}})
                      .release();
              }),
              E::no_such_column);
    EXPECT_THAT(
        message_of(
            E::no_such_column,
            [&] {
                update(*writing, *schema, customers, key, Record{{"spent", 9}, {"phone", 7}});
            }),
        HasSubstr("table customers has no column phone; it has customer_id"));
    EXPECT_THAT(names(*writing), ElementsAre("kim"));
    EXPECT_EQ((*customer(*writing, 1))["spent"].as<std::int64_t>(), 0);
}

/// A program that was built with another schema gives rows of another width. No statement takes
/// one, and of several rows none is stored.
TEST_F(Rows, OfAnotherWidthAreRefused) {
    auto writing = begin();
    add_customer(*writing, "kim");
    const std::vector<Cell> fits{Cell{},   Cell::of("li"), Cell::of("li@example.com"),
                                 whole(0), Cell{},         Cell{}};
    const std::vector<Cell> narrow{whole(1), Cell::of("li"), Cell::of("li@example.com")};
    const std::vector<std::vector<Cell>> rows{fits, narrow};
    const auto refused = [&](auto&& call) {
        EXPECT_THAT(message_of(ErrorCode::schema_mismatch, call),
                    HasSubstr("table customers has 6 columns, the row has 3"));
    };
    refused([&] { insert(*writing, *schema, customers, narrow); });
    refused([&] { insert_together(*writing, *schema, customers, rows); });
    refused([&] { put(*writing, *schema, customers, narrow); });
    refused([&] { replace(*writing, *schema, customers, narrow); });
    refused([&] { replace(*writing, *schema, customers, std::vector{whole(1)}, narrow); });
    EXPECT_THAT(names(*writing), ElementsAre("kim"));
}

/// The conditions of a scan are gone when its rows are read: a handler may build them in a call.
TEST_F(Rows, OfAScanNeedNoConditionsAnyMore) {
    auto writing = begin();
    const std::string long_name(50, 'k');
    for (const std::string& name : {std::string{"a"}, long_name, std::string{"z"}}) {
        add_customer(*writing, name);
    }
    auto rows = [&] {
        const Conditions conditions = where("name") == long_name && where("spent") == 0;
        return scan(*writing, *schema, customers, conditions);
    }();
    EXPECT_EQ(rows.explain(),
              "customers: index customers_by_name, name = '" + long_name + "'; filter spent");
    ASSERT_TRUE(rows.next());
    EXPECT_EQ(rows.row().cell("name").text(), long_name);
    EXPECT_FALSE(rows.next());
}

/// Index, direction and limit of a scan are followed.
TEST_F(Rows, AreScannedInTheOrderThatIsAskedFor) {
    auto writing = begin();
    for (const char* name : {"c", "a", "d", "b"}) add_customer(*writing, name);
    EXPECT_THAT(names(*writing), ElementsAre("c", "a", "d", "b"));
    EXPECT_THAT(names(*writing, {}, {.index = "customers_by_name"}),
                ElementsAre("a", "b", "c", "d"));
    EXPECT_THAT(names(*writing, {},
                      {.index = "customers_by_name", .direction = Direction::backward, .limit = 2}),
                ElementsAre("d", "c"));
    EXPECT_THAT(names(*writing, where("name").in({"d", "a", "x"}), {.index = "customers_by_name"}),
                ElementsAre("a", "d"));
}

/// `update` sets what it names and keeps the rest. `replace` sets every column: one that has no
/// cell takes its DEFAULT. ON UPDATE NOW() columns become the moment of the transaction in both,
/// whatever the row says.
TEST_F(Rows, AreUpdatedByColumnAndReplacedAsAWhole) {
    auto writing = begin();
    const std::int64_t kim = add_customer(*writing, "kim");
    const std::vector key{Cell::of(kim)};
    EXPECT_TRUE((*customer(*writing, kim))["changed_at"].is_null());

    EXPECT_TRUE(update(*writing, *schema, customers, key, Record{{"spent", 70}}));
    const DateTime moment{writing->now_us()};
    Record row = *customer(*writing, kim);
    EXPECT_EQ(row["name"].as<std::string>(), "kim");
    EXPECT_EQ(row["spent"].as<std::int64_t>(), 70);
    EXPECT_EQ(row["changed_at"].as<DateTime>(), moment);
    commit(std::move(writing));

    writing = begin();
    const std::vector<Cell> whole{Cell::of(kim), Cell::of("kimberly"), Cell::of("k@example.com"),
                                  Cell{},        Cell::null(),         Cell::of(DateTime{1})};
    EXPECT_TRUE(replace(*writing, *schema, customers, whole));
    row = *customer(*writing, kim);
    EXPECT_EQ(row["name"].as<std::string>(), "kimberly");
    EXPECT_EQ(row["spent"].as<std::int64_t>(), 0);
    EXPECT_EQ(row["changed_at"].as<DateTime>(), DateTime{writing->now_us()});
}

/// The key to replace and the key in the row may differ: the row moves.
TEST_F(Rows, MoveToAnotherKeyByReplacing) {
    auto writing = begin();
    const std::int64_t kim = add_customer(*writing, "kim");
    const std::vector<Cell> moved{whole(50), Cell::of("kim"), Cell::of("kim@example.com"),
                                  whole(1),  Cell::null(),    Cell::null()};
    EXPECT_FALSE(replace(*writing, *schema, customers, moved)) << "there is no customer 50 yet";
    EXPECT_TRUE(replace(*writing, *schema, customers, std::vector{Cell::of(kim)}, moved));
    EXPECT_FALSE(customer(*writing, kim));
    EXPECT_EQ((*customer(*writing, 50))["name"].as<std::string>(), "kim");
}

/// `put` inserts a row, or replaces the one with the same key: as cells and as a record.
TEST_F(Rows, ArePut) {
    auto writing = begin();
    put(*writing, *schema, customers,
        Record{{"customer_id", 5}, {"name", "kim"}, {"email", "kim@example.com"}, {"spent", 3}});
    put(*writing, *schema, customers,
        Record{{"customer_id", 5}, {"name", "li"}, {"email", "li@example.com"}});
    EXPECT_THAT(names(*writing), ElementsAre("li"));
    EXPECT_EQ((*customer(*writing, 5))["spent"].as<std::int64_t>(), 0);
    const std::vector<Cell> cells{whole(5), Cell::of("mo"), Cell::of("mo@example.com"),
                                  whole(4), Cell::null(),   Cell::null()};
    const relational::OwnedRow stored = put(*writing, *schema, customers, cells);
    EXPECT_EQ(stored.cell("spent").integer(), 4);
    EXPECT_THAT(names(*writing), ElementsAre("mo"));
}

/// Rows that refer to each other in a circle are one statement.
TEST_F(Rows, AreInsertedTogether) {
    auto writing = begin();
    const std::vector<std::vector<Cell>> circle{
        {whole(1), Cell::of("a"), Cell::of("a@example.com"), Cell{}, whole(2), Cell{}},
        {whole(2), Cell::of("b"), Cell::of("b@example.com"), Cell{}, whole(1), Cell{}}};
    EXPECT_EQ(
        code_of([&] { return insert(*writing, *schema, customers, circle.front()).release(); }),
        ErrorCode::foreign_key_violation);
    insert_together(*writing, *schema, customers, circle);
    EXPECT_THAT(names(*writing), ElementsAre("a", "b"));
}

/// Erasing a row erases the documents that refer to it: the floor connects the two stores.
TEST_F(Rows, TakeTheirDocumentsWithThem) {
    auto writing = begin();
    const std::int64_t kim = add_customer(*writing, "kim");
    const std::int64_t li = add_customer(*writing, "li");
    add_visit(*writing, kim, "home");
    add_visit(*writing, kim, "basket");
    add_visit(*writing, li, "help");
    EXPECT_TRUE(erase(*writing, *schema, customers, std::vector{Cell::of(kim)}));
    EXPECT_THAT(pages(*writing), ElementsAre("help"));
    EXPECT_THAT(names(*writing), ElementsAre("li"));
}

}  // namespace

}  // namespace amphora::stores
