#include <amphora/document.hpp>
#include <amphora/error.hpp>
#include <amphora/value.hpp>

#include "base/clock.hpp"
#include "codec/bson/order.hpp"
#include "codec/bson/validator.hpp"
#include "support/code_of.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace amphora {
namespace {

using support::code_of;

struct Collection {};
std::string insert(Collection, const Document& document) {
    return to_json(document);
}

/// What an application writes into a collection is a list in braces at the place of the argument;
/// nothing has to be named or converted.
TEST(Document, IsWrittenInPlaceAsAnArgument) {
    const Collection logs;
    EXPECT_EQ(insert(logs, {{"user_id", std::int64_t{1}}, {"event", "signup"}}),
              R"({"user_id": 1, "event": "signup"})");
    EXPECT_EQ(insert(logs, {{"event", "signup"}}), R"({"event": "signup"})");
    EXPECT_EQ(insert(logs, {{"a", 1}}), R"({"a": 1})");
    EXPECT_EQ(insert(logs, {}), "{}");
}

TEST(Document, HoldsDocumentsArraysAndOptionals) {
    const std::optional<std::string> phone;
    const std::optional<std::int64_t> points = 7;
    const Document document{{"a", 1},
                            {"nested", Document{{"x", 2.5}}},
                            {"list", Array{1, 2, "three", Array{true, nullptr}}},
                            {"at", DateTime{1'500}},
                            {"phone", phone},
                            {"points", points},
                            {"blob", Blob{"\xff"}}};
    EXPECT_EQ(to_json(document),
              R"({"a": 1, "nested": {"x": 2.5}, "list": [1, 2, "three", [true, null]], )"
              R"("at": {"$date": "1970-01-01T00:00:00.001Z"}, "phone": null, "points": 7, )"
              R"("blob": {"$binary": {"base64": "/w==", "subType": "00"}}})");
    EXPECT_EQ(document.count(), 7u);
}

/// The bytes are those of the specification's own example.
TEST(Document, HasTheBytesOfTheSpecification) {
    const Document document{{"hello", "world"}};
    const std::string_view bytes{"\x16\0\0\0\x02hello\0\x06\0\0\0world\0\0", 22};
    EXPECT_EQ(document.bytes(), bytes);
    EXPECT_EQ(Document::from_bson(bytes), document);
}

/// A C++ int is an int32 and every wider integer an int64, for every value: the type of a field
/// must not depend on the data.
TEST(Document, TakesTheWidthOfIntegersFromTheirTypes) {
    EXPECT_EQ(BsonValue{1}.type(), BsonType::int32);
    EXPECT_EQ(BsonValue{std::int16_t{-1}}.type(), BsonType::int32);
    EXPECT_EQ(BsonValue{std::uint32_t{1}}.type(), BsonType::int64);
    EXPECT_EQ(BsonValue{std::int64_t{1}}.type(), BsonType::int64);
    EXPECT_EQ(BsonValue{std::uint64_t{1}}.type(), BsonType::int64);
    EXPECT_EQ(BsonValue{UINT32_MAX}.view().as_int64(), UINT32_MAX);
    EXPECT_EQ(BsonValue{std::int16_t{-1}}.view().as_int64(), -1);
    EXPECT_EQ(code_of([] { BsonValue{UINT64_MAX}; }), ErrorCode::value_out_of_range);
}

/// Moments before 1970 are cut downwards too, so that order and equality of seconds survive.
TEST(Document, CutsMomentsToTheMillisecondBefore) {
    EXPECT_EQ(BsonValue{DateTime{-1}}.view().as_date_ms(), -1);
    EXPECT_EQ(BsonValue{DateTime{-1000}}.view().as_date_ms(), -1);
    EXPECT_EQ(BsonValue{DateTime{999}}.view().as_date_ms(), 0);
    EXPECT_EQ(BsonValue{DateTime{1000}}.view().as_datetime(), DateTime{1000});
    EXPECT_EQ(BsonValue::date_ms(INT64_MAX).view().as_datetime(), std::nullopt);
    EXPECT_EQ(BsonValue{Date{-1}}.view().as_date_ms(), -86'400'000);
}

/// `amphora::now` once was the date of -2^63 milliseconds, and that date became the present. It is
/// no date any more: documents remember its offset, and keep it correct through every change.
TEST(Document, RemembersWhereNowStands) {
    EXPECT_FALSE((Document{{"at", BsonValue::date_ms(INT64_MIN)}}.has_now()));
    EXPECT_FALSE((Document{{"at", DateTime{INT64_MIN}}}.has_now()));
    EXPECT_EQ(
        (Document{{"at", BsonValue::date_ms(INT64_MIN)}}.with_now(5).find("at")->as_date_ms()),
        INT64_MIN);
    EXPECT_EQ(BsonValue{DateTime{INT64_MIN}}.view().as_date_ms(), INT64_MIN / 1000 - 1);

    Document document{{"gone", now},
                      {"grows", 1},
                      {"at", now},
                      {"in", Document{{"list", Array{1, now, Document{{"deep", now}}}}}},
                      {"replaced", Array{now, now}}};
    document.set("grows", "a longer value").set("replaced", "a text").append("last", DateTime(now));
    EXPECT_TRUE(document.erase("gone"));
    const Document resolved = document.with_now(42);
    EXPECT_TRUE(document.has_now());
    EXPECT_FALSE(resolved.has_now());
    const BsonValue moment = BsonValue::date_ms(42);
    EXPECT_EQ(resolved,
              (Document{{"grows", "a longer value"},
                        {"at", moment},
                        {"in", Document{{"list", Array{1, moment, Document{{"deep", moment}}}}}},
                        {"replaced", "a text"},
                        {"last", moment}}));
    EXPECT_NE(document, document.with_now(*document.find("at")->as_date_ms()));
}

/// A view knows nothing of `amphora::now`: it has the moment at which the value was made.
TEST(Document, ShowsNowAsTheMomentOfItsMaking) {
    class Stopped : public Clock {
      public:
        [[nodiscard]] std::int64_t now_us() const noexcept override { return -1; }
        [[nodiscard]] std::int64_t steady_ms() const noexcept override { return 0; }
    } stopped;
    const ClockInUse in_use{stopped};
    const Document document{{"at", now}};
    EXPECT_EQ(document.find("at")->as_date_ms(), -1);
    EXPECT_FALSE(Document{document.view()}.has_now());
    EXPECT_EQ(Document{document.view()}, document.with_now(-1));
}

TEST(Document, FindsAlongPathsThroughDocumentsAndArrays) {
    const Document document{{"a", Document{{"b", Array{Document{{"c", 5}}, "two"}}}},
                            {"a.b", "dotted"},
                            {"n", nullptr}};
    EXPECT_EQ(document.find("a.b.0.c")->as_int64(), 5);
    EXPECT_EQ(document.find("a.b.1")->as_text(), "two");
    EXPECT_EQ(document.field("a.b")->as_text(), "dotted");
    EXPECT_TRUE(document.find("n")->is_null());
    EXPECT_FALSE(document.find("a.b.2"));
    EXPECT_FALSE(document.find("a.b.1.c"));
    EXPECT_FALSE(document.find("n.x"));
    EXPECT_FALSE(document.find(""));
    EXPECT_FALSE(document.find("a."));
    EXPECT_FALSE(Document{}.find("a"));
}

TEST(Document, ReplacesFieldsWhereTheyStand) {
    Document document{{"a", 1}, {"b", "two"}, {"c", 3}};
    document.set("b", Array{1, 2}).set("d", true).set("a", "longer than before");
    EXPECT_EQ(to_json(document), R"({"a": "longer than before", "b": [1, 2], "c": 3, "d": true})");
    EXPECT_TRUE(document.erase("a"));
    EXPECT_TRUE(document.erase("d"));
    EXPECT_FALSE(document.erase("d"));
    EXPECT_EQ(document, (Document{{"b", Array{1, 2}}, {"c", 3}}));
    EXPECT_EQ(codec::judge_bson(document.bytes()).depth, 2);
    document.set("c", BsonValue{*document.field("b")});
    EXPECT_EQ(to_json(document), R"({"b": [1, 2], "c": [1, 2]})");
}

TEST(Document, ComparesByBytes) {
    EXPECT_EQ((Document{{"a", 1}}), (Document{{"a", 1}}));
    EXPECT_NE((Document{{"a", 1}}), (Document{{"a", 1.0}}));
    EXPECT_NE((Document{{"a", 1}, {"b", 2}}), (Document{{"b", 2}, {"a", 1}}));
    EXPECT_EQ(BsonValue{1}, BsonValue{1});
    EXPECT_NE(BsonValue{1}, BsonValue{std::int64_t{1}});
}

/// Nothing that BSON could not hold gets in, and what is refused leaves the document as it was.
TEST(Document, RefusesWhatItCouldNotHoldAndStaysAsItWas) {
    using namespace std::string_view_literals;
    Document document{{"a", 1}};
    const Document before = document;
    EXPECT_EQ(code_of([] { Document{{"a", 1}, {"b", 1}, {"a", 2}}; }), ErrorCode::invalid_argument);
    EXPECT_EQ(code_of([&] { document.append("x\0y"sv, 1); }), ErrorCode::invalid_argument);
    EXPECT_EQ(code_of([&] { document.set("\xc0\x80", 1); }), ErrorCode::invalid_utf8);
    EXPECT_EQ(code_of([&] { document.set("a", "\xed\xa0\x80"); }), ErrorCode::invalid_utf8);
    EXPECT_EQ(code_of([&] {
                  document.set("a", RegularExpression{"a\0b"sv, ""});
              }),
              ErrorCode::invalid_argument);
    EXPECT_EQ(code_of([&] { document.append("big", std::string(document_bytes_max - 20, 'x')); }),
              ErrorCode::value_too_large);
    EXPECT_EQ(document, before);
    EXPECT_EQ(document.find("a")->as_int64(), 1);
}

/// The options of a regular expression once were sorted byte by byte, and two characters of two
/// bytes each became bytes that are no text.
TEST(Document, SortsOptionsByCharacters) {
    const BsonValue regex = RegularExpression{"a", "x\xed\x95\x9cm\xc3\xa9i\xc3\xa0"};
    EXPECT_EQ(regex.view().as_regex()->options, "imx\xc3\xa0\xc3\xa9\xed\x95\x9c");
    EXPECT_FALSE(codec::find_document_fault(Document{{"r", regex}}.bytes()));
    const BsonValue read =
        BsonValue::from_json(R"({"$regularExpression": {"pattern": "a", "options": "x한mé"}})");
    EXPECT_EQ(read.view().as_regex()->options, "mxé한");
}

/// A document or value made of any view is valid, or is refused.
TEST(Document, BelievesNoView) {
    using namespace std::string_view_literals;
    const auto refused = [](BsonType type, std::string_view raw) {
        const BsonView view{type, raw};
        EXPECT_EQ(code_of([&] { BsonValue{view}; }), ErrorCode::malformed_bson);
    };
    refused(BsonType::string, "\3\0\0\0\xc3\x28\0"sv);
    refused(BsonType::string, "\x09\0\0\0ab\0"sv);
    refused(BsonType::boolean, "\2"sv);
    refused(BsonType::int32, "\1\0"sv);
    refused(BsonType::regex, "a\0\xff\0"sv);
    refused(BsonType::document, "\6\0\0\0\0"sv);
    refused(BsonType::array, "\5\0\0\0\1"sv);
    refused(static_cast<BsonType>(0x42), ""sv);
    EXPECT_EQ(code_of([] { Document{DocumentView{"\7\0\0\0\n\xff\0"sv}}; }),
              ErrorCode::malformed_bson);
    const DocumentView damaged{"\6\0\0\0\0"sv};
    EXPECT_EQ(code_of([&] { BsonValue{Code{"", damaged}}; }), ErrorCode::malformed_bson);
}

/// Nesting is bounded when it is built, so that no one who walks a document later can run out of
/// stack.
TEST(Document, IsNestedAtMostAHundredLevels) {
    Document document{{"x", 1}};
    for (int level = 1; level < document_depth_max; ++level) document = Document{{"x", document}};
    EXPECT_EQ(codec::judge_bson(document.bytes()).depth, document_depth_max);
    EXPECT_EQ(code_of([&] { Document{{"x", document}}; }), ErrorCode::value_too_large);
    EXPECT_EQ(code_of([&] { Array{document}; }), ErrorCode::value_too_large);
    EXPECT_EQ(code_of([&] {
                  Document{{"x", Code{"", document.view()}}};
              }),
              ErrorCode::value_too_large);
    EXPECT_EQ(code_of([&] {
                  Document{{"x", BsonValue{BsonView{BsonType::document, document.bytes()}}}};
              }),
              ErrorCode::value_too_large);
    const Document again = Document::from_json(to_json(document));
    EXPECT_EQ(code_of([&] { Document{{"x", again}}; }), ErrorCode::value_too_large);
    const Document copy = Document::from_bson(document.bytes());
    EXPECT_EQ(code_of([&] { Document{{"x", copy}}; }), ErrorCode::value_too_large);
}

/// A number answers to every type of number that can hold it exactly, and to no other question.
TEST(BsonView, AnswersOnlyWhatItHolds) {
    EXPECT_EQ(BsonValue{3.0}.view().as_int64(), 3);
    EXPECT_EQ(BsonValue{3.5}.view().as_int64(), std::nullopt);
    EXPECT_EQ(BsonValue{9223372036854775808.0}.view().as_int64(), std::nullopt);
    EXPECT_EQ(BsonValue{-9223372036854775808.0}.view().as_int64(), INT64_MIN);
    EXPECT_EQ(BsonValue{std::int64_t{1} << 40}.view().as_int32(), std::nullopt);
    EXPECT_EQ(BsonValue{*Decimal128::parse("3.00")}.view().as_int64(), 3);
    EXPECT_EQ(BsonValue{*Decimal128::parse("3.01")}.view().as_int64(), std::nullopt);
    EXPECT_EQ(BsonValue{*Decimal128::parse("-9223372036854775808")}.view().as_int64(), INT64_MIN);
    EXPECT_EQ(BsonValue{*Decimal128::parse("9223372036854775808")}.view().as_int64(), std::nullopt);
    EXPECT_EQ(BsonValue{*Decimal128::parse("1E+6000")}.view().as_int64(), std::nullopt);
    EXPECT_EQ(BsonValue{*Decimal128::parse("0.1")}.view().as_double(), 0.1);
    EXPECT_EQ(BsonValue{*Decimal128::parse("-1E+6000")}.view().as_double(), -INFINITY);
    EXPECT_EQ(BsonValue{7}.view().as_double(), 7.0);
    EXPECT_EQ(BsonValue{7}.view().as_text(), std::nullopt);
    EXPECT_EQ(BsonValue{"7"}.view().as_int64(), std::nullopt);
    EXPECT_EQ(BsonValue{true}.view().as_int64(), std::nullopt);
    EXPECT_EQ(BsonValue{1}.view().as_bool(), std::nullopt);
    EXPECT_FALSE(BsonValue{Document{}}.view().as_array());
    EXPECT_EQ((BsonValue{RegularExpression{"^a", "mi"}}.view().as_regex()),
              (RegularExpression{"^a", "im"}));
    EXPECT_EQ((BsonValue{Timestamp{5, 6}}.view().as_timestamp()), (Timestamp{5, 6}));
    EXPECT_EQ((BsonValue{Binary{"xyz", 2}}.view().as_binary()), (Binary{"xyz", 2}));
    EXPECT_EQ(BsonValue{"a\0b"}.view().as_text(), "a");
}

/// The loop that everybody writes: over what a question answered, without a name for the answer.
/// The address sanitizer watches that the view in the answer outlives the loop.
TEST(BsonView, IsLoopedOverWhereItIsAskedFor) {
    const Document document{{"a", Array{1, 2}}, {"b", Document{{"c", 3}}}};
    std::int64_t sum = 0;
    for (const Element& element : *document.find("a")->as_array()) sum += *element.value.as_int64();
    for (const Element& element : document.find("b")->as_document().value()) {
        sum += *element.value.as_int64();
    }
    EXPECT_EQ(sum, 6);
}

/// A view over bytes that nobody validated returns nothing, or throws where it reaches the damage.
/// The address sanitizer watches that it reads nothing outside of them.
TEST(BsonView, OverDamagedBytesAnswersNothing) {
    for (int type = 0; type < 256; ++type) {
        for (const std::string& raw : {std::string{}, std::string{"\x7f\xff\xff\x7f", 4},
                                       std::string{"\xff\xff\xff\xff", 4}, std::string(9, '\0')}) {
            const std::vector<char> exact(raw.begin(), raw.end());  // no spare byte after it
            const BsonView view{static_cast<BsonType>(type), {exact.data(), exact.size()}};
            static_cast<void>(view.as_bool());
            static_cast<void>(view.as_int64());
            static_cast<void>(view.as_double());
            static_cast<void>(view.as_decimal128());
            static_cast<void>(view.as_text());
            static_cast<void>(view.as_document());
            static_cast<void>(view.as_binary());
            static_cast<void>(view.as_object_id());
            static_cast<void>(view.as_datetime());
            static_cast<void>(view.as_timestamp());
            static_cast<void>(view.as_regex());
            static_cast<void>(view.as_code());
            static_cast<void>(view.as_symbol());
            static_cast<void>(view.as_db_pointer());
        }
    }
    EXPECT_THROW(static_cast<void>(DocumentView{"abc"}.count()), Error);
    EXPECT_THROW(static_cast<void>(DocumentView{std::string_view{}}.field("a")), Error);
}

/// Code with a scope has a length within a length. The outer one was believed alone, and comparing
/// read what the inner one said, far outside of the bytes.
TEST(BsonView, TrustsNoCodeThatIsLongerThanItsValue) {
    const auto document = [](char text_bytes) {
        std::string bytes{
            "\x1a\0\0\0\x0f"
            "c\0"
            "\x12\0\0\0"
            "?\0\0\0"
            "go()\0"
            "\x05\0\0\0\0"
            "\0",
            26};
        bytes[11] = text_bytes;
        return bytes;
    };
    const std::string sound = document(5);
    EXPECT_EQ(codec::judge_bson(sound).depth, 2);
    for (int text_bytes = 0; text_bytes < 128; ++text_bytes) {
        const std::string bytes = document(static_cast<char>(text_bytes));
        const DocumentView view{bytes};
        if (bytes == sound) continue;
        const auto read = [&] {
            // A text too short leaves a scope that is none; one too long is no value at all.
            if (text_bytes > 0 && text_bytes < sound[11]) return codec::compare(view, view) == 0;
            return view.count() == 1;
        };
        EXPECT_THROW(static_cast<void>(read()), Error) << text_bytes;
    }
}

TEST(Document, ConvertsDecimalsExactly) {
    const Document document{{"price", parse_decimal("12.50")}};
    EXPECT_EQ(to_string(*document.find("price")->as_decimal128()), "12.50");
    EXPECT_EQ(document.find("price")->as_decimal128()->to_decimal(), parse_decimal("12.5"));
    EXPECT_EQ(code_of([] {
                  Document{{"x", parse_decimal("12345678901234567890123456789012345.678")}};
              }),
              ErrorCode::value_out_of_range);
    EXPECT_EQ(to_string(Decimal128::from(parse_decimal("-120000000000000000000000000000000000"))),
              "-1.200000000000000000000000000000000E+35");
    EXPECT_EQ(Decimal128::parse("1E+38")->to_decimal(), std::nullopt);
    EXPECT_EQ(Decimal128::parse("1E+37")->to_decimal(),
              parse_decimal("10000000000000000000000000000000000000"));
    EXPECT_EQ(Decimal128::parse("0E+300")->to_decimal(), Decimal{});
    EXPECT_EQ(Decimal128::parse("1E-39")->to_decimal(), std::nullopt);
    EXPECT_EQ(Decimal128::parse("NaN")->to_decimal(), std::nullopt);
}

}  // namespace
}  // namespace amphora
