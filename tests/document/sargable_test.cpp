// For filters of every form: if a filter bounds the values of an index's first path, the index is
// used, and it finds what a walk over everything finds.

#include "document/random_documents.hpp"
#include "document/world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

namespace amphora::document {
namespace {

using testing::HasSubstr;

constexpr std::string_view schema = R"sql(
CREATE COLLECTION things (n BIGINT);
CREATE INDEX by_a ON things (a);
CREATE INDEX by_weak_topic ON things (weak.topic, weak.score);
CREATE INDEX by_deep ON things (deep.list.x);
)sql";

/// Filters that bound one path, made from all shapes that the language has for it.
class BoundingFilters {
  public:
    explicit BoundingFilters(RandomDocuments& documents) : documents_{documents} {}

    /// A filter that a document can fulfil only with certain values at `path`.
    Document filter(const std::string& path, int depth = 2) {
        switch (documents_.below(depth == 0 ? 2 : 6)) {
            case 0:
            case 1:
                return Document{{path, condition()}};
            case 2:
                return Document{{"$and", Array{filter(path, depth - 1), unrelated()}}};
            case 3:
                return Document{{"$or", Array{filter(path, depth - 1), filter(path, depth - 1)}}};
            case 4:
                return Document{{"$or", Array{filter(path, depth - 1)}}};
            default:
                return elements(path, depth);
        }
    }

  private:
    /// Also 99, which nothing equals, and null and arrays, which are looked for by other keys.
    BsonValue value() {
        switch (documents_.below(8)) {
            case 0:
                return nullptr;
            case 1:
                return Array{documents_.scalar()};
            case 2:
                return Array{};
            case 3:
                return 99;
            default:
                return documents_.scalar();
        }
    }
    BsonValue plain_value() {
        BsonValue value = documents_.scalar();
        return value.view().is_null() ? BsonValue{1} : value;
    }
    BsonValue condition() {
        switch (documents_.below(7)) {
            case 0:
                return value();
            case 1:
                return Document{{"$eq", value()}};
            case 2:
                return Document{{"$in", Array{value(), value()}}};
            case 3:
                return Document{{"$gte", documents_.scalar()}};
            case 4:
                return Document{{"$lt", plain_value()}};
            case 5:
                return Document{{"$gt", plain_value()}, {"$lte", documents_.scalar()}};
            default:
                return Document{{"$all", Array{value(), value()}}};
        }
    }
    /// {"weak": {"$elemMatch": {"topic": ...}}} for weak.topic; for a path of one name
    /// {"a": {"$elemMatch": {"$gt": ...}}}.
    Document elements(const std::string& path, int depth) {
        const std::size_t dot = documents_.below(2) == 0 ? path.find('.') : path.rfind('.');
        if (dot == std::string::npos) {
            return Document{{path, Document{{"$elemMatch", Document{{"$gte", plain_value()},
                                                                    {"$lte", plain_value()}}}}}};
        }
        const std::string inner = path.substr(dot + 1);
        const Document condition = inner.find('.') == std::string::npos
                                       ? Document{{inner, this->condition()}}
                                       : elements(inner, depth);
        return Document{{path.substr(0, dot), Document{{"$elemMatch", condition}}}};
    }
    Document unrelated() {
        return Document{{"other", Document{{"$exists", documents_.below(2) == 0}}}};
    }

    RandomDocuments& documents_;
};

TEST(SargableTest, AnIndexWhoseFirstPathIsBoundIsUsed) {
    support::Random random;
    SCOPED_TRACE(random.seed_text());
    RandomDocuments documents{random};
    BoundingFilters filters{documents};
    World world{schema};
    std::map<std::int32_t, Document> all;
    const auto element = [&]() -> BsonValue {
        if (documents.below(5) == 0) return documents.value();
        Document made;
        if (documents.below(4) != 0) made.append("topic", documents.scalar());
        if (documents.below(4) != 0) made.append("score", documents.value());
        if (documents.below(2) != 0) made.append("x", documents.value());
        return made;
    };
    const auto list = [&]() -> BsonValue {
        if (documents.below(5) == 0) return element();
        Array made;
        for (auto count = documents.below(4); count > 0; --count) made.append(element());
        return made;
    };
    for (std::int32_t id = 0; id < 150; ++id) {
        Document document{{"_id", id}};
        if (documents.below(5) != 0) document.append("a", documents.value());
        if (documents.below(5) != 0) document.append("weak", list());
        if (documents.below(5) != 0) document.append("deep", Document{{"list", list()}});
        if (documents.below(2) != 0) document.append("other", 1);
        try {
            document::insert(world.writing, world.at("things"), document);
            all.emplace(id, document);
        } catch (const Error& error) {
            // Arrays side by side have no entries.
            ASSERT_EQ(error.code(), ErrorCode::type_mismatch) << error.what();
        }
    }
    ASSERT_GT(all.size(), 100u);

    struct Target {
        const char* path;
        const char* index;
    };
    std::size_t matched = 0;
    for (std::uint64_t round = 0;
         round < 3000 * support::test_scale() && !::testing::Test::HasFailure(); ++round) {
        for (const Target target :
             {Target{"a", "index by_a,"}, Target{"weak.topic", "index by_weak_topic,"},
              Target{"deep.list.x", "index by_deep,"}}) {
            const Filter filter{filters.filter(target.path)};
            DocumentScan found = document::find(world.writing, world.at("things"), filter);
            EXPECT_THAT(found.explain(), HasSubstr(target.index)) << to_json(filter.text());
            std::set<std::int32_t> seen;
            while (found.next()) {
                EXPECT_TRUE(seen.insert(*found.document().field("_id")->as_int32()).second);
            }
            std::set<std::int32_t> expected;
            for (const auto& [id, document] : all) {
                if (filter.matches(document)) expected.insert(id);
            }
            EXPECT_EQ(seen, expected) << to_json(filter.text()) << "\n" << found.explain();
            matched += expected.size();
        }
    }
    EXPECT_GT(matched, 1000u);
}

}  // namespace
}  // namespace amphora::document
