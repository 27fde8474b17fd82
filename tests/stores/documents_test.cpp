// Documents by name, over both stores and without the facade.

#include "stores/world.hpp"

#include <gmock/gmock.h>

namespace amphora::stores {

namespace {

using document::Extent;
using document::Filter;
using document::Update;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::UnorderedElementsAre;

constexpr Collection visits_in_capitals{"VISITS"};
constexpr Collection carts{"carts"};

Filter filter(std::string_view text) {
    return Filter{Document::from_json(text)};
}
Update change(std::string_view text) {
    return Update{Document::from_json(text)};
}

class Documents : public Shop {};

/// The name of a collection is found without regard to case, by its _id and by a filter.
TEST_F(Documents, AreFoundWithoutRegardToTheCaseOfNames) {
    auto writing = begin();
    const std::int64_t kim = add_customer(*writing, "kim");
    const BsonValue id = insert(*writing, *schema, visits_in_capitals,
                                Document{{"customer_id", kim}, {"page", "home"}});
    Buffer scratch;
    const auto visit = find(*writing, *schema, visits, id, scratch);
    ASSERT_TRUE(visit);
    EXPECT_EQ(visit->field("page")->as_text(), "home");
    auto found = find(*writing, *schema, visits_in_capitals, filter(R"({"customer_id": 1})"));
    EXPECT_THAT(found->explain(), HasSubstr("visits: index visits_by_customer"));
    EXPECT_TRUE(found->next());
    EXPECT_FALSE(found->next());
}

/// What does not exist is absent. It is no error.
TEST_F(Documents, ThatDoNotExistAreAbsent) {
    auto writing = begin();
    const BsonValue id{7};
    Buffer scratch;
    EXPECT_FALSE(find(*writing, *schema, visits, id, scratch));
    EXPECT_FALSE(update(*writing, *schema, visits, id, change(R"({"$set": {"page": "x"}})")));
    EXPECT_FALSE(erase(*writing, *schema, visits, id));
    EXPECT_EQ(erase(*writing, *schema, visits, filter("{}")), 0U);
}

/// A table is no collection, and a collection no table.
TEST_F(Documents, OfUnknownCollectionsAreRefusedByName) {
    auto writing = begin();
    Buffer scratch;
    const BsonValue id{7};
    using E = ErrorCode;
    EXPECT_THAT(message_of(E::no_such_table,
                           [&] {
                               insert(*writing, *schema, carts, Document{{"_id", 7}});
                           }),
                HasSubstr("there is no collection carts; there are visits"));
    EXPECT_EQ(code_of([&] { return find(*writing, *schema, carts, id, scratch).has_value(); }),
              E::no_such_table);
    EXPECT_EQ(code_of([&] { return find(*writing, *schema, carts, filter("{}"))->next(); }),
              E::no_such_table);
    EXPECT_EQ(
        code_of([&] { return erase(*writing, *schema, Collection{"customers"}, filter("{}")); }),
        E::no_such_table);
    EXPECT_EQ(code_of([&] { return scan(*writing, *schema, Table{"visits"}).next(); }),
              E::no_such_table);
}

/// A document refers to a row: the floor connects the two stores.
TEST_F(Documents, ReferToRowsThatExist) {
    auto writing = begin();
    EXPECT_EQ(code_of([&] { return add_visit(*writing, 1, "home"); }),
              ErrorCode::foreign_key_violation);
    EXPECT_THAT(pages(*writing), ElementsAre());
    add_customer(*writing, "kim");
    add_visit(*writing, 1, "home");
    EXPECT_THAT(pages(*writing), ElementsAre("home"));
}

/// Each statement by the _id and by a filter, for all or for the first.
TEST_F(Documents, ArePutUpdatedAndErased) {
    auto writing = begin();
    const std::int64_t kim = add_customer(*writing, "kim");
    for (const int number : {1, 2, 3}) {
        put(*writing, *schema, visits,
            Document{{"_id", number}, {"customer_id", kim}, {"page", "home"}});
    }
    put(*writing, *schema, visits, Document{{"_id", 2}, {"customer_id", kim}, {"page", "basket"}});
    EXPECT_THAT(pages(*writing), ElementsAre("home", "basket", "home"));

    EXPECT_TRUE(
        update(*writing, *schema, visits, BsonValue{1}, change(R"({"$set": {"page": "help"}})")));
    EXPECT_THAT(pages(*writing), ElementsAre("help", "basket", "home"));
    EXPECT_EQ(update(*writing, *schema, visits, filter("{}"), change(R"({"$set": {"page": "x"}})"),
                     Extent::first),
              1U);
    EXPECT_THAT(pages(*writing), ElementsAre("x", "basket", "home"));
    EXPECT_EQ(update(*writing, *schema, visits, filter(R"({"_id": {"$gte": 2}})"),
                     change(R"({"$set": {"page": "y"}})")),
              2U);
    EXPECT_THAT(pages(*writing), ElementsAre("x", "y", "y"));

    EXPECT_TRUE(erase(*writing, *schema, visits, BsonValue{1}));
    EXPECT_EQ(erase(*writing, *schema, visits, filter("{}"), Extent::first), 1U);
    EXPECT_THAT(pages(*writing), ElementsAre("y"));
    EXPECT_EQ(erase(*writing, *schema, visits, filter("{}")), 1U);
    EXPECT_THAT(pages(*writing), ElementsAre());
}

}  // namespace

}  // namespace amphora::stores
