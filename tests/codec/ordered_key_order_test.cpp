#include "ordered_key_model.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace amphora::codec {
namespace {

constexpr SpaceId space{17};

Buffer key_of(const Item& item, KeyOrder direction = KeyOrder::ascending) {
    KeyWriter key{space};
    key.order(direction);
    write(key, item);
    return key.take();
}

/// Keys are compared by memcmp, values by exact arithmetic in code that shares nothing with the
/// codec. The two must agree about every neighbour in a sorted crowd of values of all kinds: less
/// is less, equal is the same bytes, in both directions.
void expect_same_order(std::vector<Item> items) {
    std::sort(items.begin(), items.end(),
              [](const Item& left, const Item& right) { return std::is_lt(compare(left, right)); });
    for (std::size_t i = 1; i < items.size(); ++i) {
        const auto expected = compare(items[i - 1], items[i]);
        const Buffer left = key_of(items[i - 1]);
        const Buffer right = key_of(items[i]);
        ASSERT_EQ(left.compare(right) <=> 0, expected)
            << hex(left) << "\n"
            << hex(right) << "\nAMPHORA_SEED=" << test_seed();
        const Buffer left_down = key_of(items[i - 1], KeyOrder::descending);
        const Buffer right_down = key_of(items[i], KeyOrder::descending);
        ASSERT_EQ(right_down.compare(left_down) <=> 0, expected)
            << hex(left_down) << "\n"
            << hex(right_down) << "\nAMPHORA_SEED=" << test_seed();
    }
}

TEST(OrderedKeyOrder, SortsNumbersOfEveryTypeByValue) {
    Random random;
    for (Rounds rounds{1200}; rounds.next();) {
        std::vector<Item> items;
        items.reserve(400);
        for (int i = 0; i < 400; ++i) items.push_back(random_number(random));
        ASSERT_NO_FATAL_FAILURE(expect_same_order(std::move(items)));
    }
}

TEST(OrderedKeyOrder, SortsValuesOfEveryKind) {
    Random random;
    for (Rounds rounds{1000}; rounds.next();) {
        std::vector<Item> items;
        items.reserve(400);
        for (int i = 0; i < 400; ++i) items.push_back(random_item(random));
        ASSERT_NO_FATAL_FAILURE(expect_same_order(std::move(items)));
    }
}

/// The same number reaches a key as int64 from a table, as double or decimal128 from a document. An
/// index finds it in every form.
TEST(OrderedKeyOrder, GivesEqualNumbersEqualBytes) {
    const auto integer = [](std::int64_t value) {
        Item item;
        item.kind = KeyKind::number;
        item.source = Item::Source::int64;
        item.integer = value;
        return key_of(item);
    };
    const auto real = [](double value) {
        Item item;
        item.kind = KeyKind::number;
        item.source = Item::Source::real;
        item.real = value;
        return key_of(item);
    };
    const auto decimal = [](std::string_view text) {
        Item item;
        item.kind = KeyKind::number;
        item.source = Item::Source::decimal;
        item.decimal = parse_decimal(text);
        return key_of(item);
    };
    EXPECT_EQ(integer(0), real(0.0));
    EXPECT_EQ(real(0.0), real(-0.0));
    EXPECT_EQ(real(0.0), decimal("0.000"));
    EXPECT_EQ(integer(7), real(7.0));
    EXPECT_EQ(integer(-7), decimal("-7.00"));
    EXPECT_EQ(real(1.5), decimal("1.50"));
    EXPECT_EQ(real(0.375), decimal("0.375"));
    EXPECT_EQ(real(-0.0625), decimal("-0.0625000"));
    EXPECT_EQ(integer(INT64_MIN), real(-9223372036854775808.0));
    EXPECT_EQ(integer(INT64_MIN), decimal("-9223372036854775808"));
    EXPECT_EQ(real(18446744073709551616.0), decimal("18446744073709551616"));
    EXPECT_EQ(real(std::nan("1")), real(-std::nan("2")));

    // One step beyond the precision of a double.
    EXPECT_LT(real(9007199254740992.0), integer(9007199254740993));
    EXPECT_LT(integer(9007199254740993), real(9007199254740994.0));
    EXPECT_LT(integer(INT64_MAX), real(9223372036854775808.0));
    EXPECT_LT(decimal("0.1"), real(0.1));  // the double is a little more than a tenth
    EXPECT_LT(real(0.3), decimal("0.3"));
    EXPECT_LT(decimal("1.1"), real(1.1));
    EXPECT_LT(real(-1.1), decimal("-1.1"));
    EXPECT_LT(decimal("12345678901234567890.1"), decimal("12345678901234567890.2"));
    EXPECT_LT(real(std::nan("")), real(-std::numeric_limits<double>::infinity()));
}

/// An index over (customer, -date): each element sorts by its own direction, and no element runs
/// into its neighbour.
TEST(OrderedKeyOrder, SortsTuplesElementByElementEachInItsDirection) {
    Random random;
    for (Rounds rounds{600}; rounds.next();) {
        std::vector<KeyOrder> directions;
        for (std::uint64_t i = 0; i < 1 + random.below(3); ++i) {
            directions.push_back(random.one_in(2) ? KeyOrder::ascending : KeyOrder::descending);
        }
        // Few values, so that tuples often share their first elements.
        std::vector<Item> values;
        values.reserve(6);
        for (int i = 0; i < 6; ++i) values.push_back(random_item(random));
        struct Tuple {
            std::vector<const Item*> items;
            Buffer key;
        };
        std::vector<Tuple> tuples;
        KeyWriter key{space};
        for (int i = 0; i < 60; ++i) {
            Tuple tuple;
            key.restart(space);
            for (const KeyOrder direction : directions) {
                tuple.items.push_back(&values[random.below(values.size())]);
                key.order(direction);
                write(key, *tuple.items.back());
            }
            tuple.key = key.take();
            tuples.push_back(std::move(tuple));
        }
        for (const Tuple& left : tuples) {
            for (const Tuple& right : tuples) {
                auto expected = std::strong_ordering::equal;
                for (std::size_t i = 0; i < directions.size() && std::is_eq(expected); ++i) {
                    const bool down = directions[i] == KeyOrder::descending;
                    const Item& first = down ? *right.items[i] : *left.items[i];
                    const Item& second = down ? *left.items[i] : *right.items[i];
                    expected = compare(first, second);
                }
                ASSERT_EQ(left.key.compare(right.key) <=> 0, expected)
                    << hex(left.key) << "\n"
                    << hex(right.key) << "\nAMPHORA_SEED=" << test_seed();
            }
        }
    }
}

/// A scan for all entries of one customer is the range from the key of the customer to its
/// prefix_end: it holds every key that begins with that value, and none that begins with another.
TEST(OrderedKeyOrder, MakesAPrefixScanExact) {
    Random random;
    for (Rounds rounds{300}; rounds.next();) {
        const KeyOrder direction = random.one_in(2) ? KeyOrder::ascending : KeyOrder::descending;
        const Item wanted = random_item(random);
        const Item other = random.one_in(3) ? wanted : random_item(random);
        const Buffer lower = key_of(wanted, direction);
        const Buffer upper = prefix_end(lower);
        KeyWriter key{space};
        key.order(direction);
        write(key, other);
        key.order(random.one_in(2) ? KeyOrder::ascending : KeyOrder::descending);
        if (random.one_in(2)) write(key, random_item(random));
        const bool inside = key.bytes() >= Bytes{lower} && key.bytes() < Bytes{upper};
        ASSERT_EQ(inside, std::is_eq(compare(wanted, other)))
            << hex(lower) << "\n"
            << hex(key.bytes()) << "\nAMPHORA_SEED=" << test_seed();
    }
}

TEST(OrderedKeyOrder, EndsAPrefixAtTheNextKeyThatDoesNotBeginWithIt) {
    EXPECT_EQ(prefix_end("ab"), "ac");
    EXPECT_EQ(prefix_end("a\xff\xff"), "b");
    EXPECT_EQ(prefix_end("\xff\xff"), "");
    EXPECT_EQ(prefix_end(""), "");
}

/// Spaces do not mix: every key of a lower space comes before every key of a higher one.
TEST(OrderedKeyOrder, KeepsSpacesApart) {
    KeyWriter low{SpaceId{255}};
    low.max_key();
    KeyWriter high{SpaceId{256}};
    high.min_key();
    EXPECT_LT(low.bytes(), high.bytes());
    EXPECT_GE(Buffer{high.bytes()}, prefix_end(KeyWriter{SpaceId{255}}.bytes()));
}

}  // namespace
}  // namespace amphora::codec
