#include "document/world.hpp"
#include "support/colliding_texts.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace amphora::document {

namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::string_view schema = R"sql(
CREATE TABLE users (user_id BIGINT PRIMARY KEY);
CREATE TABLE stores (store_id BIGINT PRIMARY KEY);
CREATE TABLE codes (code VARCHAR(2000) PRIMARY KEY);
CREATE COLLECTION logs (
    user_id  BIGINT REFERENCES users (user_id) ON DELETE CASCADE,
    store_id BIGINT REFERENCES stores (store_id),
    code     VARCHAR(2000) REFERENCES codes (code) ON DELETE CASCADE
);
CREATE INDEX logs_by_user ON logs (user_id, tags);
CREATE INDEX logs_by_store ON logs (store_id);
CREATE INDEX logs_by_code ON logs (code);
CREATE COLLECTION notes (user_id BIGINT NOT NULL REFERENCES users (user_id) ON DELETE CASCADE);
CREATE INDEX notes_by_user ON notes (user_id);
)sql";

class DocumentReferencesTest : public testing::Test {
  protected:
    DocumentReferencesTest() {
        for (const std::int64_t id : {1, 2, 3}) {
            world.put_row("users", id);
            world.put_row("stores", id);
        }
    }
    std::optional<std::string> child(std::string_view table, std::int64_t id,
                                     catalog::ChildStore::Referring referring) {
        const Cell key[]{Cell::of(id)};
        return world.collections->find_child(world.writing, world.table(table), key, referring);
    }

    World world{schema};
};

/// A document may refer to a row that is there, or to none at all.
TEST_F(DocumentReferencesTest, FindTheirRow) {
    world.insert("logs", "{'_id': 1, 'user_id': 1}");
    world.insert("logs", "{'_id': 2}");
    world.insert("logs", "{'_id': 3, 'user_id': null}");
    EXPECT_EQ(refusal(world, [&] { world.insert("logs", "{'user_id': 17}"); }),
              std::pair(ErrorCode::foreign_key_violation,
                        std::string{"collection logs: user_id 17 has no row in users"}));
    EXPECT_EQ(
        refusal(world, [&] { world.update("logs", "{}", "{'$set': {'user_id': 17}}"); }).first,
        ErrorCode::foreign_key_violation);
    EXPECT_EQ(refusal(world, [&] { world.put("logs", "{'_id': 1, 'store_id': 17}"); }).first,
              ErrorCode::foreign_key_violation);
    EXPECT_EQ(refusal(world, [&] { world.insert("notes", "{}"); }).first,
              ErrorCode::not_null_violation);
    world.put_row("users", 17);
    world.insert("logs", "{'_id': 4, 'user_id': 17}");
    EXPECT_THAT(world.findings(), IsEmpty());
}

/// When a user goes, every log and note of his goes, with its entries, and nobody else's.
TEST_F(DocumentReferencesTest, GoWithTheirRow) {
    for (int i = 0; i < 20; ++i) {
        world.insert("logs", fmt::format("{{'_id': {}, 'user_id': {}, 'tags': [{}, 'x', 'y']}}", i,
                                         1 + i % 2, i));
        world.insert("notes", fmt::format("{{'_id': {}, 'user_id': {}}}", i, 1 + i % 2));
    }
    world.erase_row("users", 1);
    EXPECT_EQ(world.find("logs", "{}").size(), 10u);
    EXPECT_EQ(world.find("notes", "{'user_id': 2}").size(), 10u);
    EXPECT_THAT(world.find("logs", "{'user_id': 1}"), IsEmpty());
    EXPECT_THAT(world.find("notes", "{'user_id': 1}"), IsEmpty());
    EXPECT_THAT(world.findings(), IsEmpty());
}

/// The relational store asks who is in the way before a row goes, and who refers at all before its
/// key changes.
TEST_F(DocumentReferencesTest, AreNamedToAnyoneWhoAsks) {
    using Referring = catalog::ChildStore::Referring;
    world.insert("logs", "{'_id': 1, 'user_id': 1, 'store_id': 2}");
    EXPECT_EQ(child("users", 1, Referring::restricting), std::nullopt);
    EXPECT_EQ(child("users", 1, Referring::any), "collection logs (user_id 1)");
    EXPECT_EQ(child("users", 2, Referring::any), std::nullopt);
    EXPECT_EQ(child("stores", 2, Referring::restricting), "collection logs (store_id 2)");
    EXPECT_EQ(child("stores", 1, Referring::restricting), std::nullopt);
}

/// Keys that differ only after the bytes that an index keeps are different parents.
TEST_F(DocumentReferencesTest, TellLongKeysApart) {
    const std::string start(300, 'k');
    const std::string tail(300, 'l');
    const auto cells = [](const std::string& code) { return std::array{Cell::of(Bytes{code})}; };
    // Rows themselves have a limit on their keys, so that only the index's share is long here.
    const std::string one = start + "1";
    const std::string other = start + "2";
    for (const std::string& code : {one, other}) {
        KeyedRows::put(world.writing, world.table("codes"), cells(code));
    }
    world.insert("logs", "{'_id': '" + tail + "1', 'code': '" + one + "'}");
    world.insert("logs", "{'_id': '" + tail + "2', 'code': '" + other + "'}");
    world.collections->erase_children(world.writing, world.table("codes"), cells(one));
    EXPECT_EQ(world.find("logs", "{'code': '" + one + "'}").size(), 0u);
    EXPECT_EQ(world.find("logs", "{'code': '" + other + "'}").size(), 1u);
    EXPECT_THAT(world.findings(), IsEmpty());
}

/// The row under the key is another one, with the same prefix and hash: the document refers to no
/// row, and the check finds it.
TEST_F(DocumentReferencesTest, DoNotTrustAHash) {
    const auto [one, other] = support::colliding_texts();
    const auto put_code = [&](const std::string& code) {
        KeyedRows::put(world.writing, world.table("codes"), std::array{Cell::of(Bytes{code})});
    };
    put_code(one);
    const auto rows = world.writing.contents(TreeId::relational).size();
    world.insert("logs", "{'_id': 1, 'code': '" + one + "'}");
    EXPECT_EQ(
        refusal(world, [&] { world.insert("logs", "{'_id': 2, 'code': '" + other + "'}"); }).first,
        ErrorCode::foreign_key_violation);
    EXPECT_THAT(world.findings(), IsEmpty());
    put_code(other);
    ASSERT_EQ(world.writing.contents(TreeId::relational).size(), rows) << "one key for both";
    EXPECT_THAT(world.findings(), ElementsAre(testing::HasSubstr("has no row in codes")));
}

/// A row that was erased without the store is found by the check.
TEST_F(DocumentReferencesTest, AreChecked) {
    world.insert("logs", "{'_id': 1, 'user_id': 1}");
    const Cell cells[]{Cell::of(std::int64_t{1})};
    Buffer key;
    catalog::encode_row_key(world.table("users"), cells, key);
    world.writing.erase(TreeId::relational, key);
    EXPECT_THAT(world.findings(), ElementsAre(testing::HasSubstr("user_id 1 has no row in users")));
}

}  // namespace

}  // namespace amphora::document
