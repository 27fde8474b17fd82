#include "document/update/update.hpp"

#include "document/update/decimal_arithmetic.hpp"
#include "document/world.hpp"

#include <gtest/gtest.h>

namespace amphora::document {

namespace {

constexpr std::int64_t now_ms = 1'700'000'000'000;

std::string changed(const std::string& document, const std::string& update) {
    return to_json(Update{json(update)}.apply(json(document), now_ms));
}

std::pair<ErrorCode, std::string> refusal_of(const std::string& document,
                                             const std::string& update) {
    try {
        static_cast<void>(Update{json(update)}.apply(json(document), now_ms));
    } catch (const Error& error) {
        return {error.code(), error.what()};
    }
    ADD_FAILURE() << update << " was not refused";
    return {ErrorCode::io_error, ""};
}

TEST(UpdateTest, SetsAndUnsetsAtAnyDepth) {
    EXPECT_EQ(changed("{'_id': 1}", "{'$set': {'b.c': 2, 'a': 1}}"),
              R"({"_id": 1, "a": 1, "b": {"c": 2}})");
    EXPECT_EQ(changed("{'_id': 1, 'a': [1, {'x': 2}]}", "{'$set': {'a.1.x': 3, 'a.3': 4}}"),
              R"({"_id": 1, "a": [1, {"x": 3}, null, 4]})");
    EXPECT_EQ(changed("{'_id': 1, 'a': {'b': 1, 'c': 2}}", "{'$unset': {'a.b': 1, 'x.y': 1}}"),
              R"({"_id": 1, "a": {"c": 2}})");
    EXPECT_EQ(changed("{'_id': 1, 'a': [1, 2, 3]}", "{'$unset': {'a.1': ''}}"),
              R"({"_id": 1, "a": [1, null, 3]})");
}

/// A number grows into the wider type rather than wrap around, and where there is no wider one the
/// update is refused.
TEST(UpdateTest, CountsWithoutWrappingAround) {
    EXPECT_EQ(changed("{'_id': 1}", "{'$inc': {'n': 5}}"), R"({"_id": 1, "n": 5})");
    const Document grown =
        Update{json("{'$inc': {'n': 1}}")}.apply(json("{'_id': 1, 'n': 2147483647}"), now_ms);
    EXPECT_EQ(grown.field("n")->type(), BsonType::int64);
    EXPECT_EQ(grown.field("n")->as_int64(), 2147483648);
    EXPECT_EQ(refusal_of("{'_id': 1, 'n': 9223372036854775807}", "{'$inc': {'n': 1}}").first,
              ErrorCode::value_out_of_range);
    EXPECT_EQ(changed("{'_id': 1, 'n': {'$numberDecimal': '0.1'}}",
                      "{'$inc': {'n': {'$numberDecimal': '0.2'}}}"),
              R"({"_id": 1, "n": {"$numberDecimal": "0.3"}})");
    EXPECT_EQ(changed("{'_id': 1, 'n': 3}", "{'$mul': {'n': 1.5, 'm': 4}}"),
              R"({"_id": 1, "n": 4.5, "m": 0})");
    EXPECT_EQ(refusal_of("{'_id': 1, 'n': 'three'}", "{'$inc': {'n': 1}}"),
              std::pair(ErrorCode::type_mismatch,
                        std::string{"update: $inc of n: \"three\" is no number"}));
}

TEST(UpdateTest, KeepsBounds) {
    EXPECT_EQ(changed("{'_id': 1, 'a': 5, 'b': 5}", "{'$min': {'a': 3}, '$max': {'b': 3, 'c': 1}}"),
              R"({"_id": 1, "a": 3, "b": 5, "c": 1})");
    EXPECT_EQ(changed("{'_id': 1, 'a': 5}", "{'$max': {'a': 'text'}}"),
              R"({"_id": 1, "a": "text"})");
}

TEST(UpdateTest, MovesFields) {
    EXPECT_EQ(changed("{'_id': 1, 'a': {'b': 1}, 'd': 2}", "{'$rename': {'a.b': 'c.e', 'x': 'y'}}"),
              R"({"_id": 1, "a": {}, "d": 2, "c": {"e": 1}})");
    EXPECT_EQ(refusal_of("{'_id': 1, 'a': [{'b': 1}]}", "{'$rename': {'a.0.b': 'c'}}").first,
              ErrorCode::type_mismatch);
}

/// A new name is a value of the update, so nothing has looked at it as a name. One with a NUL once
/// ended there, and the bytes after it became fields that nobody had sent: evil: 1.
TEST(UpdateTest, GivesNoFieldANameWithANul) {
    using namespace std::string_view_literals;
    const Document evil{{"$rename", Document{{"a",
                                              "b\0\1\1\1\1\x10"
                                              "evil\0\1\0\0\0"sv}}}};
    try {
        const Update taken{evil};
        ADD_FAILURE() << "a name with a NUL was taken";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::invalid_argument);
        EXPECT_STREQ(error.what(),
                     "update: $rename of b: a field's name has a NUL in it, at byte 1 of the path");
    }
    for (const std::string_view name : {"\0"sv, "a.\0b"sv, "a.b\0"sv}) {
        EXPECT_THROW((Update{Document{{"$rename", Document{{"x", name}}}}}), Error);
    }
}

/// $rename as in MongoDB: never from or to the _id, nor through a value that has no fields (its
/// error 28). Without a source nothing happens, whatever the target.
TEST(UpdateTest, MovesFieldsAsMongoDoes) {
    const auto refused = [](const std::string& document, const std::string& update) {
        return refusal_of(document, update).first;
    };
    EXPECT_EQ(refused("{'_id': 1, 'a': 1}", "{'$rename': {'a': '_id'}}"),
              ErrorCode::invalid_argument);
    EXPECT_EQ(refused("{'_id': 1, 'a': 1}", "{'$rename': {'_id': 'b'}}"),
              ErrorCode::invalid_argument);
    EXPECT_EQ(refused("{'_id': {'x': 1}, 'a': 1}", "{'$rename': {'a': '_id.x'}}"),
              ErrorCode::invalid_argument);
    EXPECT_EQ(changed("{'_id': 1}", "{'$rename': {'a': '_id'}}"), R"({"_id": 1})");
    EXPECT_EQ(refusal_of("{'_id': 1, 'a': 5}", "{'$rename': {'a.b': 'c'}}"),
              std::pair(ErrorCode::type_mismatch,
                        std::string{"update: $rename of a.b to c: path a.b leads through something "
                                    "that has no fields"}));
    EXPECT_EQ(refused("{'_id': 1, 'a': 5, 'f': 4}", "{'$rename': {'a': 'f.g'}}"),
              ErrorCode::type_mismatch);
    EXPECT_EQ(refused("{'_id': 1, 'd': [{'e': 3}]}", "{'$rename': {'d.e': 'f'}}"),
              ErrorCode::type_mismatch);
    EXPECT_EQ(refused("{'_id': 1, 'a': [1], 'f': 4}", "{'$rename': {'f': 'a.0'}}"),
              ErrorCode::type_mismatch);
    EXPECT_EQ(changed("{'_id': 1, 'f': 4, 'a': [1]}", "{'$rename': {'x': 'f.g', 'a.7': 'b'}}"),
              R"({"_id": 1, "f": 4, "a": [1]})");
}

/// Since MongoDB 5, names inside of a document may begin with $, but an update gives the document
/// itself no such field.
TEST(UpdateTest, TakesDollarsInsideOfADocument) {
    EXPECT_EQ(changed("{'_id': 1}", "{'$set': {'a.$bad': 1}, '$inc': {'b.$[n': 2}}"),
              R"({"_id": 1, "a": {"$bad": 1}, "b": {"$[n": 2}})");
    EXPECT_EQ(changed("{'_id': 1, 'x': 1}", "{'$rename': {'x': 'a.$b'}}"),
              R"({"_id": 1, "a": {"$b": 1}})");
    EXPECT_EQ(changed("{'_id': 1, '$x': 1}", "{'$unset': {'$x': 1}}"), R"({"_id": 1})");
    EXPECT_EQ(refusal_of("{}", "{'$set': {'$bad': 1}}").first, ErrorCode::invalid_argument);
    EXPECT_EQ(refusal_of("{}", "{'$rename': {'a': '$bad'}}").first, ErrorCode::invalid_argument);
    EXPECT_EQ(refusal_of("{}", "{'$set': {'a.$[].b': 1}}").first, ErrorCode::unsupported);
    EXPECT_EQ(refusal_of("{}", "{'$set': {'a.$': 1}}").first, ErrorCode::unsupported);
}

TEST(UpdateTest, FillsAndEmptiesArrays) {
    EXPECT_EQ(changed("{'_id': 1}", "{'$push': {'a': 1}}"), R"({"_id": 1, "a": [1]})");
    EXPECT_EQ(changed("{'_id': 1, 'a': [5]}",
                      "{'$push': {'a': {'$each': [3, 9], '$sort': -1, '$slice': 2}}}"),
              R"({"_id": 1, "a": [9, 5]})");
    EXPECT_EQ(
        changed("{'_id': 1, 'a': [1, 4]}", "{'$push': {'a': {'$each': [2, 3], '$position': 1}}}"),
        R"({"_id": 1, "a": [1, 2, 3, 4]})");
    EXPECT_EQ(changed("{'_id': 1, 'a': [1]}", "{'$addToSet': {'a': {'$each': [1.0, 2, 2]}}}"),
              R"({"_id": 1, "a": [1, 2]})");
    EXPECT_EQ(changed("{'_id': 1, 'a': [1, 5, 9]}", "{'$pull': {'a': {'$gt': 4}}}"),
              R"({"_id": 1, "a": [1]})");
    EXPECT_EQ(
        changed("{'_id': 1, 'a': [{'x': 1, 'y': 2}, {'x': 2}]}", "{'$pull': {'a': {'x': 1}}}"),
        R"({"_id": 1, "a": [{"x": 2}]})");
    EXPECT_EQ(changed("{'_id': 1, 'a': [1, 2, 1]}", "{'$pull': {'a': 1}}"),
              R"({"_id": 1, "a": [2]})");
    EXPECT_EQ(changed("{'_id': 1, 'a': [1, 2, 3]}", "{'$pullAll': {'a': [1, 3]}}"),
              R"({"_id": 1, "a": [2]})");
    EXPECT_EQ(changed("{'_id': 1, 'a': [1, 2, 3]}", "{'$pop': {'a': -1}}"),
              R"({"_id": 1, "a": [2, 3]})");
    EXPECT_EQ(refusal_of("{'_id': 1, 'a': 5}", "{'$push': {'a': 1}}").first,
              ErrorCode::type_mismatch);
}

/// `amphora::now` in an update is the moment of the transaction too, and nothing else is.
TEST(UpdateTest, PutsTheMomentInThePlaceOfNow) {
    const Update update{Document{{"$set", Document{{"at", now}, {"list", Array{now}}}},
                                 {"$push", Document{{"b", now}}}}};
    const std::string moment = R"({"$date": "2023-11-14T22:13:20Z"})";
    const std::string expected = R"({"_id": 1, "at": )" + moment + R"(, "b": [)" + moment +
                                 R"(], "list": [)" + moment + "]}";
    EXPECT_EQ(to_json(update.apply(json("{'_id': 1}"), now_ms)), expected);
    EXPECT_EQ(to_json(update.at(now_ms).apply(json("{'_id': 1}"), 0)), expected);
    EXPECT_EQ(to_json(Update{Document{{"x", now}}}.apply(json("{'_id': 1}"), now_ms)),
              R"({"_id": 1, "x": )" + moment + "}");
    const BsonValue least = BsonValue::date_ms(INT64_MIN);
    const Document set{{"$set", Document{{"at", least}}}};
    EXPECT_EQ(Update{set}.apply(json("{'_id': 1}"), now_ms).find("at")->as_date_ms(), INT64_MIN);
}

TEST(UpdateTest, TellsTheTime) {
    EXPECT_EQ(changed("{'_id': 1}", "{'$currentDate': {'at': true}}"),
              R"({"_id": 1, "at": {"$date": "2023-11-14T22:13:20Z"}})");
}

/// A document without operators takes the place of the old one, except for its
/// _id.
TEST(UpdateTest, ReplacesButKeepsTheId) {
    EXPECT_EQ(changed("{'_id': 1, 'a': 1}", "{'b': 2}"), R"({"_id": 1, "b": 2})");
    EXPECT_EQ(changed("{'_id': 1, 'a': 1}", "{}"), R"({"_id": 1})");
    EXPECT_EQ(refusal_of("{'_id': 1}", "{'_id': 2, 'b': 2}").first, ErrorCode::invalid_argument);
    EXPECT_EQ(refusal_of("{'_id': 1}", "{'$set': {'_id': 2}}").first, ErrorCode::invalid_argument);
    EXPECT_EQ(refusal_of("{'_id': 1}", "{'$unset': {'_id': 1}}").first,
              ErrorCode::invalid_argument);
    EXPECT_EQ(changed("{'_id': 1}", "{'$set': {'_id': 1, 'a': 2}}"), R"({"_id": 1, "a": 2})");
    EXPECT_EQ(changed("{'_id': 1}", "{'$set': {'_id': 1.0, 'a': 2}}"), R"({"_id": 1, "a": 2})");
}

TEST(UpdateTest, NamesWhatItDoesNotTake) {
    EXPECT_EQ(refusal_of("{}", "{'$bit': {'a': {'and': 1}}}"),
              std::pair(ErrorCode::unsupported,
                        std::string{
                            "update: there is no operator $bit here; there are $set, $unset, $inc, "
                            "$mul, $min, $max, $rename, $push, $addToSet, $pull, $pullAll, $pop, "
                            "$currentDate, $setOnInsert"}));
    EXPECT_EQ(refusal_of("{}", "{'$set': {'a.$[].b': 1}}").first, ErrorCode::unsupported);
    EXPECT_EQ(refusal_of("{}", "{'$set': {'a': 1, 'a.b': 2}}").second,
              "update: a and a.b are in conflict");
    EXPECT_EQ(refusal_of("{}", "{'$set': {'a': 1}, '$inc': {'a': 2}}"),
              std::pair(ErrorCode::invalid_argument, std::string{"update: a is changed twice"}));
    EXPECT_EQ(refusal_of("{}", "{'$set': {'a': 1}, 'b': 2}"),
              std::pair(ErrorCode::invalid_argument,
                        std::string{"update: b is among operators; operators and fields cannot "
                                    "be mixed"}));
    EXPECT_EQ(refusal_of("{}", "{'a': 1, '$set': {'b': 2}}").first, ErrorCode::invalid_argument);
    EXPECT_EQ(refusal_of("{'a': 5}", "{'$set': {'a.b': 1}}"),
              std::pair(ErrorCode::type_mismatch,
                        std::string{"update: path a.b: 5 is in the way of field b"}));
    EXPECT_EQ(refusal_of("{'a': [1]}", "{'$set': {'a.99999999': 1}}").first,
              ErrorCode::type_mismatch);
}

/// No update makes a document that could not have been inserted.
TEST(UpdateTest, RefusesWhatWouldNotBeADocument) {
    std::string path = "a";
    for (int level = 0; level < document_depth_max; ++level) path += ".a";
    EXPECT_EQ(refusal_of("{'_id': 1}", "{'$set': {'" + path + "': 1}}").first,
              ErrorCode::value_too_large);
    // A value that is valid by itself may be too deep where the update puts it,
    // by any operator.
    Document deep{{"x", 1}};
    for (int level = 1; level < 60; ++level) deep = Document{{"x", deep}};
    std::string half = "a";
    for (int level = 1; level < 50; ++level) half += ".a";
    const Document stored{{"_id", 1}, {"moved", deep}};
    for (const Document& change :
         {Document{{"$set", Document{{half, deep}}}}, Document{{"$push", Document{{half, deep}}}},
          Document{{"$max", Document{{half, deep}}}},
          Document{{"$rename", Document{{"moved", half}}}},
          Document{{"$addToSet", Document{{half, Document{{"$each", Array{deep}}}}}}}}) {
        try {
            static_cast<void>(Update{change}.apply(stored, now_ms));
            ADD_FAILURE() << to_json(change);
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), ErrorCode::value_too_large) << error.what();
        }
    }
    // 1.4 million nulls, 10 bytes each, and then a text: more than 16 MiB.
    const Update update{Document{{"$set", Document{{"a.1400000", std::string(8'000'000, 'x')}}}}};
    EXPECT_THROW(static_cast<void>(update.apply(json("{'_id': 1, 'a': [1]}"), now_ms)), Error);
}

struct Sum {
    const char *left, *right, *sum, *product;
};

/// Decimals are added and multiplied as on paper, and rounded to 34 digits only
/// at the end.
TEST(UpdateTest, ReckonsWithDecimals) {
    const std::string nines(34, '9');
    const Sum sums[]{
        {"1.5", "2.25", "3.75", "3.375"},
        {"-1", "1", "0", "-1"},
        {"1E+40", "1", "1.000000000000000000000000000000000E+40", "1E+40"},
        {"1E+40", "-1", "1.000000000000000000000000000000000E+40", "-1E+40"},
        {nines.c_str(), "1", "1.000000000000000000000000000000000E+34", nines.c_str()},
        {"9.999999999999999999999999999999999E+6144", "9E+6144", "Infinity", "Infinity"},
        {"1E-6176", "0.5", "0.5000000000000000000000000000000000", "0E-6176"},
        {"3E-6176", "0.5", "0.5000000000000000000000000000000000", "2E-6176"},
        {"NaN", "1", "NaN", "NaN"},
        {"Infinity", "-Infinity", "NaN", "-Infinity"},
        {"Infinity", "0", "Infinity", "NaN"},
        {"1E+50", "0", "1.000000000000000000000000000000000E+50", "0E+50"},
    };
    for (const Sum& sum : sums) {
        const Decimal128 left = *Decimal128::parse(sum.left);
        const Decimal128 right = *Decimal128::parse(sum.right);
        EXPECT_EQ(to_string(add(left, right)), sum.sum) << sum.left << " + " << sum.right;
        EXPECT_EQ(to_string(add(right, left)), sum.sum) << sum.right << " + " << sum.left;
        EXPECT_EQ(to_string(multiply(left, right)), sum.product) << sum.left << " * " << sum.right;
    }
}

}  // namespace

}  // namespace amphora::document
