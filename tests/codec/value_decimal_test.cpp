#include "random.hpp"
#include "support/code_of.hpp"

#include "codec/decimal_digits.hpp"

#include <amphora/error.hpp>
#include <amphora/types.hpp>

#include <boost/multiprecision/cpp_int.hpp>

#include <gtest/gtest.h>

#include <cmath>

namespace amphora {
namespace {

using boost::multiprecision::cpp_int;

ErrorCode refusal(std::string_view text) {
    try {
        static_cast<void>(parse_decimal(text));
    } catch (const Error& error) {
        return error.code();
    }
    ADD_FAILURE() << text << " was taken";
    return ErrorCode::invalid_argument;
}

constexpr std::string_view most = "99999999999999999999999999999999999999";  // 38 nines

TEST(ValueDecimal, ReadsWhatPeopleWrite) {
    const auto check = [](std::string_view text, std::int64_t units, int scale) {
        const Decimal number = parse_decimal(text);
        EXPECT_EQ(number.units, Int128{units}) << text;
        EXPECT_EQ(number.scale, scale) << text;
    };
    check("0", 0, 0);
    check("-0.00", 0, 2);
    check("12.50", 1250, 2);
    check("+7", 7, 0);
    check(".5", 5, 1);
    check("5.", 5, 0);
    check("000123.4", 1234, 1);
    check("1.25e3", 1250, 0);
    check("1.25E1", 125, 1);
    check("125e-4", 125, 4);
    check("1e+2", 100, 0);
    check("0e999999999999", 0, 0);
    EXPECT_EQ(to_string(parse_decimal(most)), most);
    EXPECT_EQ(to_string(parse_decimal("0." + std::string{most})), "0." + std::string{most});
    // Zeros that say nothing may be as many as they like.
    EXPECT_EQ(parse_decimal("1." + std::string(100, '0')), parse_decimal("1"));
    EXPECT_EQ(parse_decimal(std::string(100, '0').append("1")), parse_decimal("1"));
}

TEST(ValueDecimal, RefusesWhatIsNoNumberOrHasTooManyDigits) {
    for (const char* text :
         {"", "-", ".", "1.2.3", "abc", "1e", "1e+", "1e5x", " 1", "1 ", "0x10", "--1", "1,5"}) {
        EXPECT_EQ(refusal(text), ErrorCode::type_mismatch) << text;
    }
    const std::string many{most};
    for (const std::string& text :
         {many + "1", "1" + std::string(38, '0'), std::string{"1e38"}, std::string{"1e-39"},
          "0.0" + many, std::string{"1e2000000000"}, std::string{"1e-2000000000"}, "1." + many}) {
        EXPECT_EQ(refusal(text), ErrorCode::value_out_of_range) << text;
    }
}

/// A price of 1.50 once was dumped as 1.5.
TEST(ValueDecimal, PrintsAllDigitsOfItsScale) {
    EXPECT_EQ(to_string(Decimal{150, 2}), "1.50");
    EXPECT_EQ(to_string(Decimal{-5, 3}), "-0.005");
    EXPECT_EQ(to_string(Decimal{0, 5}), "0.00000");
    EXPECT_EQ(to_string(Decimal{100, 0}), "100");
    EXPECT_EQ(to_string(Decimal{100, 2}), "1.00");
    EXPECT_EQ(to_string(Decimal{static_cast<Int128>(1) << 127, 0}),
              "-170141183460469231731687303715884105728");
}

/// 1.5 is 1.50, and no product overflows on the way to finding out.
TEST(ValueDecimal, ComparesByValue) {
    codec::Random random;
    for (codec::Rounds rounds{200}; rounds.next();) {
        const auto number = [&] {
            Int128 units = 0;
            for (std::uint64_t i = random.below(39); i > 0; --i) {
                units = units * 10 + static_cast<int>(random.one_in(2) ? random.below(10) : 0);
            }
            return Decimal{random.one_in(2) ? units : -units,
                           static_cast<std::uint8_t>(random.below(random.one_in(8) ? 256 : 39))};
        };
        const Decimal left = number();
        const Decimal right =
            random.one_in(4) && left.scale < 30 && left.units < 1000000 && left.units > -1000000
                ? Decimal{left.units * 100 + static_cast<int>(random.below(3)) - 1,
                          static_cast<std::uint8_t>(left.scale + 2)}
                : number();
        const auto scaled = [](const Decimal& each, const Decimal& other) {
            const bool negative = each.units < 0;
            const auto units = static_cast<codec::UInt128>(negative ? -each.units : each.units);
            cpp_int whole = static_cast<std::uint64_t>(units >> 64);
            whole = (whole << 64) + static_cast<std::uint64_t>(units);
            whole *= boost::multiprecision::pow(cpp_int{10}, other.scale);
            return negative ? cpp_int{-whole} : whole;
        };
        const auto expected = scaled(left, right).compare(scaled(right, left)) <=> 0;
        ASSERT_EQ(left <=> right, expected)
            << to_string(left) << " " << to_string(right) << " AMPHORA_SEED=" << codec::test_seed();
        ASSERT_EQ(left == right, std::is_eq(expected));
        if (left.scale <= 38) {
            ASSERT_EQ(parse_decimal(to_string(left)), left);
            ASSERT_EQ(parse_decimal(to_string(left)).scale, left.scale);
        }
    }
}

TEST(ValueDecimal, RoundsHalfAwayFromZero) {
    const auto rounded = [](std::string_view text, std::uint8_t scale) {
        const Decimal number = rescale(parse_decimal(text), scale);
        EXPECT_EQ(number.scale, scale);
        return to_string(number);
    };
    EXPECT_EQ(rounded("2.5", 0), "3");
    EXPECT_EQ(rounded("-2.5", 0), "-3");
    EXPECT_EQ(rounded("2.49", 0), "2");
    EXPECT_EQ(rounded("-2.49", 0), "-2");
    EXPECT_EQ(rounded("0.5", 0), "1");
    EXPECT_EQ(rounded("0.05", 0), "0");
    EXPECT_EQ(rounded("40.758500123", 6), "40.758500");
    EXPECT_EQ(rounded("-73.9856765", 6), "-73.985677");
    EXPECT_EQ(rounded("99.995", 2), "100.00");
    EXPECT_EQ(rounded("1", 37), "1." + std::string(37, '0'));
    EXPECT_EQ(rounded("0." + std::string(38, '9'), 0), "1");
    EXPECT_EQ(to_string(rescale(Decimal{7, 200}, 0)), "0");
    EXPECT_EQ(to_string(rescale(Decimal{std::numeric_limits<Int128>::max(), 39}, 0)), "0");
    EXPECT_EQ(to_string(rescale(Decimal{std::numeric_limits<Int128>::max(), 38}, 0)), "2");
    const auto refuses = [](std::string_view text, std::uint8_t scale) {
        try {
            static_cast<void>(rescale(parse_decimal(text), scale));
        } catch (const Error& error) {
            return error.code() == ErrorCode::value_out_of_range;
        }
        return false;
    };
    EXPECT_TRUE(refuses("10", 37));
    EXPECT_TRUE(refuses(most, 1));
    EXPECT_TRUE(refuses("1", 39));
}

TEST(ValueDecimal, ComesFromNumbersAndText) {
    EXPECT_EQ(Decimal{"12.50"}.units, 1250);
    EXPECT_EQ(Decimal{"12.50"}.scale, 2);
    const Decimal whole = 12;
    EXPECT_EQ(whole, Decimal{"12"});
    EXPECT_EQ(Decimal{INT64_MIN}, Decimal{"-9223372036854775808"});
    EXPECT_EQ(Decimal{UINT64_MAX}, Decimal{"18446744073709551615"});
    EXPECT_EQ(to_string(Decimal{0.1}), "0.1") << "not 0.1000000000000000055511151231257827";
    EXPECT_EQ(to_string(Decimal{0.1F}), "0.1");
    EXPECT_EQ(Decimal{-1e20}, Decimal{"-100000000000000000000"});
    EXPECT_EQ(Decimal{0.0}, Decimal{0});
    for (const double number : {1e39, 1e-39, double{INFINITY}, double{NAN}}) {
        EXPECT_EQ(support::code_of([&] { return Decimal{number}; }), ErrorCode::value_out_of_range)
            << number;
    }
    EXPECT_EQ(support::code_of([] { return Decimal{"twelve"}; }), ErrorCode::type_mismatch);
}

}  // namespace
}  // namespace amphora
