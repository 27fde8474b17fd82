#include "document/collection/keys.hpp"
#include "document/index/entries.hpp"
#include "document/world.hpp"

#include "codec/key/ordered_key.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace amphora::document {

namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

constexpr std::string_view schema = R"sql(
CREATE COLLECTION things (n BIGINT, at DATETIME);
CREATE INDEX by_tag ON things (tags);
CREATE INDEX by_n_at ON things (n, at);
CREATE INDEX by_pair ON things (list.x, list.y);
CREATE INDEX by_place ON things ("list.0.x");
CREATE UNIQUE INDEX by_code ON things (code);
)sql";

class IndexTest : public testing::TestWithParam<support::MemoryWriting::Answers> {
  protected:
    /// The entries of a document as people read them, without the space.
    std::vector<std::string> entries(std::string_view index, const std::string& document) {
        std::vector<std::string> all;
        const BoundCollection& things = world.at("things");
        for (const Buffer& key :
             index_entries(things, things.require_index(index), json(document)).keys) {
            const std::string text = codec::describe_key(key);
            all.push_back(text.substr(text.find('(')));
        }
        return all;
    }

    World world{schema, GetParam()};
};

/// Each value that a filter's path leads to has an entry, once.
TEST_P(IndexTest, EntersEachElementOfAnArray) {
    EXPECT_THAT(entries("by_tag", "{'tags': ['a', 'b', 'a']}"), ElementsAre("(\"a\")", "(\"b\")"));
    EXPECT_THAT(entries("by_tag", "{'tags': 'a'}"), ElementsAre("(\"a\")"));
    EXPECT_THAT(entries("by_tag", "{}"), ElementsAre("(null)"));
    EXPECT_THAT(entries("by_tag", "{'tags': []}"), ElementsAre("(undefined)"));
    EXPECT_THAT(entries("by_pair", "{'list': [{'x': 1, 'y': 2}, {'x': 3}, 5]}"),
                ElementsAre("(null, null)", "(1, 2)", "(3, null)"));
    EXPECT_THAT(entries("by_pair", "{'list': {'x': [1, 2], 'y': 7}}"),
                ElementsAre("(1, 7)", "(2, 7)"));
    EXPECT_THAT(entries("by_place", "{'list': [{'x': 1}, {'x': 2}]}"), ElementsAre("(1)"));
    EXPECT_THAT(entries("by_place", "{'list': {'0': {'x': 4}}}"), ElementsAre("(4)"));
}

/// Two arrays side by side would need an entry for every combination.
TEST_P(IndexTest, RefusesArraysSideBySide) {
    const auto [code, what] =
        refusal(world, [&] { world.insert("things", "{'list': {'x': [1, 2], 'y': [3, 4]}}"); });
    EXPECT_EQ(code, ErrorCode::type_mismatch);
    EXPECT_THAT(what, HasSubstr("list.x and list.y lead into different arrays"));
    EXPECT_EQ(
        refusal(world, [&] { world.insert("things", "{'list': [{'x': 1}, {'0': {'x': 2}}]}"); })
            .first,
        ErrorCode::type_mismatch);
}

/// A document with several entries in the range is one document.
TEST_P(IndexTest, FindsADocumentOnce) {
    world.insert("things", "{'_id': 1, 'code': 1, 'tags': ['a', 'b', 'c']}");
    world.insert("things", "{'_id': 2, 'code': 2, 'tags': 'b'}");
    EXPECT_THAT(world.explain("things", "{'tags': {'$gte': 'a'}}"), HasSubstr("index by_tag"));
    EXPECT_THAT(world.ids("things", "{'tags': {'$gte': 'a'}}"), UnorderedElementsAre("1", "2"));
    EXPECT_THAT(world.ids("things", "{'tags': {'$in': ['a', 'b', 'x']}}"),
                UnorderedElementsAre("1", "2"));
    EXPECT_THAT(world.ids("things", "{'tags': 'c'}"), ElementsAre("1"));
}

/// Two elements can fulfil two conditions on an array: no entry is between the bounds, and the
/// document must still be found. The same holds for two paths through one array.
TEST_P(IndexTest, DoesNotBindDifferentElementsTogether) {
    world.insert("things", "{'_id': 1, 'code': 1, 'tags': [1, 9]}");
    EXPECT_THAT(world.ids("things", "{'tags': {'$gt': 4, '$lt': 6}}"), ElementsAre("1"));
    world.insert("things", "{'_id': 2, 'code': 2, 'list': [{'x': 1, 'y': 5}, {'x': 2, 'y': 6}]}");
    EXPECT_THAT(world.explain("things", "{'list.x': 1, 'list.y': 6}"), HasSubstr("by_pair"));
    EXPECT_THAT(world.ids("things", "{'list.x': 1, 'list.y': 6}"), ElementsAre("2"));
}

/// A condition on the elements of an array is one on the paths through it.
TEST_P(IndexTest, SeesThroughElementMatches) {
    world.insert("things", "{'_id': 1, 'code': 1, 'list': [{'x': 1, 'y': 5}, {'x': 2, 'y': 6}]}");
    world.insert("things", "{'_id': 2, 'code': 2, 'list': [{'x': 1, 'y': 6}]}");
    world.insert("things", "{'_id': 3, 'code': 3, 'list': [{'x': 3}], 'tags': [1, 9]}");
    world.insert("things", "{'_id': 4, 'code': 4, 'tags': [5, 6]}");
    const std::string pair = "{'list': {'$elemMatch': {'x': 1, 'y': 6}}}";
    EXPECT_THAT(world.explain("things", pair), HasSubstr("index by_pair, list.x = 1"));
    EXPECT_THAT(world.ids("things", pair), ElementsAre("2"));
    // One element is between both ends; two elements may fulfil two conditions on the array.
    const std::string between = "{'tags': {'$elemMatch': {'$gt': 4, '$lt': 8}}}";
    EXPECT_THAT(world.explain("things", between), HasSubstr("by_tag, tags > 4, tags < 8;"));
    EXPECT_THAT(world.ids("things", between), ElementsAre("4"));
    EXPECT_THAT(world.ids("things", "{'tags': {'$gt': 4, '$lt': 8}}"),
                UnorderedElementsAre("3", "4"));
}

/// Of an element that is an array, a field is not there and a position names an element, although
/// the entries know nothing of either.
TEST_P(IndexTest, MatchesElementsThatAreArrays) {
    world.insert("things", "{'_id': 1, 'code': 1, 'list': [[5]]}");
    world.insert("things", "{'_id': 2, 'code': 2, 'list': [{'y': 1}]}");
    const std::string nothing = "{'list': {'$elemMatch': {'x': null}}}";
    EXPECT_THAT(world.explain("things", nothing), HasSubstr("index by_pair"));
    EXPECT_THAT(world.ids("things", nothing), UnorderedElementsAre("1", "2"));
    world.insert("things", "{'_id': 3, 'code': 3, 'list': [5, [{'x': 7}]]}");
    EXPECT_THAT(world.ids("things", "{'list': {'$elemMatch': {'0.x': 7}}}"), ElementsAre("3"));
}

/// Where every branch of an $or is about the index, its entries are those of one of them.
TEST_P(IndexTest, JoinsTheBranchesOfAnOr) {
    for (int i = 0; i < 10; ++i) {
        document::insert(world.writing, world.at("things"),
                         Document{{"_id", i}, {"code", i}, {"n", i}});
    }
    const auto expect = [&](const std::string& filter, const std::string& plan, const auto& ids) {
        EXPECT_THAT(world.explain("things", filter), HasSubstr(plan)) << filter;
        EXPECT_THAT(world.ids("things", filter), ids) << filter;
    };
    expect("{'$or': [{'n': 7}, {'n': 2, 'code': 2}, {'n': 3, 'code': 9}]}",
           "by_n_at, n in 3 values", ElementsAre("2", "7"));
    expect("{'$or': [{'n': {'$lt': 2}}, {'n': {'$gte': 8}}, {'n': 5}]}", "by_n_at, n in 3 ranges",
           ElementsAre("0", "1", "5", "8", "9"));
    expect("{'$or': [{'n': {'$lt': 5}}, {'n': {'$lt': 2}}]}", "by_n_at, n in 1 range;",
           ElementsAre("0", "1", "2", "3", "4"));
    expect("{'$or': [{'n': 4}]}", "by_n_at, n = 4", ElementsAre("4"));
    expect("{'$or': [{'n': 4}, {'tags': 'a'}]}", "documents by _id", ElementsAre("4"));
}

/// A whole array is looked for by its first element.
TEST_P(IndexTest, FindsAWholeArray) {
    world.insert("things", "{'_id': 1, 'code': 1, 'tags': ['a', 'b']}");
    world.insert("things", "{'_id': 2, 'code': 2, 'tags': [['a', 'b'], 'c']}");
    world.insert("things", "{'_id': 3, 'code': 3, 'tags': ['a']}");
    world.insert("things", "{'_id': 4, 'code': 4, 'tags': []}");
    world.insert("things", "{'_id': 5, 'code': 5, 'tags': [[]]}");
    EXPECT_THAT(world.explain("things", "{'tags': ['a', 'b']}"), HasSubstr("index by_tag"));
    EXPECT_THAT(world.ids("things", "{'tags': ['a', 'b']}"), UnorderedElementsAre("1", "2"));
    EXPECT_THAT(world.ids("things", "{'tags': []}"), UnorderedElementsAre("4", "5"));
    EXPECT_THAT(world.ids("things", "{'tags': {'$in': [['a'], 'c']}}"),
                UnorderedElementsAre("2", "3"));
}

/// What an index gives is put to the filter again: an entry says less than a condition.
TEST_P(IndexTest, AsksTheDocumentItself) {
    world.insert("things", "{'_id': 1, 'code': 1, 'n': 5, 'event': 'a'}");
    world.insert("things", "{'_id': 2, 'code': 2, 'n': 5, 'event': 'b'}");
    EXPECT_THAT(world.explain("things", "{'n': 5, 'event': 'b'}"), HasSubstr("index by_n_at"));
    EXPECT_THAT(world.ids("things", "{'n': 5, 'event': 'b'}"), ElementsAre("2"));
    EXPECT_THAT(world.ids("things", "{'tags': null, 'n': {'$exists': true}, 'event': 'a'}"),
                ElementsAre("1"));
}

/// Declared fields cannot be arrays, so that both ends of a range count, in either direction.
TEST_P(IndexTest, WalksARangeBothWays) {
    for (int i = 0; i < 10; ++i) {
        document::insert(
            world.writing, world.at("things"),
            Document{{"_id", i}, {"code", i}, {"n", i % 2}, {"at", BsonValue::date_ms(1000 * i)}});
    }
    const std::string filter =
        "{'n': 1, 'at': {'$gte': {'$date': {'$numberLong': '3000'}}, '$lt': {'$date': "
        "{'$numberLong': '9000'}}}}";
    EXPECT_EQ(world.explain("things", filter),
              "things: index by_n_at, n = 1, at >= {\"$date\": \"1970-01-01T00:00:03Z\"}, at < "
              "{\"$date\": \"1970-01-01T00:00:09Z\"}; the filter is checked on each document");
    EXPECT_THAT(world.ids("things", filter), ElementsAre("3", "5", "7"));
    EXPECT_THAT(world.ids("things", filter, {.direction = Direction::backward}),
                ElementsAre("7", "5", "3"));
    EXPECT_THAT(world.ids("things", filter, {.skip = 1, .limit = 1}), ElementsAre("5"));
    EXPECT_THAT(world.ids("things",
                          "{'n': {'$in': [1, 0]}, 'at': {'$lt': {'$date': "
                          "{'$numberLong': '3000'}}}}"),
                ElementsAre("0", "2", "1"));
    EXPECT_THAT(world.ids("things", "{'n': {'$gt': 0}}", {.direction = Direction::backward}),
                ElementsAre("9", "7", "5", "3", "1"));
    EXPECT_THAT(world.ids("things", "{'_id': {'$gte': 8}}"), ElementsAre("8", "9"));
    EXPECT_THAT(world.ids("things", "{'_id': {'$in': [9, 3, 77]}}"), ElementsAre("3", "9"));
    EXPECT_THAT(world.ids("things", "{'n': {'$gt': 9, '$lt': 3}}"), IsEmpty());
}

/// The _id and whole unique keys lead to one document without a walk.
TEST_P(IndexTest, GoesStraightToAPoint) {
    world.insert("things", "{'_id': 1, 'code': 'x'}");
    const auto cursors = world.writing.cursors;
    EXPECT_THAT(world.ids("things", "{'_id': 1}"), ElementsAre("1"));
    EXPECT_THAT(world.ids("things", "{'_id': 2}"), IsEmpty());
    EXPECT_THAT(world.ids("things", "{'code': 'x'}"), ElementsAre("1"));
    EXPECT_THAT(world.ids("things", "{'code': 'y'}"), IsEmpty());
    EXPECT_EQ(world.writing.cursors, cursors);
}

/// A unique index holds each value once, null included, and says which one is there already.
TEST_P(IndexTest, HoldsUniqueValuesOnce) {
    world.insert("things", "{'_id': 1, 'code': 'x'}");
    EXPECT_EQ(refusal(world, [&] { world.insert("things", "{'_id': 2, 'code': 'x'}"); }),
              std::pair(ErrorCode::duplicate_key,
                        std::string{"unique index by_code on things already has (code \"x\")"}));
    world.insert("things", "{'_id': 2}");
    EXPECT_EQ(refusal(world, [&] { world.insert("things", "{'_id': 3}"); }).first,
              ErrorCode::duplicate_key);
    EXPECT_EQ(refusal(world, [&] { world.put("things", "{'_id': 2, 'code': ['y', 'x']}"); }).first,
              ErrorCode::duplicate_key);
    world.put("things", "{'_id': 2, 'code': ['y', 'z', 'y']}");
    world.update("things", "{'_id': 1}", "{'$set': {'code': 'w'}}");
    world.insert("things", "{'_id': 3, 'code': 'x'}");
    EXPECT_THAT(world.findings(), IsEmpty());
}

/// A statement over many documents that fails at one of them has not touched the others.
TEST_P(IndexTest, LeavesNoTraceOfHalfAStatement) {
    world.insert("things", "{'_id': 1, 'code': 1}");
    world.insert("things", "{'_id': 2, 'code': 2}");
    world.insert("things", "{'_id': 3, 'code': 3}");
    EXPECT_EQ(refusal(world, [&] { world.update("things", "{}", "{'$set': {'code': 9}}"); }).first,
              ErrorCode::duplicate_key);
    int writes = 0;
    world.writing.before_write = [&](TreeId, Bytes) {
        if (++writes == 4) throw Error{ErrorCode::documents_stalled, "full"};
    };
    EXPECT_EQ(refusal(world, [&] { world.insert("things", "{'_id': 4, 'code': 4}"); }).first,
              ErrorCode::documents_stalled);
    writes = 0;
    EXPECT_EQ(refusal(world, [&] { world.erase("things", "{}"); }).first,
              ErrorCode::documents_stalled);
}

/// Index entries come and go with their documents.
TEST_P(IndexTest, FollowsEveryChange) {
    world.insert("things", "{'_id': 1, 'code': 1, 'tags': ['a', 'b'], 'n': 1}");
    world.update("things", "{'_id': 1}", "{'$pull': {'tags': 'a'}, '$inc': {'n': 1}}");
    EXPECT_THAT(world.ids("things", "{'tags': 'a'}"), IsEmpty());
    EXPECT_THAT(world.ids("things", "{'tags': 'b'}"), ElementsAre("1"));
    EXPECT_THAT(world.ids("things", "{'n': 1}"), IsEmpty());
    EXPECT_THAT(world.findings(), IsEmpty());
    EXPECT_EQ(world.erase("things", "{'tags': 'b'}"), 1u);
    EXPECT_THAT(world.findings(), IsEmpty());
    // What remains is what the indexes remember about arrays.
    for (const auto& [key, value] : world.contents()) EXPECT_EQ(key.size(), 4u);
}

/// Values of any length are indexed, and found, also where their first 500 bytes are the same.
TEST_P(IndexTest, TakesValuesOfAnyLength) {
    const std::string start(600, 'a');
    const auto text = [&](const std::string& end) { return "'" + start + end + "'"; };
    for (const char* end : {"", "b", "c"}) {
        world.insert("things", "{'_id': " + text(end) + ", 'code': " + text(end) +
                                   ", 'tags': " + text(end) + "}");
    }
    EXPECT_THAT(world.findings(), IsEmpty());
    for (const std::string path : {"_id", "code", "tags"}) {
        EXPECT_EQ(world.find("things", "{'" + path + "': " + text("b") + "}").size(), 1u) << path;
        EXPECT_EQ(world.find("things", "{'" + path + "': " + text("d") + "}").size(), 0u) << path;
        EXPECT_EQ(world.find("things", "{'" + path + "': {'$gte': " + text("b") + "}}").size(), 2u);
        EXPECT_EQ(world.find("things", "{'" + path + "': {'$lt': " + text("b") + "}}").size(), 1u);
        EXPECT_EQ(
            world.find("things", "{'" + path + "': {'$in': [" + text("") + "," + text("c") + "]}}")
                .size(),
            2u);
    }
    EXPECT_EQ(refusal(world, [&] { world.insert("things", "{'code': " + text("c") + "}"); }).first,
              ErrorCode::duplicate_key);
    Buffer scratch;
    EXPECT_TRUE(document::find(world.writing, world.at("things"), BsonValue{start}, scratch));
    EXPECT_EQ(world.erase("things", "{'tags': {'$gte': 'a'}}"), 3u);
    EXPECT_TRUE(world.contents().empty());
}

/// The hash of a long value only says where to search. Another document whose values have the same
/// hash, made here by hand, neither prevents the insert nor is lost.
TEST_P(IndexTest, DoesNotBelieveAHash) {
    const std::string mine(300, 'm');
    const std::string other = mine.substr(0, 299) + "o";
    world.insert("things", "{'_id': 1, 'code': '" + other + "', 'tags': 1}");
    const auto stored = [&](const std::string& code) {
        codec::KeyWriter key{world.at("things").require_index("by_code").space()};
        key.text(code);
        Buffer limited{key.bytes()};
        codec::limit_key(limited, part_bytes_max);
        return limited + Buffer{without_space(DocumentKey{SpaceId{16}, BsonValue{1}}.bytes())};
    };
    Buffer scratch;
    const Buffer value{world.writing.find(TreeId::documents, stored(other), scratch).value()};
    world.writing.erase(TreeId::documents, stored(other));
    world.writing.put(TreeId::documents, stored(mine), value);

    world.insert("things", "{'_id': 2, 'code': '" + mine + "', 'tags': 2}");
    EXPECT_THAT(world.ids("things", "{'code': '" + mine + "'}"), ElementsAre("2"));
    EXPECT_EQ(refusal(world, [&] { world.insert("things", "{'code': '" + mine + "'}"); }).first,
              ErrorCode::duplicate_key);
}

/// A walk shows what was there when it began: what it is used to write does not come back into it.
TEST_P(IndexTest, DoesNotChaseItsOwnWrites) {
    for (int i = 0; i < 5; ++i) {
        world.insert("things", fmt::format("{{'_id': {0}, 'code': {0}, 'n': {0}}}", i));
    }
    EXPECT_EQ(world.update("things", "{'n': {'$gte': 0}}", "{'$inc': {'n': 3}}"), 5u);
    EXPECT_THAT(world.ids("things", "{'n': {'$gte': 3}}"), ElementsAre("0", "1", "2", "3", "4"));

    DocumentScan found =
        document::find(world.writing, world.at("things"), Filter{json("{'n': 7}")});
    world.update("things", "{'n': 7}", "{'$set': {'n': 8, 'new': true}}");
    ASSERT_TRUE(found.next());
    EXPECT_EQ(to_json(found.document()), R"({"_id": 4, "code": 4, "n": 7})");
    EXPECT_FALSE(found.next());
    EXPECT_FALSE(found.next());

    DocumentScan point =
        document::find(world.writing, world.at("things"), Filter{json("{'_id': 4}")});
    world.erase("things", "{'_id': 4}");
    ASSERT_TRUE(point.next());
    EXPECT_EQ(to_json(point.document()), R"({"_id": 4, "code": 4, "n": 8, "new": true})");
}

/// An index that comes later is filled from what is there, and refuses what it cannot hold.
TEST_P(IndexTest, IsFilledLater) {
    World before{"CREATE COLLECTION things (n BIGINT, at DATETIME);", GetParam()};
    before.insert("things", "{'_id': 1, 'tags': ['a', 'b'], 'code': 1}");
    before.insert("things", "{'_id': 2, 'tags': 'a', 'code': 1}");
    World after{schema, GetParam()};
    const BoundCollection& things = after.at("things");
    fill_index(before.writing, things, things.require_index("by_tag"));
    DocumentScan found = document::find(before.writing, things, Filter{json("{'tags': 'a'}")});
    EXPECT_THAT(found.explain(), HasSubstr("by_tag"));
    EXPECT_TRUE(found.next() && found.next() && !found.next());
    EXPECT_EQ(refusal(before,
                      [&] { fill_index(before.writing, things, things.require_index("by_code")); })
                  .first,
              ErrorCode::duplicate_key);
}

INSTANTIATE_TEST_SUITE_P(Answers, IndexTest,
                         testing::Values(support::MemoryWriting::Answers::in_place,
                                         support::MemoryWriting::Answers::in_scratch),
                         [](const auto& instance) {
                             return instance.param == support::MemoryWriting::Answers::in_place
                                        ? "InPlace"
                                        : "InScratch";
                         });

}  // namespace

}  // namespace amphora::document
