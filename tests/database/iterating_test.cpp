// Writing while iterating is safe: a range shows what was stored when it was requested.

#include "database/shop.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace amphora::shop {
namespace {

using testing::ElementsAre;

std::string customer(int i) {
    return "c" + std::to_string(i);
}

class IteratingTest : public testing::TestWithParam<bool> {
  protected:
    IteratingTest() {
        if (!GetParam()) db_.write([](Transaction& tx) { fill(tx); });
    }
    /// Runs `body` in a transaction that is rolled back. The rows and documents are its own writes
    /// or those of an earlier one.
    template <class Body>
    void run(Body body) {
        Transaction tx = db_.begin();
        if (GetParam()) fill(tx);
        body(tx);
        tx.rollback();
    }

  private:
    static void fill(Transaction& tx) {
        for (int i = 1; i <= 5; ++i) {
            tx.insert(customers, Record{{"customer_id", i},
                                        {"name", customer(i)},
                                        {"email", customer(i)},
                                        {"spent", i}});
            tx.insert(visits, {{"_id", i}, {"customer_id", i}, {"page", customer(i)}});
        }
    }

  protected:
    Database db_ = Database::temporary(schema);
};

/// Each row is seen once and unchanged, whatever is done to it: the next one is changed or erased,
/// this one is moved to the end of the index that is read, and new ones come.
TEST_P(IteratingTest, RowsAreThoseThatThereWere) {
    for (const std::string index : {"PRIMARY", "customers_by_email"}) {
        run([&](Transaction& tx) {
            std::vector<std::string> seen;
            int step = 0;
            for (const RowView& row : tx.scan(customers, {}, {.index = index})) {
                const Record copy = row.record();
                seen.push_back(copy["name"].as<std::string>() + "/" +
                               copy["email"].as<std::string>());
                const auto id = copy["customer_id"].as<std::int64_t>();
                tx.update(customers, {id}, Record{{"email", "z" + std::to_string(id)}});
                if (++step == 1) tx.update(customers, {2}, Record{{"name", "changed"}});
                if (step == 2) tx.erase(customers, {3});
                tx.insert(customers,
                          Record{{"name", "new"}, {"email", "new" + std::to_string(step)}});
            }
            EXPECT_THAT(seen, ElementsAre("c1/c1", "c2/c2", "c3/c3", "c4/c4", "c5/c5")) << index;
            EXPECT_EQ(count(tx.scan(customers)), 9u);
        });
    }
}

TEST_P(IteratingTest, DocumentsAreThoseThatThereWere) {
    for (const char* const filter : {R"({})", R"({"customer_id": {"$gte": 1}})"}) {
        run([&](Transaction& tx) {
            std::vector<std::string> seen;
            int step = 0;
            for (const DocumentView document : tx.find(visits, filter)) {
                seen.emplace_back(*document.field("page")->as_text());
                const BsonValue id{*document.field("_id")};
                const Document moved{{"$set", Document{{"customer_id", 5}, {"page", "moved"}}}};
                tx.update(visits, Id{id}, moved);
                if (++step == 1) tx.update(visits, Id{2}, moved);
                if (step == 2) tx.erase(visits, Id{3});
                tx.insert(visits, {{"customer_id", 5}, {"page", "new"}});
            }
            EXPECT_THAT(seen, ElementsAre("c1", "c2", "c3", "c4", "c5")) << filter;
            EXPECT_EQ(count(tx.scan(visits)), 9u);
        });
    }
}

/// A range shows what was stored when it was requested, not when it was first moved.
TEST_P(IteratingTest, ARangeBeginsWhereItIsAskedFor) {
    run([&](Transaction& tx) {
        Rows rows = tx.scan(customers);
        Documents documents = tx.scan(visits);
        tx.erase(customers, {1});  // and, by CASCADE, its visit
        EXPECT_EQ(count(std::move(rows)), 5u);
        EXPECT_EQ(count(std::move(documents)), 5u);
    });
}

INSTANTIATE_TEST_SUITE_P(Where, IteratingTest, testing::Bool(), [](const auto& instance) {
    return std::string{instance.param ? "InItsOwnWrites" : "InWhatWasCommitted"};
});

}  // namespace
}  // namespace amphora::shop
