#include "ordered_key_model.hpp"

#include <amphora/error.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace amphora::codec {
namespace {

using ::testing::HasSubstr;

constexpr SpaceId space{16};

/// A tool that knows no schema reads any key and loses nothing: writing what it read gives the same
/// bytes.
TEST(OrderedKeyReader, ReadsBackEverythingThatCanBeWritten) {
    Random random;
    for (Rounds rounds{500}; rounds.next();) {
        KeyWriter key{SpaceId{static_cast<std::uint32_t>(random.bits())}};
        for (std::uint64_t i = 0; i < 1 + random.below(4); ++i) {
            key.order(random.one_in(2) ? KeyOrder::ascending : KeyOrder::descending);
            write(key, random_item(random));
        }
        ASSERT_EQ(hex(copy(key.bytes())), hex(key.bytes())) << "AMPHORA_SEED=" << test_seed();
        KeyReader reader{key.bytes()};
        while (!reader.at_end()) reader.skip();
    }
}

/// Bits rot. A damaged key is refused, or happens to be another key, which then is exactly what its
/// bytes say; nothing is read out of bounds.
TEST(OrderedKeyReader, RefusesDamagedBytesOrReadsExactlyWhatTheySay) {
    Random random;
    int refused = 0;
    int other = 0;
    for (Rounds rounds{700}; rounds.next();) {
        KeyWriter key{space};
        for (std::uint64_t i = 0; i < 1 + random.below(3); ++i) {
            key.order(random.one_in(2) ? KeyOrder::ascending : KeyOrder::descending);
            write(key, random_item(random));
        }
        // In memory of its exact size, so that the address sanitizer sees a step beyond.
        std::vector<char> damaged(key.bytes().begin(), key.bytes().end());
        for (std::uint64_t i = 0; i < 1 + random.below(3); ++i) {
            damaged[random.below(damaged.size())] = static_cast<char>(random.bits());
        }
        if (random.one_in(3)) damaged.resize(random.below(damaged.size()));
        damaged.shrink_to_fit();
        const Bytes bytes{damaged.data(), damaged.size()};
        static_cast<void>(describe_key(bytes));
        try {
            ASSERT_EQ(hex(copy(bytes)), hex(bytes)) << "AMPHORA_SEED=" << test_seed();
            ++other;
        } catch (const Error& error) {
            ASSERT_EQ(error.code(), ErrorCode::corrupt);
            ++refused;
        }
    }
    EXPECT_GT(refused, 100);
    EXPECT_GT(other, 100);
}

TEST(OrderedKeyReader, SplitsAnIndexEntryFromItsPrimaryKey) {
    KeyWriter entry{SpaceId{20}};
    entry.begin_object().field("x").integer(1).end();
    entry.order(KeyOrder::descending).text("seoul").order(KeyOrder::ascending);
    entry.integer(42).text("b");
    KeyReader reader{entry.bytes()};
    reader.skip(2);
    KeyWriter row{SpaceId{19}};
    row.raw(reader.rest());
    KeyWriter expected{SpaceId{19}};
    expected.integer(42).text("b");
    EXPECT_EQ(hex(row.bytes()), hex(expected.bytes()));
    reader.skip(2);
    EXPECT_TRUE(reader.at_end());
    EXPECT_THROW(reader.skip(), Error);
}

TEST(OrderedKeyReader, GivesCellsAsTheColumnsHaveThem) {
    KeyWriter key{space};
    key.cell(Cell::of(std::int64_t{-5})).cell(Cell::of(2.0)).cell(Cell::of(parse_decimal("0.50")));
    key.cell(Cell::of(parse_decimal("37.566535"))).cell(Cell::of(std::string_view{"x"}));
    key.cell(Cell::blob("y")).cell(Cell::of(true)).cell(Cell::null());
    key.cell(Cell::of(DateTime{5})).cell(Cell::of(Date{-5})).cell(Cell::of(Time{-7}));
    key.cell(Cell::enumeration(3));
    KeyReader reader{key.bytes()};
    const auto next = [&](RowType type) {
        EXPECT_TRUE(reader.next());
        return reader.cell(type);
    };
    EXPECT_EQ(next(RowType::int64).integer(), -5);
    EXPECT_EQ(next(RowType::float64).real(), 2.0);
    EXPECT_EQ(reader.cell().kind(), Cell::Kind::integer);
    EXPECT_EQ(next(RowType::decimal).decimal(), parse_decimal("0.5"));
    EXPECT_EQ(reader.cell().kind(), Cell::Kind::real);
    EXPECT_THROW(static_cast<void>(reader.cell(RowType::int32)), Error);
    EXPECT_EQ(next(RowType::decimal).decimal(), parse_decimal("37.566535"));
    EXPECT_EQ(reader.cell(RowType::float64).real(), 37.566535);
    EXPECT_EQ(next(RowType::text).text(), "x");
    EXPECT_THROW(static_cast<void>(reader.cell(RowType::date)), Error);
    EXPECT_EQ(next(RowType::blob).text(), "y");
    EXPECT_TRUE(next(RowType::boolean).boolean());
    EXPECT_TRUE(next(RowType::text).is_null());
    EXPECT_EQ(next(RowType::datetime).datetime(), DateTime{5});
    EXPECT_EQ(next(RowType::date).date(), Date{-5});
    EXPECT_EQ(next(RowType::time).time(), Time{-7});
    EXPECT_EQ(next(RowType::enumeration).integer(), 3);
    EXPECT_FALSE(reader.next());
}

/// A DECIMAL that was a primary key comes back from the index exactly, up to all of its 38 digits.
TEST(OrderedKeyReader, GivesEveryDecimalBackExactly) {
    Random random;
    for (Rounds rounds{250}; rounds.next();) {
        Item item = random_number(random);
        if (item.source != Item::Source::decimal || item.decimal.scale > 38) continue;
        constexpr auto most = static_cast<Int128>(power_of_ten(38));
        if (item.decimal.units >= most || item.decimal.units <= -most) continue;
        KeyWriter key{space};
        key.decimal(item.decimal);
        KeyReader reader{key.bytes()};
        ASSERT_TRUE(reader.next());
        ASSERT_EQ(reader.cell(RowType::decimal).decimal(), item.decimal)
            << to_string(item.decimal) << " AMPHORA_SEED=" << test_seed();
    }
}

TEST(OrderedKeyReader, TellsWhatIsWrongAndWhere) {
    const auto message = [](Bytes bytes) {
        try {
            static_cast<void>(copy(bytes));
        } catch (const Error& error) {
            return std::string{error.what()};
        }
        return std::string{};
    };
    EXPECT_THAT(message("abc"), HasSubstr("expected the number of a space at offset 0"));
    EXPECT_THAT(message(Bytes{"\0\0\0\1\x40zz", 7}), HasSubstr("expected the end of a text"));
    EXPECT_THAT(message(Bytes{"\0\0\0\1\x7f", 5}),
                HasSubstr("expected the tag of an element at offset 4"));
    // 1 written in two bytes, and 0.5 as if a double could not hold it.
    EXPECT_THAT(message(Bytes{"\0\0\0\1\x2f\0\2", 7}), HasSubstr("expected a number"));
    // More levels than any document has.
    Buffer deep{"\0\0\0\1", 4};
    deep.append(1000, '\x48');
    EXPECT_THAT(message(deep), HasSubstr("expected fewer levels"));
}

TEST(OrderedKeyReader, DescribesKeysForPeople) {
    KeyWriter key{space};
    key.integer(7).text("Kim").datetime(parse_datetime("2026-01-31 12:00:00"));
    key.order(KeyOrder::descending).real(1.5);
    key.order(KeyOrder::ascending).begin_object().field("a").begin_array().null().integer(1);
    key.end().field("b").decimal(parse_decimal("0.1")).end();
    EXPECT_EQ(describe_key(key.bytes()),
              "space 16: (7, \"Kim\", 2026-01-31 12:00:00, descending 1.5, {\"a\": [null, 1], "
              "\"b\": 0.1})");
    Buffer long_key = KeyWriter{space}.integer(1).text(std::string(600, 'x')).take();
    ASSERT_TRUE(limit_key(long_key, 511));
    EXPECT_THAT(describe_key(long_key), HasSubstr("space 16: (1 ... 511 bytes, x'"));
}

}  // namespace
}  // namespace amphora::codec
