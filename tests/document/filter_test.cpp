#include "document/query/filter.hpp"

#include "document/world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace amphora::document {

namespace {

bool matches(const std::string& filter, const std::string& document) {
    return Filter{json(filter)}.matches(json(document));
}

std::pair<ErrorCode, std::string> refusal_of(const std::string& filter) {
    try {
        Filter{json(filter)};
    } catch (const Error& error) {
        return {error.code(), error.what()};
    }
    ADD_FAILURE() << filter << " was not refused";
    return {ErrorCode::io_error, ""};
}

/// Who asks for null asks for "nothing there", however it came about; undefined is something else.
TEST(FilterTest, TakesAMissingFieldForNull) {
    EXPECT_TRUE(matches("{'a': null}", "{'a': null}"));
    EXPECT_TRUE(matches("{'a': null}", "{'b': 1}"));
    EXPECT_TRUE(matches("{'a.b': null}", "{'a': 5}"));
    EXPECT_TRUE(matches("{'a.b': null}", "{'a': [{'b': 1}, {'c': 1}]}"));
    EXPECT_FALSE(matches("{'a.b': null}", "{'a': [1, 2]}"));
    EXPECT_FALSE(matches("{'a': null}", "{'a': []}"));
    EXPECT_FALSE(matches("{'a': null}", "{'a': {'$undefined': true}}"));
    EXPECT_TRUE(matches("{'a': {'$gte': null}}", "{}"));
    EXPECT_FALSE(matches("{'a': {'$gt': null}}", "{'a': 1}"));
}

/// A comparison is only with values of its own kind: 5 is not less than "6", but it is less than
/// 5.5, for all types of numbers.
TEST(FilterTest, ComparesWithinOneKindOfValue) {
    EXPECT_TRUE(matches("{'a': {'$gt': 4}}", "{'a': {'$numberDecimal': '4.5'}}"));
    EXPECT_TRUE(matches("{'a': 5}", "{'a': {'$numberLong': '5'}}"));
    EXPECT_TRUE(matches("{'a': {'$lte': 9007199254740993}}", "{'a': 9007199254740992.0}"));
    EXPECT_FALSE(matches("{'a': {'$lt': '6'}}", "{'a': 5}"));
    EXPECT_FALSE(matches("{'a': {'$gt': 5}}", "{'a': 'x'}"));
    EXPECT_FALSE(matches("{'a': {'$gte': false}}", "{'a': 1}"));
    EXPECT_FALSE(matches("{'a': {'$lt': 1}}", "{'a': {'$numberDouble': 'NaN'}}"));
    EXPECT_TRUE(
        matches("{'a': {'$lte': {'$numberDouble': 'NaN'}}}", "{'a': {'$numberDecimal': 'NaN'}}"));
    EXPECT_TRUE(matches("{'a': {'$lt': {'$maxKey': 1}}}", "{'a': 'anything'}"));
}

/// An array is its elements and itself; a condition holds if one of them fulfils it, and different
/// conditions may be fulfilled by different elements, unless $elemMatch binds them together.
TEST(FilterTest, LooksIntoArrays) {
    EXPECT_TRUE(matches("{'a': 2}", "{'a': [1, 2]}"));
    EXPECT_TRUE(matches("{'a': [1, 2]}", "{'a': [1, 2]}"));
    EXPECT_TRUE(matches("{'a': [1, 2]}", "{'a': [[1, 2], 3]}"));
    EXPECT_FALSE(matches("{'a': [2, 1]}", "{'a': [1, 2]}"));
    EXPECT_TRUE(matches("{'a': {'$gt': 5, '$lt': 3}}", "{'a': [1, 9]}"));
    EXPECT_FALSE(matches("{'a': {'$elemMatch': {'$gt': 5, '$lt': 3}}}", "{'a': [1, 9]}"));
    EXPECT_TRUE(
        matches("{'a': {'$elemMatch': {'x': 1, 'y': 2}}}", "{'a': [{'x': 1}, {'x': 1, 'y': 2}]}"));
    EXPECT_FALSE(matches("{'a': {'$elemMatch': {'x': 1, 'y': 2}}}", "{'a': [{'x': 1}, {'y': 2}]}"));
    EXPECT_TRUE(matches("{'a.1': 2}", "{'a': [1, 2]}"));
    EXPECT_FALSE(matches("{'a.1': 1}", "{'a': [1, 2]}"));
    EXPECT_TRUE(matches("{'a.0.x': 1}", "{'a': [{'x': 1}]}"));
    EXPECT_TRUE(matches("{'a': {'$all': [1, 3]}}", "{'a': [3, 2, 1]}"));
    EXPECT_FALSE(matches("{'a': {'$all': []}}", "{'a': []}"));
    EXPECT_TRUE(matches("{'a': {'$size': 2}}", "{'a': [1, [2]]}"));
    EXPECT_FALSE(matches("{'a': {'$size': 1}}", "{'a': 1}"));
    EXPECT_TRUE(matches("{'a': {'$ne': 5}}", "{'a': [1, 2]}"));
    EXPECT_FALSE(matches("{'a': {'$ne': 2}}", "{'a': [1, 2]}"));
}

/// {"a": {"b": 1}} asks for a document with exactly this field; {"a.b": 1} for one that has it.
TEST(FilterTest, ComparesDocumentsWhole) {
    EXPECT_TRUE(matches("{'a': {'b': 1}}", "{'a': {'b': 1.0}}"));
    EXPECT_FALSE(matches("{'a': {'b': 1}}", "{'a': {'b': 1, 'c': 2}}"));
    EXPECT_FALSE(matches("{'a': {'b': 1, 'c': 2}}", "{'a': {'c': 2, 'b': 1}}"));
    EXPECT_TRUE(matches("{'a.b': 1}", "{'a': {'b': 1, 'c': 2}}"));
}

TEST(FilterTest, JoinsConditions) {
    EXPECT_TRUE(matches("{'$or': [{'a': 1}, {'b': 2}]}", "{'b': 2}"));
    EXPECT_FALSE(matches("{'$nor': [{'a': 1}, {'b': 2}]}", "{'b': 2}"));
    EXPECT_TRUE(matches("{'$and': [{'a': 1}, {'$or': [{'b': 2}, {'c': 3}]}]}", "{'a': 1, 'c': 3}"));
    EXPECT_TRUE(matches("{'a': {'$not': {'$gt': 3}}}", "{'b': 1}"));
    EXPECT_FALSE(matches("{'a': {'$not': {'$gt': 3}}}", "{'a': 4}"));
    EXPECT_TRUE(matches("{'a': {'$nin': [1, null]}}", "{'a': 2}"));
    EXPECT_FALSE(matches("{'a': {'$nin': [1, null]}}", "{}"));
    EXPECT_TRUE(matches("{'a': {'$exists': false}}", "{'b': null}"));
    EXPECT_TRUE(matches("{'a': {'$type': ['string', 'number']}}", "{'a': [{'$numberLong': '7'}]}"));
    EXPECT_TRUE(matches("{'$comment': 'why'}", "{}"));
    EXPECT_TRUE(Filter{}.matches(json("{'a': 1}")));
}

/// A copy of a filter is another owner of the same thing, however short its text.
TEST(FilterTest, CanBeCopiedAndMoved) {
    auto first = std::make_unique<Filter>(json("{'a':1}"));
    const Filter copy = *first;
    const Filter moved = std::move(*first);
    first.reset();
    EXPECT_TRUE(copy.matches(json("{'a':1}")));
    EXPECT_TRUE(moved.matches(json("{'a':1}")));
    EXPECT_FALSE(moved.matches(json("{'a':2}")));
}

/// What is not there is named with its place, what is wrong is called wrong; nothing is ignored.
TEST(FilterTest, NamesWhatItDoesNotTake) {
    EXPECT_EQ(refusal_of("{'a': {'$near': 1}}"),
              std::pair(ErrorCode::unsupported,
                        std::string{"filter: field a: there is no operator $near here; there are "
                                    "$eq, $ne, $gt, $gte, $lt, $lte, $in, $nin, $exists, $type, "
                                    "$size, $all, $elemMatch, $not"}));
    EXPECT_EQ(refusal_of("{'$where': 'true'}"),
              std::pair(ErrorCode::unsupported,
                        std::string{"filter: there is no operator $where here; there are $and, "
                                    "$or, $nor, $comment"}));
    EXPECT_THAT(refusal_of("{'$or': [{'a': {'$elemMatch': {'b': {'$mod': [2, 0]}}}}]}").second,
                testing::StartsWith("filter: field b: there is no operator $mod here; there are "));
    for (const char* const filter :
         {"{'a': {'$regularExpression': {'pattern': '^x', 'options': ''}}}",
          "{'a': {'$regex': '^x'}}",
          "{'a': {'$in': [{'$regularExpression': {'pattern': '^x', 'options': ''}}]}}"}) {
        EXPECT_EQ(refusal_of(filter),
                  std::pair(ErrorCode::unsupported,
                            std::string{"filter: field a: matching by a regular expression is not "
                                        "supported; for texts that begin with \"ab\" write "
                                        "{\"$gte\": \"ab\", \"$lt\": \"ac\"}"}))
            << filter;
    }
    EXPECT_EQ(refusal_of("{'$or': []}").first, ErrorCode::invalid_argument);
    EXPECT_EQ(refusal_of("{'a': {'$in': 5}}").first, ErrorCode::invalid_argument);
    EXPECT_EQ(refusal_of("{'a': {'$size': -1}}").first, ErrorCode::invalid_argument);
    EXPECT_EQ(refusal_of("{'a': {'$gt': 1, 'b': 2}}").first, ErrorCode::unsupported);
}

}  // namespace

}  // namespace amphora::document
