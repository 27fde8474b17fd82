#include "codec/bytes_io.hpp"
#include "document/collection/keys.hpp"
#include "document/world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace amphora::document {

namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::string_view schema = R"sql(
CREATE COLLECTION things (n BIGINT NOT NULL);
CREATE INDEX by_n ON things (n);
CREATE INDEX by_tag ON things (tags);
CREATE UNIQUE INDEX by_code ON things (code);
)sql";

/// Damage that no statement could do is put into the tree by hand, and the check has to find it.
class DocumentCheckTest : public testing::Test {
  protected:
    DocumentCheckTest() {
        world.insert("things", "{'_id': 1, 'n': 5, 'tags': ['a', 'b'], 'code': 'x'}");
        world.insert("things", "{'_id': 2, 'n': 6, 'code': 'y'}");
        EXPECT_THAT(world.findings(), IsEmpty());
    }
    Buffer document_key(const BsonValue& id) const {
        return Buffer{DocumentKey{world.at("things").space(), id}.bytes()};
    }
    /// The keys in the space of an index, without the array mark.
    std::vector<std::string> entries(std::string_view index) const {
        const SpaceBounds all{world.at("things").require_index(index).space()};
        std::vector<std::string> keys;
        for (const auto& [key, value] : world.contents()) {
            if (key > all.lower && key < all.upper) keys.push_back(key);
        }
        return keys;
    }
    void put(const Buffer& key, Bytes value) { world.writing.put(TreeId::documents, key, value); }

    World world{schema};
};

TEST_F(DocumentCheckTest, FindsBytesThatAreNoDocument) {
    put(document_key(1), "garbage");
    EXPECT_THAT(world.findings(), Contains(HasSubstr("collection things: document space")));
}

TEST_F(DocumentCheckTest, FindsADocumentUnderAnotherKey) {
    put(document_key(3), Document{{"_id", 4}, {"n", std::int64_t{1}}}.bytes());
    EXPECT_THAT(world.findings(), Contains(HasSubstr("is stored under the key of another _id")));
}

TEST_F(DocumentCheckTest, FindsFieldsThatBreakTheirDeclaration) {
    put(document_key(2), Document{{"_id", 2}, {"n", 6}, {"code", "y"}}.bytes());
    EXPECT_THAT(world.findings(), ElementsAre(HasSubstr("not as its declared fields store it")));
    put(document_key(2), Document{{"_id", 2}, {"n", "six"}, {"code", "y"}}.bytes());
    EXPECT_THAT(world.findings(), Contains(HasSubstr("field n is BIGINT")));
}

TEST_F(DocumentCheckTest, FindsAMissingEntry) {
    world.writing.erase(TreeId::documents, entries("by_n").front());
    EXPECT_THAT(world.findings(), ElementsAre(HasSubstr("has no entry in index by_n")));
}

TEST_F(DocumentCheckTest, FindsAnEntryWithoutItsDocument) {
    world.writing.erase(TreeId::documents, document_key(2));
    EXPECT_THAT(world.findings(), Contains(HasSubstr("index by_n has the entry")));
    // A walk of the index meets the same damage.
    EXPECT_THROW(static_cast<void>(world.find("things", "{'n': 6}")), Error);
}

TEST_F(DocumentCheckTest, FindsAnEntryOfAnotherValue) {
    codec::KeyWriter key{world.at("things").require_index("by_n").space()};
    key.integer(99).raw(without_space(document_key(1)));
    put(key.take(), "");
    EXPECT_THAT(world.findings(), ElementsAre(HasSubstr("or does not have these values")));
    EXPECT_THAT(world.find("things", "{'n': 99}"), IsEmpty());
}

TEST_F(DocumentCheckTest, FindsAUniqueEntryOfAnotherDocument) {
    put(entries("by_code").front(), without_space(document_key(2)));
    EXPECT_THAT(world.findings(), Contains(HasSubstr("belongs to another document")));
}

TEST_F(DocumentCheckTest, FindsAForgottenArrayMark) {
    put(codec::KeyWriter{world.at("things").require_index("by_tag").space()}.take(),
        Bytes{"\0\0\0\0", 4});
    EXPECT_THAT(world.findings(),
                ElementsAre(HasSubstr("index by_tag does not know of its arrays")));
}

TEST_F(DocumentCheckTest, CountsWhatItSaw) {
    const CheckSummary summary =
        check(world.writing, *world.collections, [](const std::string&) {});
    EXPECT_EQ(summary.documents, 2u);
    EXPECT_EQ(summary.index_entries, 2u + 3u + 2u);
    EXPECT_EQ(summary.findings, 0u);
}

}  // namespace

}  // namespace amphora::document
