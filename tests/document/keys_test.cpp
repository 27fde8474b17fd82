#include "document/collection/keys.hpp"
#include "document/random_documents.hpp"
#include "document/world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

/// What is left of an erased document may be its key alone. The key tells the _id, or says that it
/// cannot.
namespace amphora::document {

namespace {

using testing::HasSubstr;

constexpr SpaceId space{16};

TEST(DocumentKeysTest, GiveTheIdOfTheirDocument) {
    support::Random random;
    SCOPED_TRACE(random.seed_text());
    RandomDocuments documents{random};
    World world{"CREATE COLLECTION things (n BIGINT);"};
    for (std::uint64_t left = 500 * support::test_scale(); left > 0; --left) {
        Document document;
        switch (documents.below(4)) {
            case 0:
                document.append("_id", documents.fields(3));
                break;
            case 1:
                document.append("_id", std::string(200 + documents.below(100), 'x'));
                break;
            default:
                document.append("_id", documents.scalar());
        }
        document::put(world.writing, world.at("things"), document);
    }
    int limited = 0;
    int read = 0;
    const SpaceBounds things{world.at("things").space()};
    for (const auto& [key, value] : world.contents()) {
        if (key < things.lower || key >= things.upper) continue;
        const BsonView stored = *DocumentView{value}.field("_id");
        const std::optional<BsonValue> id = id_of_key(key);
        ASSERT_EQ(id.has_value(), fits(key)) << to_json(stored);
        ++(id ? read : limited);
        if (!id) continue;
        ASSERT_TRUE(codec::compare(id->view(), stored) == 0)
            << to_json(stored) << " was read as " << to_json(*id);
        ASSERT_EQ((DocumentKey{world.at("things").space(), *id}.bytes()), key);
    }
    EXPECT_GT(read, 20);
    EXPECT_GT(limited, 20);
}

TEST(DocumentKeysTest, SayOfALimitedKeyThatTheDocumentIsNeeded) {
    for (const std::size_t bytes : {233U, 234U, 500U}) {
        const BsonValue id = std::string(bytes, 'x');
        const DocumentKey key{space, id};
        ASSERT_EQ(fits(key.bytes()), bytes == 233);
        EXPECT_EQ(id_of_key(key.bytes()), bytes == 233 ? std::optional{id} : std::nullopt);
    }
}

TEST(DocumentKeysTest, RefuseDamage) {
    const auto refuses = [](std::string_view words,
                            const std::function<void(codec::KeyWriter&)>& write) {
        codec::KeyWriter key{space};
        write(key);
        try {
            static_cast<void>(id_of_key(key.bytes()));
            ADD_FAILURE() << "an _id was read from a key that should say " << words;
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), ErrorCode::corrupt) << error.what();
            EXPECT_THAT(error.what(), HasSubstr(words));
        }
    };
    using Key = codec::KeyWriter;
    refuses("another element", [](Key&) {});
    refuses("the end of a document's key", [](Key& key) { key.integer(1).integer(2); });
    refuses("an ascending _id",
            [](Key& key) { key.order(codec::KeyOrder::descending).integer(1); });
    refuses("not enumeration", [](Key& key) { key.enumeration(1); });
    refuses("not UTF-8", [](Key& key) { key.text("\xff"); });
    refuses("shorter or limited", [](Key& key) { key.text(std::string(235, 'x')); });
    refuses("shorter or limited", [](Key& key) { key.text(std::string(500, 'x')); });
    EXPECT_THROW(static_cast<void>(id_of_key("abc")), Error);
}

/// A flipped bit or a missing end: refused, or exactly the key of another _id.
TEST(DocumentKeysTest, AreNeverReadAsAnotherKey) {
    support::Random random;
    SCOPED_TRACE(random.seed_text());
    RandomDocuments documents{random};
    int refused = 0;
    int other = 0;
    for (std::uint64_t left = 5'000 * support::test_scale(); left > 0; --left) {
        const BsonValue id =
            documents.below(3) == 0 ? BsonValue{documents.fields(3)} : documents.scalar();
        std::string key{DocumentKey{space, id}.bytes()};
        if (!fits(key)) continue;
        key[4 + random() % (key.size() - 4)] ^= static_cast<char>(1 << random() % 8);
        if (random.once_in(3)) key.resize(4 + random() % (key.size() - 4));
        try {
            const std::optional<BsonValue> read = id_of_key(key);
            ASSERT_TRUE(read);
            ASSERT_EQ((DocumentKey{space, *read}.bytes()), key) << to_json(*read);
            ++other;
        } catch (const Error& error) {
            ASSERT_EQ(error.code(), ErrorCode::corrupt) << error.what();
            ++refused;
        }
    }
    EXPECT_GT(refused, 100);
    EXPECT_GT(other, 100);
}

}  // namespace

}  // namespace amphora::document
