#include "codec/bson/order.hpp"

#include "bson_random.hpp"
#include "codec/bson/key.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <limits>
#include <vector>

namespace amphora::codec {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

BsonValue decimal(const char* text) {
    return *Decimal128::parse(text);
}

int sign(std::weak_ordering order) {
    return order < 0 ? -1 : order > 0 ? 1 : 0;
}

/// One rising chain through all types; the values of one row are equal to each other. Each row is
/// below every later one.
std::vector<std::vector<BsonValue>> rising() {
    const std::int64_t large = std::int64_t{1} << 53;
    return {
        {MinKey{}},
        {Undefined{}},
        {nullptr},
        {nan, decimal("NaN"), -nan},
        {-infinity, decimal("-Infinity")},
        {decimal("-1E+6144")},
        {std::numeric_limits<double>::lowest()},
        {decimal("-9223372036854775809")},
        {INT64_MIN, -9223372036854775808.0, decimal("-9223372036854775808")},
        {-large - 1, decimal("-9007199254740993")},
        {-large, -9007199254740992.0},
        {-1, -1.0, decimal("-1.000")},
        {-0.1},  // the double is a little below the decimal
        {decimal("-0.1")},
        {-std::numeric_limits<double>::denorm_min()},
        {decimal("-1E-6176")},
        {0, 0.0, -0.0, std::int64_t{0}, decimal("-0"), decimal("0E+6111")},
        {decimal("1E-6176")},
        {std::numeric_limits<double>::denorm_min()},
        {decimal("0.1")},
        {0.1},
        {0.5, decimal("0.50")},
        {1, 1.0, std::int64_t{1}, decimal("1"), decimal("1.0")},
        {large, 9007199254740992.0, decimal("9007199254740992")},
        {large + 1, decimal("9007199254740993")},
        {large + 2, 9007199254740994.0},
        {INT64_MAX, decimal("9223372036854775807")},
        {9223372036854775808.0, decimal("9223372036854775808")},
        {std::numeric_limits<double>::max()},
        {decimal("1E+309")},
        {infinity, decimal("Infinity")},
        {"", Symbol{""}},
        {std::string_view{"\0", 1}},
        {"A"},
        {"a", Symbol{"a"}},
        {"a\x01"},
        {"aa"},
        {"\xc3\xa9"},
        {Document{}},
        {Document{{"b", nullptr}}},  // the type of a field counts before its name
        {Document{{"a", 1}}, Document{{"a", 1.0}}},
        {Document{{"a", 1}, {"a2", 1}}},
        {Document{{"a", 2}}},
        {Document{{"b", 1}}},
        {Document{{"a", "x"}}},
        {Array{}},
        {Array{nullptr}},
        {Array{1}},
        {Array{1, 1}},
        {Array{2}},
        {Array{"a"}},
        {Array{Array{}}},
        {Binary{"", 0}},
        {Binary{"zz", 0}},
        {Binary{"aa", 5}},
        {Binary{"aaa", 0}},
        {*ObjectId::parse("000000000000000000000001")},
        {*ObjectId::parse("ff0000000000000000000000")},
        {false},
        {true},
        {BsonValue::date_ms(INT64_MIN)},
        {BsonValue::date_ms(-1)},
        {BsonValue::date_ms(0), DateTime{999}},
        {BsonValue::date_ms(INT64_MAX)},
        {Timestamp{0, 5}},
        {Timestamp{1, 0}},
        {Timestamp{UINT32_MAX, 0}},
        {RegularExpression{"a", ""}},
        {RegularExpression{"a", "i"}},
        {RegularExpression{"b", ""}},
        {DatabasePointer{"z", ObjectId{}}},
        {DatabasePointer{"aa", ObjectId{}}},
        {Code{"", std::nullopt}},
        {Code{"x", std::nullopt}},
        {Code{"x", DocumentView{}}},
        {MaxKey{}},
    };
}

/// Every pair of a chain through all types, in both directions, with their keys.
TEST(BsonOrder, IsMongosAndThatOfTheKeys) {
    const auto rows = rising();
    for (std::size_t i = 0; i < rows.size(); ++i) {
        for (std::size_t j = 0; j < rows.size(); ++j) {
            for (const BsonValue& left : rows[i]) {
                for (const BsonValue& right : rows[j]) {
                    const auto expected = sign(i <=> j);
                    ASSERT_EQ(sign(compare(left.view(), right.view())), expected)
                        << to_json(left, JsonFormat::canonical) << " against "
                        << to_json(right, JsonFormat::canonical);
                    KeyWriter one{SpaceId{16}};
                    KeyWriter other{SpaceId{16}};
                    append_key(one, left);
                    append_key(other, right);
                    ASSERT_EQ(sign(one.bytes() <=> other.bytes()), expected)
                        << to_json(left, JsonFormat::canonical) << " against "
                        << to_json(right, JsonFormat::canonical);
                }
            }
        }
    }
}

/// Random pairs, many of them equal or near: the order of values and the order of their keys' bytes
/// are the same, and turn with the sides.
TEST(BsonOrder, AgreesWithTheKeysForRandomValues) {
    codec_test::Random random{codec_test::seed()};
    SCOPED_TRACE(fmt::format("AMPHORA_SEED={}", codec_test::seed()));
    std::vector<BsonValue> values;
    std::vector<Buffer> keys;
    for (int i = 0; i < 1'000; ++i) {
        values.push_back(codec_test::random_value(random));
        KeyWriter key{SpaceId{16}};
        append_key(key, values.back());
        keys.push_back(key.take());
    }
    int equal = 0;
    for (std::uint64_t round = 0; round < 300'000 * codec_test::scale(); ++round) {
        const std::size_t i = random() % values.size();
        const std::size_t j = random() % values.size();
        const int order = sign(compare(values[i].view(), values[j].view()));
        ASSERT_EQ(order, sign(keys[i] <=> keys[j]))
            << to_json(values[i], JsonFormat::canonical) << " against "
            << to_json(values[j], JsonFormat::canonical);
        ASSERT_EQ(order, -sign(compare(values[j].view(), values[i].view())));
        if (order == 0 && i != j) ++equal;
    }
    EXPECT_GT(equal, 100);
}

/// Nothing but numbers, which are the hard part: four types, one order.
TEST(BsonOrder, OfNumbersAgreesWithTheKeysAcrossTypes) {
    codec_test::Random random{codec_test::seed()};
    SCOPED_TRACE(fmt::format("AMPHORA_SEED={}", codec_test::seed()));
    const auto number = [&]() -> BsonValue {
        switch (random() % 4) {
            case 0:
                return static_cast<std::int32_t>(codec_test::random_integer(random));
            case 1:
                return codec_test::random_integer(random);
            case 2:
                return codec_test::random_real(random);
            default:
                return codec_test::random_decimal128(random);
        }
    };
    for (std::uint64_t round = 0; round < 100'000 * codec_test::scale(); ++round) {
        const BsonValue left = number();
        // Often the same number in another type, where that one can hold it.
        const auto whole = left.view().as_int64();
        const BsonValue right = whole && random() % 2 == 0 ? BsonValue{*whole}
                                : random() % 2 == 0        ? BsonValue{*left.view().as_double()}
                                                           : number();
        KeyWriter one{SpaceId{16}};
        KeyWriter other{SpaceId{16}};
        append_key(one, left);
        append_key(other, right);
        ASSERT_EQ(sign(compare(left.view(), right.view())), sign(one.bytes() <=> other.bytes()))
            << to_json(left, JsonFormat::canonical) << " against "
            << to_json(right, JsonFormat::canonical);
    }
}

}  // namespace
}  // namespace amphora::codec
