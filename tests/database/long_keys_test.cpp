// Keys that are stored as a prefix and a hash. XXH3 does not resist someone who searches for
// collisions, and a primary key may come from a stranger.

#include "database/shop.hpp"
#include "support/colliding_texts.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace amphora::shop {
namespace {

using testing::HasSubstr;

constexpr Schema schema_of_codes{"codes", R"sql(
CREATE TABLE codes (code VARCHAR(2000) PRIMARY KEY, above VARCHAR(2000) REFERENCES codes (code));
CREATE TABLE uses (id BIGINT PRIMARY KEY, code VARCHAR(2000) REFERENCES codes (code));
CREATE COLLECTION labels (code VARCHAR(2000) REFERENCES codes (code));
CREATE INDEX labels_by_code ON labels (code);
)sql"};
constexpr Table codes{"codes"};
constexpr Table uses{"uses"};
constexpr Collection labels{"labels"};

class LongKeys : public testing::Test {
  protected:
    std::optional<ErrorCode> refusal(const std::function<void(Transaction&)>& body) {
        return code_of([&] { db.write([&](Transaction& tx) { body(tx); }); });
    }
    [[nodiscard]] std::vector<std::string> findings() const { return db.check().findings; }

    const std::string stored = support::colliding_texts().first;
    const std::string crafted = support::colliding_texts().second;
    Database db = Database::temporary(schema_of_codes);
};

/// A table has room for only one of the two rows: their keys are the same. So the texts collide.
TEST_F(LongKeys, OneOfTwoRowsWithOneKeyIsStored) {
    ASSERT_NE(stored, crafted);
    db.write([&](Transaction& tx) { tx.insert(codes, Record{{"code", stored}}); });
    EXPECT_EQ(refusal([&](Transaction& tx) {
                  tx.insert(codes, Record{{"code", crafted}});
              }),
              ErrorCode::value_too_large);
    EXPECT_FALSE(db.snapshot().find(codes, {crafted}));
}

/// A document was once taken to refer to a row that is not there, because another row has its key.
TEST_F(LongKeys, NeitherARowNorADocumentRefersToTheOtherOne) {
    db.write([&](Transaction& tx) { tx.insert(codes, Record{{"code", stored}}); });
    db.write([&](Transaction& tx) {
        tx.insert(labels, {{"_id", 1}, {"code", stored}});
        tx.insert(uses, Record{{"id", 1}, {"code", stored}});
    });
    EXPECT_EQ(refusal([&](Transaction& tx) {
                  tx.insert(labels, {{"code", crafted}});
              }),
              ErrorCode::foreign_key_violation);
    EXPECT_EQ(refusal([&](Transaction& tx) {
                  tx.update(labels, Id{1}, Document{{"$set", Document{{"code", crafted}}}});
              }),
              ErrorCode::foreign_key_violation);
    EXPECT_EQ(refusal([&](Transaction& tx) {
                  tx.insert(uses, Record{{"id", 2}, {"code", crafted}});
              }),
              ErrorCode::foreign_key_violation);
    EXPECT_THAT(findings(), testing::IsEmpty());
}

/// A row was once taken to refer to itself, because it has the key of the row that it names.
TEST_F(LongKeys, ARowDoesNotReferToItselfByAHash) {
    EXPECT_EQ(refusal([&](Transaction& tx) {
                  tx.insert(codes, Record{{"code", stored}, {"above", crafted}});
              }),
              ErrorCode::foreign_key_violation);
    db.write([&](Transaction& tx) {
        tx.insert(codes, Record{{"code", stored}, {"above", stored}});
    });
    EXPECT_EQ(refusal([&](Transaction& tx) {
                  tx.update(codes, {stored}, Record{{"above", crafted}});
              }),
              ErrorCode::foreign_key_violation);
    EXPECT_THAT(findings(), testing::IsEmpty());
}

/// A primary key was once changed under the rows and documents that refer to it, if the new one has
/// the same key.
TEST_F(LongKeys, ARowThatIsReferredToKeepsItsPrimaryKey) {
    const auto change = [&](Transaction& tx) {
        tx.update(codes, {stored}, Record{{"code", crafted}});
    };
    db.write([&](Transaction& tx) {
        tx.insert(codes, Record{{"code", stored}});
        tx.insert(uses, Record{{"id", 1}, {"code", stored}});
    });
    EXPECT_EQ(refusal(change), ErrorCode::foreign_key_violation);
    db.write([&](Transaction& tx) {
        tx.erase(uses, {1});
        tx.insert(labels, {{"_id", 1}, {"code", stored}});
    });
    EXPECT_EQ(refusal(change), ErrorCode::foreign_key_violation);
    db.write([&](Transaction& tx) {
        tx.erase(labels, Id{1});
        tx.update(codes, {stored}, Record{{"above", stored}});
    });
    EXPECT_EQ(refusal(change), ErrorCode::foreign_key_violation);
    EXPECT_THAT(findings(), testing::IsEmpty());
    db.write([&](Transaction& tx) {
        tx.update(codes, {stored}, Record{{"code", crafted}, {"above", crafted}});
    });
    EXPECT_EQ(db.snapshot().find(codes, {crafted}).value()["above"], Value{crafted});
    EXPECT_THAT(findings(), testing::IsEmpty());
}

/// An _id is not taken for another one with the same key, whatever is done with it.
TEST_F(LongKeys, AnIdIsNotTakenForTheOtherOne) {
    const auto id = [](const std::string& text) { return Id{BsonValue{text}}; };
    db.write([&](Transaction& tx) { tx.insert(labels, {{"_id", stored}, {"n", 1}}); });
    const auto taken = refusal([&](Transaction& tx) {
        tx.insert(labels, {{"_id", crafted}, {"n", 2}});
    });
    EXPECT_TRUE(taken == ErrorCode::value_too_large || taken == ErrorCode::duplicate_key);
    EXPECT_THROW(db.write([&](Transaction& tx) {
        tx.put(labels, {{"_id", crafted}, {"n", 3}});
    }),
                 Error);
    db.write([&](Transaction& tx) {
        EXPECT_FALSE(tx.find(labels, id(crafted)));
        EXPECT_FALSE(tx.update(labels, id(crafted), Document{{"$set", Document{{"n", 4}}}}));
        EXPECT_FALSE(tx.erase(labels, id(crafted)));
    });
    EXPECT_EQ(db.snapshot().find(labels, id(stored)), (Document{{"_id", stored}, {"n", 1}}));
    EXPECT_THAT(findings(), testing::IsEmpty());
}

}  // namespace
}  // namespace amphora::shop
