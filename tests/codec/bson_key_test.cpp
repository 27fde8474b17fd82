#include "codec/bson/key.hpp"

#include "bson_random.hpp"
#include "codec/bson/order.hpp"
#include "codec/bson/validator.hpp"
#include "ordered_key_model.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <vector>

/// Values read back from keys: the same value, from bytes that a writer wrote, and from no others.
namespace amphora::codec {
namespace {

using ::testing::HasSubstr;

constexpr SpaceId space{16};

BsonValue read_back(const BsonValue& value) {
    KeyWriter key{space};
    append_key(key, value);
    KeyReader reader{key.bytes()};
    BsonValue read = read_value(reader);
    EXPECT_TRUE(reader.at_end());
    return read;
}

std::string canonical(BsonView value) {
    return to_json(value, JsonFormat::canonical);
}

/// What is wrong with the key; empty if all of it is values.
std::string refusal(Bytes key) {
    try {
        KeyReader reader{key};
        while (!reader.at_end()) static_cast<void>(read_value(reader));
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::corrupt) << error.what();
        return error.what();
    }
    return {};
}

/// A key says which values it was made of, of all types and at any depth, ascending or descending.
TEST(BsonKey, GivesBackTheValuesOfWhichItWasMade) {
    codec_test::Random random{codec_test::seed()};
    SCOPED_TRACE(fmt::format("AMPHORA_SEED={}", codec_test::seed()));
    for (std::uint64_t round = 0; round < 30'000 * codec_test::scale(); ++round) {
        std::vector<BsonValue> values;
        KeyWriter key{space};
        for (auto left = 1 + random() % 3; left > 0; --left) {
            values.push_back(codec_test::random_value(random, 4));
            key.order(random() % 2 == 0 ? KeyOrder::ascending : KeyOrder::descending);
            append_key(key, values.back());
        }
        KeyReader reader{key.bytes()};
        KeyWriter again{space};
        for (const BsonValue& value : values) {
            const BsonValue read = read_value(reader);
            ASSERT_TRUE(compare(read.view(), value.view()) == 0)
                << canonical(value) << " was read as " << canonical(read);
            append_key(again.order(reader.order()), read);
        }
        ASSERT_TRUE(reader.at_end());
        ASSERT_EQ(hex(again.bytes()), hex(key.bytes()));
    }
}

/// What a key does not hold is the type of a number, and whether a text was a symbol.
TEST(BsonKey, GivesNumbersTheFirstTypeThatHoldsThemExactly) {
    const auto decimal = [](const char* text) { return BsonValue{*Decimal128::parse(text)}; };
    const std::int64_t seven = 7;
    for (const BsonValue& value :
         {BsonValue{7}, BsonValue{7.0}, decimal("7.00"), decimal("0.7E1"), BsonValue{seven}}) {
        EXPECT_EQ(read_back(value), BsonValue{seven}) << canonical(value);
    }
    EXPECT_EQ(read_back(-0.0), BsonValue{std::int64_t{0}});
    EXPECT_EQ(read_back(decimal("-0E+10")), BsonValue{std::int64_t{0}});
    EXPECT_EQ(read_back(INT64_MIN), BsonValue{INT64_MIN});
    EXPECT_EQ(read_back(0.5), BsonValue{0.5});
    EXPECT_EQ(read_back(decimal("0.50")), BsonValue{0.5});
    EXPECT_EQ(read_back(decimal("9223372036854775808")), BsonValue{9223372036854775808.0});
    EXPECT_EQ(read_back(0.1), BsonValue{0.1});
    for (const char* text : {"0.1", "-0.1", "9223372036854775809", "9007199254740993.5", "1E-6176",
                             "9.999999999999999999999999999999999E+6144",
                             "-1.234567890123456789012345678901234E-300"}) {
        EXPECT_EQ(read_back(decimal(text)), decimal(text)) << text;
    }
    // The exponent of 10^6144 is beyond the format unless the coefficient has zeros.
    EXPECT_EQ(canonical(read_back(decimal("1E+6144"))), canonical(decimal("1E+6144")));
    EXPECT_TRUE(std::isnan(*read_back(decimal("NaN")).view().as_double()));
    EXPECT_EQ(read_back(decimal("-Infinity")), BsonValue{-std::numeric_limits<double>::infinity()});
    EXPECT_EQ(read_back(Symbol{"s"}), BsonValue{"s"});
}

/// Everything else comes back byte by byte.
TEST(BsonKey, GivesOtherValuesBackAsTheyWere) {
    const std::string with_nul{"a\0\1b", 4};
    const Document inside{{"x", std::int64_t{1}}, {"", Array{nullptr, Document{}}}};
    for (const BsonValue& value : {BsonValue{with_nul},
                                   BsonValue{Binary{with_nul, 0}},
                                   BsonValue{Binary{with_nul, 2}},
                                   BsonValue{Binary{"", 2}},
                                   BsonValue{Binary{std::string(300, 'x'), 255}},
                                   BsonValue{Code{with_nul, std::nullopt}},
                                   BsonValue{Code{with_nul, inside.view()}},
                                   BsonValue{RegularExpression{"^a", "ix"}},
                                   BsonValue{DatabasePointer{with_nul, ObjectId{}}},
                                   BsonValue{*ObjectId::parse("0001ff00000000000000aa02")},
                                   BsonValue{inside},
                                   BsonValue{Array{inside, "b", Array{}}},
                                   BsonValue::date_ms(INT64_MIN),
                                   BsonValue::date_ms(INT64_MAX),
                                   BsonValue::date_ms(-1),
                                   BsonValue{Timestamp{UINT32_MAX, 1}},
                                   BsonValue{true},
                                   BsonValue{nullptr},
                                   BsonValue{Undefined{}},
                                   BsonValue{MinKey{}},
                                   BsonValue{MaxKey{}}}) {
        EXPECT_EQ(read_back(value), value) << canonical(value);
    }
    // A name that occurs twice, as other programs may write it.
    const Document twice = Document{}.append("a", true).append("a", false);
    EXPECT_EQ(read_back(twice), BsonValue{twice});
    // As deep as documents are.
    BsonValue deep = Document{};
    while (bson_depth(deep) < document_depth_max) deep = Document{{"a", deep}};
    EXPECT_EQ(read_back(deep), deep);
}

/// Valid elements that no document has. They are damage where a document's value is expected.
TEST(BsonKey, RefusesWhatNoDocumentHas) {
    const auto refused = [](const char* words, const std::function<void(KeyWriter&)>& write) {
        for (const KeyOrder order : {KeyOrder::ascending, KeyOrder::descending}) {
            KeyWriter alone{space};
            write(alone.order(order));
            EXPECT_THAT(refusal(alone.bytes()), HasSubstr(words));
            KeyWriter within{space};
            within.order(order).begin_array().null();
            write(within);
            within.end();
            EXPECT_THAT(refusal(within.bytes()), HasSubstr(words));
            KeyWriter field{space};
            field.order(order).begin_code_with_scope("x").field("f");
            write(field);
            field.end();
            EXPECT_THAT(refusal(field.bytes()), HasSubstr(words));
        }
    };
    const std::string nul{"a\0", 2};
    const std::string id(12, 'i');
    refused("not blob", [](KeyWriter& key) { key.blob("x"); });
    refused("not date", [](KeyWriter& key) { key.date(Date{1}); });
    refused("not time", [](KeyWriter& key) { key.time(Time{1}); });
    refused("not enumeration", [](KeyWriter& key) { key.enumeration(1); });
    refused("whole milliseconds", [](KeyWriter& key) { key.datetime(DateTime{1'000'001}); });
    refused("whole milliseconds", [](KeyWriter& key) { key.datetime(DateTime{INT64_MIN}); });
    refused("34 digits", [](KeyWriter& key) {
        key.decimal(Decimal{static_cast<Int128>(power_of_ten(34) + 1), 0});
    });
    refused("34 digits", [](KeyWriter& key) {
        key.number({.form = KeyNumber::Form::decimal, .exponent = 6145, .digits = 1});
    });
    refused("34 digits", [](KeyWriter& key) {
        key.number({.form = KeyNumber::Form::decimal, .exponent = -6177, .digits = 3});
    });
    refused("not UTF-8", [](KeyWriter& key) { key.text("\xff"); });
    refused("not UTF-8", [](KeyWriter& key) { key.code("\xff"); });
    refused("not UTF-8", [](KeyWriter& key) { key.regex("\xff", "i"); });
    refused("not UTF-8", [](KeyWriter& key) { key.regex("", "\xff"); });
    refused("not UTF-8", [&](KeyWriter& key) { key.db_pointer("\xff", id); });
    refused("not UTF-8", [](KeyWriter& key) { key.begin_code_with_scope("\xff").end(); });
    refused("not UTF-8", [](KeyWriter& key) { key.begin_object().field("\xff").null().end(); });
    refused("NUL", [&](KeyWriter& key) { key.begin_object().field(nul).null().end(); });
    refused("NUL", [&](KeyWriter& key) { key.regex(nul, ""); });
    refused("NUL", [&](KeyWriter& key) { key.regex("", nul); });
    refused("ascending order", [](KeyWriter& key) { key.regex("", "xi"); });
    refused("100 levels", [](KeyWriter& key) {
        for (int level = 0; level <= document_depth_max; ++level) key.begin_array();
        for (int level = 0; level <= document_depth_max; ++level) key.end();
    });

    KeyWriter nothing{space};
    KeyReader reader{nothing.bytes()};
    EXPECT_THROW(static_cast<void>(read_value(reader)), Error);
}

/// Damaged keys, those of rows among them: refused as corrupt, or exactly the values that their
/// bytes say.
TEST(BsonKey, RefusesDamagedBytesOrReadsExactlyWhatTheySay) {
    codec_test::Random random{codec_test::seed()};
    Random items;
    SCOPED_TRACE(fmt::format("AMPHORA_SEED={}", codec_test::seed()));
    int refused = 0;
    int other = 0;
    for (std::uint64_t round = 0; round < 60'000 * codec_test::scale(); ++round) {
        KeyWriter key{space};
        for (auto left = 1 + random() % 3; left > 0; --left) {
            key.order(random() % 2 == 0 ? KeyOrder::ascending : KeyOrder::descending);
            if (random() % 4 == 0) {
                write(key, random_item(items));
            } else {
                append_key(key, codec_test::random_value(random, 3));
            }
        }
        // In memory of its exact size, so that the address sanitizer sees a step beyond.
        std::vector<char> damaged(key.bytes().begin(), key.bytes().end());
        for (auto left = random() % 3; left > 0; --left) {
            damaged[random() % damaged.size()] ^= static_cast<char>(1 << random() % 8);
        }
        if (random() % 3 == 0) damaged.resize(random() % damaged.size());
        damaged.shrink_to_fit();
        const Bytes bytes{damaged.data(), damaged.size()};
        try {
            KeyReader reader{bytes};
            KeyWriter again{reader.space()};
            while (!reader.at_end()) {
                const BsonValue read = read_value(reader);
                ASSERT_NO_THROW(BsonValue{read.view()}) << hex(bytes);
                append_key(again.order(reader.order()), read);
            }
            ASSERT_EQ(hex(again.bytes()), hex(bytes));
            ++other;
        } catch (const Error& error) {
            ASSERT_EQ(error.code(), ErrorCode::corrupt) << error.what() << "\n" << hex(bytes);
            ++refused;
        }
    }
    EXPECT_GT(refused, 1'000);
    EXPECT_GT(other, 1'000);
}

}  // namespace
}  // namespace amphora::codec
