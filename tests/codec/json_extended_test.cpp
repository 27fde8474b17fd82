#include "bson_random.hpp"
#include "codec/bson/validator.hpp"
#include "codec/bson/writer.hpp"
#include "codec/json/base64.hpp"
#include "codec/json/date.hpp"
#include "codec/json/documents.hpp"
#include "codec/json/parser.hpp"

#include <amphora/document.hpp>
#include <amphora/error.hpp>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <string>

namespace amphora::codec {
namespace {

struct Spelling {
    BsonValue value;
    const char* canonical;
    const char* relaxed;  // null: as canonical
};

std::vector<Spelling> spellings() {
    const Document scope{{"n", 1}};
    return {
        {5, R"({"$numberInt": "5"})", "5"},
        {std::int64_t{5}, R"({"$numberLong": "5"})", "5"},
        {2.5, R"({"$numberDouble": "2.5"})", "2.5"},
        {3.0, R"({"$numberDouble": "3.0"})", "3.0"},
        {-0.0, R"({"$numberDouble": "-0.0"})", "-0.0"},
        {1e300, R"({"$numberDouble": "1E+300"})", "1E+300"},
        {1.2345678921232E+18, R"({"$numberDouble": "1.2345678921232E+18"})", "1.2345678921232E+18"},
        {-1.2345678921232E+18, R"({"$numberDouble": "-1.2345678921232E+18"})",
         "-1.2345678921232E+18"},
        {1e16, R"({"$numberDouble": "1E+16"})", "1E+16"},
        {9007199254740993.0, R"({"$numberDouble": "9007199254740992.0"})", "9007199254740992.0"},
        {0.00001, R"({"$numberDouble": "0.00001"})", "0.00001"},
        {-1.5e-6, R"({"$numberDouble": "-1.5E-6"})", "-1.5E-6"},
        {5e-324, R"({"$numberDouble": "5E-324"})", "5E-324"},
        {std::numeric_limits<double>::infinity(), R"({"$numberDouble": "Infinity"})", nullptr},
        {-std::numeric_limits<double>::infinity(), R"({"$numberDouble": "-Infinity"})", nullptr},
        {std::numeric_limits<double>::quiet_NaN(), R"({"$numberDouble": "NaN"})", nullptr},
        {*Decimal128::parse("1.50"), R"({"$numberDecimal": "1.50"})", nullptr},
        {*ObjectId::parse("507f1f77bcf86cd799439011"), R"({"$oid": "507f1f77bcf86cd799439011"})",
         nullptr},
        {BsonValue::date_ms(0), R"({"$date": {"$numberLong": "0"}})",
         R"({"$date": "1970-01-01T00:00:00Z"})"},
        {BsonValue::date_ms(1356351330501), R"({"$date": {"$numberLong": "1356351330501"}})",
         R"({"$date": "2012-12-24T12:15:30.501Z"})"},
        {BsonValue::date_ms(253402300799999), R"({"$date": {"$numberLong": "253402300799999"}})",
         R"({"$date": "9999-12-31T23:59:59.999Z"})"},
        {BsonValue::date_ms(253402300800000), R"({"$date": {"$numberLong": "253402300800000"}})",
         nullptr},
        {BsonValue::date_ms(-1), R"({"$date": {"$numberLong": "-1"}})", nullptr},
        {Timestamp{UINT32_MAX, 7}, R"({"$timestamp": {"t": 4294967295, "i": 7}})", nullptr},
        {Binary{"\xff\xff", 0}, R"({"$binary": {"base64": "//8=", "subType": "00"}})", nullptr},
        {Binary{"\xff\xff", 2}, R"({"$binary": {"base64": "//8=", "subType": "02"}})", nullptr},
        {Binary{"", 0x80}, R"({"$binary": {"base64": "", "subType": "80"}})", nullptr},
        {RegularExpression{"a\"b/", "im"},
         R"({"$regularExpression": {"pattern": "a\"b/", "options": "im"}})", nullptr},
        {Code{"f + 1", std::nullopt}, R"({"$code": "f + 1"})", nullptr},
        {Code{"f + 1", scope.view()}, R"({"$code": "f + 1", "$scope": {"n": {"$numberInt": "1"}}})",
         R"({"$code": "f + 1", "$scope": {"n": 1}})"},
        {Symbol{"s\n"}, R"({"$symbol": "s\n"})", nullptr},
        {DatabasePointer{"c", *ObjectId::parse("56e1fc72e0c917e9c4714161")},
         R"({"$dbPointer": {"$ref": "c", "$id": {"$oid": "56e1fc72e0c917e9c4714161"}}})", nullptr},
        {MinKey{}, R"({"$minKey": 1})", nullptr},
        {MaxKey{}, R"({"$maxKey": 1})", nullptr},
        {Undefined{}, R"({"$undefined": true})", nullptr},
        {nullptr, "null", nullptr},
        {true, "true", nullptr},
        {"\x01\x7f\t\"\\/é",
         R"("\u0001)"
         "\x7f"
         R"(\t\"\\/é")",
         nullptr},
        {Array{1, Array{}}, R"([{"$numberInt": "1"}, []])", "[1, []]"},
    };
}

/// Every type there and back: the specification's spelling, and the same bytes from it; in the
/// relaxed form the value, though not always its width.
TEST(ExtendedJson, SpellsEveryTypeAndReadsItBack) {
    for (const auto& [value, canonical, relaxed] : spellings()) {
        EXPECT_EQ(to_json(value), relaxed == nullptr ? canonical : relaxed);
        EXPECT_EQ(to_json(value, JsonFormat::canonical), canonical);
        EXPECT_EQ(BsonValue::from_json(canonical), value) << canonical;
        const Document document{{"x", value}, {"y", Array{value}}};
        const std::string text = to_json(document, JsonFormat::canonical);
        EXPECT_EQ(Document::from_json(text), document) << text;
        EXPECT_NO_THROW(static_cast<void>(Document::from_json(to_json(document))));
    }
}

TEST(ExtendedJson, ReadsOtherSpellingsOfTheSameValue) {
    const auto same = [](const char* text, const BsonValue& value) {
        EXPECT_EQ(BsonValue::from_json(text), value) << text;
    };
    same(R"({"$date": 1393804800000})", BsonValue::date_ms(1393804800000));
    same(R"({"$date": -5})", BsonValue::date_ms(-5));
    same(R"({"$date": 42})", BsonValue::date_ms(42));
    same(R"({"$document": [["a", 1], ["b", {"c": true}]]})",
         Document{{"a", 1}, {"b", Document{{"c", true}}}});
    same(R"({"$document": []})", Document{});
    same(R"({"$date": "2012-12-24T12:15:30.501+0000"})", BsonValue::date_ms(1356351330501));
    same(R"({"$date": "2012-12-24T21:15:30.501+09:00"})", BsonValue::date_ms(1356351330501));
    same(R"({"$date": "2012-12-24T04:15:30.5019999-08"})", BsonValue::date_ms(1356351330501));
    same(R"({"$date": "2012-12-24T12:15Z"})", BsonValue::date_ms(1356351300000));
    same(R"({"$date": "1960-02-29T00:00:00Z"})", BsonValue::date_ms(-310521600000));
    same(R"({"$binary": "//8=", "$type": "00"})", Binary{"\xff\xff", 0});
    same(R"({"$type": "5", "$binary": ""})", Binary{"", 5});
    same(R"({"$binary": {"subType": "03", "base64": "AAA="}})",
         Binary{std::string_view{"\0\0", 2}, 3});
    same(R"({"$uuid": "c8edabc3-f738-4ca3-b68d-ab92a91478a3"})",
         Binary{"\xc8\xed\xab\xc3\xf7\x38\x4c\xa3\xb6\x8d\xab\x92\xa9\x14\x78\xa3", 4});
    same(R"({"$scope": {}, "$code": "x"})", Code{"x", DocumentView{}});
    same(R"({"$regularExpression": {"options": "mi", "pattern": "x"}})",
         RegularExpression{"x", "im"});
    same(R"({"$timestamp": {"i": 1, "t": {"$numberLong": "2"}}})", Timestamp{2, 1});
    same(R"({"$numberDouble": "1"})", 1.0);
    same(R"({"$\u006fid": "507f1f77bcf86cd799439011"})",
         *ObjectId::parse("507f1f77bcf86cd799439011"));
}

/// Operators of the query language begin with "$" too, and stay what they are.
TEST(ExtendedJson, LeavesOperatorsAlone) {
    for (const char* const text :
         {R"({"$gt": 5})", R"({"$regex": "^a", "$options": "i"})", R"({"$type": "string"})",
          R"({"$ref": "c", "$id": 1})", R"({"$set": {"a": 1}})", R"({"$minkey": 1})", R"({"$": 1})",
          R"({"$regex": {"$regularExpression": {"pattern": "a", "options": ""}}})",
          R"({"base64": "AA==", "subType": "00"})", R"({"a": 1, "$options": "x"})"}) {
        const BsonValue value = BsonValue::from_json(text);
        EXPECT_EQ(value.type(), BsonType::document) << text;
        EXPECT_EQ(to_json(value), text);
    }
}

/// A type that is spelled wrongly is not an object that happens to look like one.
TEST(ExtendedJson, RefusesTypesThatAreSpelledWrongly) {
    for (const char* const text :
         {R"({"$oid": "507f1f77bcf86cd79943901"})",
          R"({"$oid": 5})",
          R"({"$oid": "507f1f77bcf86cd799439011", "x": 1})",
          R"({"x": 1, "$numberInt": "1"})",
          R"({"$numberInt": "2147483648"})",
          R"({"$numberInt": 1})",
          R"({"$numberInt": "1.0"})",
          R"({"$numberInt": " 1"})",
          R"({"$numberInt": ""})",
          R"({"$numberLong": "9223372036854775808"})",
          R"({"$numberDouble": "inf"})",
          R"({"$numberDouble": "nan"})",
          R"({"$numberDouble": "1x"})",
          R"({"$numberDouble": "1e999"})",
          R"({"$numberDecimal": "1,5"})",
          R"({"$numberDecimal": 1})",
          R"({"$date": "2012-02-30T00:00:00Z"})",
          R"({"$date": "2012-02-03"})",
          R"({"$date": "2012-02-03T00:00:00"})",
          R"({"$date": "2012-02-03T24:00:00Z"})",
          R"({"$date": "2012-02-03T00:00:00Zx"})",
          R"({"$date": "2012-02-03T00:00:00.Z"})",
          R"({"$date": 1.5})",
          R"({"$date": null})",
          R"({"$binary": "AA=="})",
          R"({"$binary": {"base64": "AA=", "subType": "00"}})",
          R"({"$binary": {"base64": "AB==", "subType": "00"}})",
          R"({"$binary": {"base64": "A===", "subType": "00"}})",
          R"({"$binary": {"base64": "AA==", "subType": "100"}})",
          R"({"$binary": {"base64": "AA==", "subType": "x"}})",
          R"({"$binary": {"base64": "AA=="}})",
          R"({"$uuid": "c8edabc3f7384ca3b68dab92a91478a3"})",
          R"({"$uuid": "c8edabc3-f738-4ca3-b68d-ab92a91478ax"})",
          R"({"$timestamp": {"t": 4294967296, "i": 1}})",
          R"({"$timestamp": {"t": -1, "i": 1}})",
          R"({"$timestamp": {"t": 1}})",
          R"({"$regularExpression": {"pattern": "a"}})",
          R"({"$regularExpression": {"pattern": "a\u0000b", "options": ""}})",
          R"({"$minKey": 2})",
          R"({"$maxKey": true})",
          R"({"$undefined": false})",
          R"({"$symbol": 1})",
          R"({"$code": 1})",
          R"({"$code": "x", "$scope": 1})",
          R"({"$code": "x", "$scopes": {}})",
          R"({"$dbPointer": {"$ref": "c", "$id": 1}})",
          R"({"$document": {"a": 1}})",
          R"({"$document": [["a", 1, 2]]})",
          R"({"$document": [["a"]]})",
          R"({"$document": [[1, "a"]]})",
          R"({"$document": [["a\u0000b", 1]]})",
          R"({"$document": [{"0": "a", "1": 1}]})",
          R"({"$document": [], "x": 1})"}) {
        try {
            static_cast<void>(BsonValue::from_json(text));
            ADD_FAILURE() << "accepted: " << text;
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), ErrorCode::malformed_json);
            EXPECT_NE(std::string_view{error.what()}.find("\"$"), std::string_view::npos)
                << error.what();
        }
    }
}

/// A document with a field of its own called $date was dumped as {"$date": "a text"}, which no load
/// would take, and {"$numberLong": "1"} came back as an integer. Such documents are spelled as
/// lists of their fields, and so are documents in which a name occurs twice.
TEST(ExtendedJson, SpellsDocumentsThatLookLikeTypes) {
    const auto spelled = [](const Document& document, const std::string& text) {
        EXPECT_EQ(to_json(document), text);
        EXPECT_EQ(Document::from_json(text), document) << text;
        const std::string canonical = to_json(document, JsonFormat::canonical);
        EXPECT_EQ(Document::from_json(canonical), document) << canonical;
        EXPECT_EQ(to_json(Document::from_json(canonical), JsonFormat::canonical), canonical);
    };
    spelled(Document{{"in", Document{{"$date", "text"}}}},
            R"({"in": {"$document": [["$date", "text"]]}})");
    spelled(Document{{"_id", 1}, {"$oid", "507f1f77bcf86cd799439011"}},
            R"({"$document": [["_id", 1], ["$oid", "507f1f77bcf86cd799439011"]]})");
    spelled(Document{{"in", Array{Document{{"$numberLong", "1"}}}}},
            R"({"in": [{"$document": [["$numberLong", "1"]]}]})");
    spelled(Document{{"$document", Array{Array{"a", 1}}}},
            R"({"$document": [["$document", [["a", 1]]]]})");
    spelled(Document{{"$binary", Document{{"base64", ""}, {"subType", "00"}}}},
            R"({"$document": [["$binary", {"base64": "", "subType": "00"}]]})");
    spelled(Document{{"$code", "f"}, {"$scope", Document{}}},
            R"({"$document": [["$code", "f"], ["$scope", {}]]})");
    const Document scope{{"$minKey", 1}};
    spelled(Document{{"c", Code{"f", scope.view()}}},
            R"({"c": {"$code": "f", "$scope": {"$document": [["$minKey", 1]]}}})");
    Document twice{{"a", 1}};
    spelled(twice.append("a", Document{{"a", 2}}), R"({"$document": [["a", 1], ["a", {"a": 2}]]})");
    EXPECT_EQ(
        to_json(twice, JsonFormat::relaxed, JsonLayout::indented),
        "{\n  \"$document\": [\n    [\"a\", 1],\n    [\"a\", {\n      \"a\": 2\n    }]\n  ]\n}");
    Document many;
    for (int field = 0; field < 40; ++field) many.append("f" + std::to_string(field), field);
    EXPECT_EQ(to_json(many).find("$document"), std::string::npos);
    many.append("f20", 1);
    EXPECT_EQ(Document::from_json(to_json(many)), many);
    // Names that mark no type need nothing.
    spelled(Document{{"$ref", "c"}, {"$id", 1}}, R"({"$ref": "c", "$id": 1})");
}

/// For every possible document, with names that mark types, names that occur twice, values of every
/// type and a hundred levels: its dump is read back as the same document, and dumped again it is
/// the same text.
TEST(ExtendedJson, ReadsBackWhateverItWrites) {
    static const char* const names[] = {"$date",
                                        "$oid",
                                        "$numberInt",
                                        "$numberLong",
                                        "$numberDouble",
                                        "$numberDecimal",
                                        "$binary",
                                        "$uuid",
                                        "$timestamp",
                                        "$minKey",
                                        "$maxKey",
                                        "$undefined",
                                        "$symbol",
                                        "$code",
                                        "$scope",
                                        "$dbPointer",
                                        "$document",
                                        "$regularExpression",
                                        "$type",
                                        "$ref",
                                        "$id",
                                        "base64",
                                        "subType",
                                        "pattern",
                                        "options",
                                        "t",
                                        "i",
                                        "a",
                                        "",
                                        "\xc3\xa9",
                                        "$",
                                        "$something",
                                        "_id",
                                        "0",
                                        "1"};
    codec_test::Random random{codec_test::seed()};
    SCOPED_TRACE(fmt::format("AMPHORA_SEED={}", codec_test::seed()));
    const auto name = [&] { return names[random() % std::size(names)]; };
    const auto document = [&](const auto& again, int depth) -> Document {
        Document made;
        for (auto left = random() % 5; left > 0; --left) {
            BsonValue value;
            const auto inside = [&] { return again(again, depth - 1); };
            switch (depth > 0 ? random() % 8 : 4 + random() % 4) {
                case 0:
                case 1:
                    value = inside();
                    break;
                case 2:
                    value = Array{inside(), inside()};
                    break;
                case 3: {
                    const Document scope = inside();
                    value = Code{"f", scope.view()};
                    break;
                }
                // What the names ask for, so that the objects come close to typed values.
                case 4:
                    value = random() % 2 == 0 ? "00" : "507f1f77bcf86cd799439011";
                    break;
                case 5:
                    value = static_cast<std::int32_t>(random() % 2);
                    break;
                default:
                    value = codec_test::random_value(random, 0);
                    // Their other bits for the same value do not come back.
                    if (value.type() == BsonType::decimal128) value = *Decimal128::parse("1.50");
                    if (to_json(value).find("NaN") != std::string::npos) value = -0.0;
            }
            made.append(name(), value);
        }
        return made;
    };
    JsonParser parser;
    int escaped = 0;
    for (std::uint64_t round = 0; round < 4'000 * codec_test::scale(); ++round) {
        Document made = document(document, 4);
        // As many levels as a document may have, each with the most levels of JSON.
        const int levels = document_depth_max - judge_bson(made.bytes()).depth;
        for (int level = round % 50 == 0 ? levels : 0; level > 0; --level) {
            const Code code{"f", made.view()};
            made = Document{{"$date", level % 2 == 0 ? BsonValue{made} : BsonValue{code}}};
        }
        ASSERT_FALSE(find_document_fault(made.bytes()));
        const std::string text = to_json(made, JsonFormat::canonical);
        escaped += text.find("{\"$document\": [[") != std::string::npos ? 1 : 0;
        const Document read = parser.document(text);
        ASSERT_EQ(to_json(read, JsonFormat::canonical), text);
        ASSERT_EQ(read, made) << text;
        ASSERT_EQ(parser.document(to_json(made, JsonFormat::canonical, JsonLayout::indented)),
                  read);
        const std::string relaxed = to_json(made);
        ASSERT_EQ(to_json(parser.document(relaxed)), relaxed);
    }
    EXPECT_GT(escaped, 1'000);
}

/// What spells a document may be far larger than the document, and still is read back.
TEST(ExtendedJson, ReadsBackDocumentsOfTheLargestSize) {
    Buffer bytes;
    BsonWriter writer{bytes};
    const BsonWriter::Open open = writer.begin_document();
    // Fields without names, all undefined: nothing has a longer spelling for its size.
    while (bytes.size() < (std::size_t{1} << 19)) writer.element("", BsonValue{Undefined{}});
    writer.end(open);
    for (const Document& large : {Document::from_bson(bytes),
                                  Document{{"text", std::string(std::size_t{12} << 20, '\1')}}}) {
        const std::string text = to_json(large, JsonFormat::canonical);
        EXPECT_LT(text.size(), json_document_bytes_max);
        EXPECT_LE(text.size(), 14 * large.bytes().size());
        std::size_t given = 0;
        JsonDocuments documents{[&](char* into, std::size_t most) {
            const std::size_t count = std::min(most, text.size() - given);
            std::copy_n(text.data() + given, count, into);
            given += count;
            return count;
        }};
        EXPECT_TRUE(documents.next() == large);
    }
}

TEST(ExtendedJson, IsIndentedForPeople) {
    EXPECT_EQ(to_json(Document{{"a", 1}, {"b", Array{1, Document{}}}, {"c", Array{}}},
                      JsonFormat::relaxed, JsonLayout::indented),
              "{\n  \"a\": 1,\n  \"b\": [\n    1,\n    {}\n  ],\n  \"c\": []\n}");
}

/// Any document at all: canonical text and back gives the same bytes. Only the bits of decimals
/// that mean zero, or NaN, in a way of their own may change; the second time nothing does.
TEST(ExtendedJson, KeepsRandomDocumentsToTheByte) {
    codec_test::Random random{codec_test::seed()};
    SCOPED_TRACE(fmt::format("AMPHORA_SEED={}", codec_test::seed()));
    JsonParser parser;
    for (std::uint64_t round = 0; round < 5'000 * codec_test::scale(); ++round) {
        const Document made = codec_test::random_document(random, 4);
        const std::string text = to_json(made, JsonFormat::canonical);
        const Document read = parser.document(text);
        ASSERT_EQ(to_json(read, JsonFormat::canonical), text);
        ASSERT_EQ(parser.document(to_json(read, JsonFormat::canonical)), read) << text;
        if (text.find("$numberDecimal") == std::string::npos &&
            text.find("NaN") == std::string::npos) {
            ASSERT_EQ(read, made) << text;
        }
        ASSERT_EQ(parser.document(to_json(made, JsonFormat::canonical, JsonLayout::indented)),
                  read);
        ASSERT_NO_THROW(static_cast<void>(parser.document(to_json(made))));
    }
}

/// Recorded cases of MongoDB's behaviour, thousands of documents with every type: each line is
/// read, and its canonical text gives the same bytes again.
TEST(ExtendedJson, ReadsTheRecordedCasesOfMongo) {
    const char* const data = std::getenv("AMPHORA_DATA");
    if (data == nullptr) GTEST_SKIP() << "AMPHORA_DATA is not set";
    std::ifstream cases{std::string{data} + "/mongo-cases/cases.jsonl"};
    if (!cases) GTEST_SKIP() << "mongo-cases/cases.jsonl is missing";
    JsonParser parser;
    std::uint64_t line_number = 0;
    std::string refused;
    for (std::string line; std::getline(cases, line);) {
        ++line_number;
        try {
            const Document document = parser.document(line);
            ASSERT_EQ(parser.document(to_json(document, JsonFormat::canonical)), document)
                << "line " << line_number;
        } catch (const Error& error) {
            refused += error.what() + std::string{"\n"};
        }
    }
    EXPECT_EQ(refused, "");
    EXPECT_GT(line_number, 10'000u);
}

TEST(Base64, IsThatOfTheStandard) {
    const std::pair<const char*, const char*> cases[] = {{"", ""},
                                                         {"f", "Zg=="},
                                                         {"fo", "Zm8="},
                                                         {"foo", "Zm9v"},
                                                         {"foob", "Zm9vYg=="},
                                                         {"fooba", "Zm9vYmE="},
                                                         {"foobar", "Zm9vYmFy"}};
    for (const auto& [bytes, text] : cases) {
        Buffer written;
        append_base64(written, bytes);
        EXPECT_EQ(written, text);
        EXPECT_EQ(parse_base64(text), bytes);
    }
    for (const char* const bad :
         {"Z", "Zg", "Zg=", "Zg===", "====", "Zh==", "Zm9=", "Zg==Zg==", "Z-==", "Zg =", "=Zg="}) {
        EXPECT_FALSE(parse_base64(bad)) << bad;
    }
}

}  // namespace
}  // namespace amphora::codec
