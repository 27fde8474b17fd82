#include "codec/exact_double.hpp"
#include "codec/key/number.hpp"
#include "random.hpp"

#include <boost/multiprecision/cpp_int.hpp>

#include <gtest/gtest.h>

#include <cfloat>
#include <cmath>

namespace amphora::codec {
namespace {

using boost::multiprecision::cpp_int;

cpp_int wide(UInt128 value) {
    return (cpp_int{static_cast<std::uint64_t>(value >> 64)} << 64) +
           static_cast<std::uint64_t>(value);
}

// digits * 10^exponent against a double, exactly.
int compare(UInt128 digits, int exponent, double value) {
    int power = 0;
    cpp_int left = wide(digits);
    cpp_int right{static_cast<std::int64_t>(std::ldexp(std::frexp(value, &power), 53))};
    power -= 53;
    const cpp_int ten_to =
        boost::multiprecision::pow(cpp_int{10}, static_cast<unsigned>(std::abs(exponent)));
    (exponent >= 0 ? left : right) *= ten_to;
    (power >= 0 ? right : left) <<= std::abs(power);
    return left.compare(right);
}

/// The double below a decimal is not above it, the next double is, and `exact` says whether they
/// meet: on this rests the order of decimals among doubles.
TEST(OrderedKeyNumber, FindsTheDoubleBelowEveryDecimal) {
    Random random;
    int exact = 0;
    for (Rounds rounds{500}; rounds.next();) {
        UInt128 digits =
            (static_cast<UInt128>(random.bits()) << 64 | random.bits()) >> random.below(128);
        if (digits == 0) digits = 1;
        int exponent = static_cast<int>(random.between(-30, 20));
        if (random.one_in(4)) exponent = static_cast<int>(random.between(-380, 320));
        if (random.one_in(50)) exponent = static_cast<int>(random.between(-6200, 6200));
        if (random.one_in(4)) digits = static_cast<UInt128>(random.below(1000)) + 1;
        const FlooredDouble floored = floor_to_double(digits, exponent);
        ASSERT_TRUE(std::isfinite(floored.value));
        const int difference = compare(digits, exponent, floored.value);
        ASSERT_GE(difference, 0) << "AMPHORA_SEED=" << test_seed();
        ASSERT_EQ(floored.exact, difference == 0) << "AMPHORA_SEED=" << test_seed();
        if (floored.value < DBL_MAX) {
            ASSERT_LT(compare(digits, exponent, std::nextafter(floored.value, INFINITY)), 0)
                << "AMPHORA_SEED=" << test_seed();
        }
        exact += floored.exact ? 1 : 0;
    }
    EXPECT_GT(exact, 0);
}

TEST(OrderedKeyNumber, FindsTheDoubleBelowAtTheEdges) {
    const auto check = [](UInt128 digits, int exponent, double value, bool exact) {
        const FlooredDouble floored = floor_to_double(digits, exponent);
        EXPECT_EQ(floored.value, value);
        EXPECT_EQ(floored.exact, exact);
    };
    check(1, 0, 1.0, true);
    check(5, -1, 0.5, true);
    check(1, -1, std::nextafter(0.1, 0), false);
    check(3, -1, 0.3, false);  // the nearest double to 0.3 is below it
    check(1, 400, DBL_MAX, false);
    check(2, 308, DBL_MAX, false);
    check(1, -400, 0.0, false);
    check(5, -324, 4.9406564584124654e-324, false);
    check(4, -324, 0.0, false);
    check(static_cast<UInt128>(1) << 127, 0, std::ldexp(1.0, 127), true);
}

TEST(OrderedKeyNumber, TellsItsValueInTheTypesOfAProgram) {
    EXPECT_EQ(KeyNumber::of(3.0).to_int64(), 3);
    EXPECT_EQ(KeyNumber::of(-0.0).to_int64(), 0);
    EXPECT_EQ(KeyNumber::of(3.5).to_int64(), std::nullopt);
    EXPECT_EQ(KeyNumber::of(9223372036854775808.0).to_int64(), std::nullopt);
    EXPECT_EQ(KeyNumber::of(-9223372036854775808.0).to_int64(), INT64_MIN);
    EXPECT_EQ(KeyNumber::of(0.375).to_decimal(), parse_decimal("0.375"));
    EXPECT_EQ(KeyNumber::of(-1e22).to_decimal(), parse_decimal("-1e22"));
    EXPECT_EQ(KeyNumber::of(1e300).to_decimal(), std::nullopt);
    EXPECT_EQ(KeyNumber::of(std::nan("")).to_decimal(), std::nullopt);
    EXPECT_EQ(KeyNumber::of(std::ldexp(1.0, -60)).to_decimal(), std::nullopt);

    KeyNumber tenth;
    tenth.form = KeyNumber::Form::decimal;
    tenth.digits = 1;
    tenth.exponent = -1;
    EXPECT_EQ(tenth.to_double(), 0.1);
    EXPECT_EQ(tenth.to_decimal(), parse_decimal("0.1"));
    EXPECT_EQ(to_string(tenth), "0.1");
    tenth.negative = true;
    tenth.exponent = -6000;
    EXPECT_EQ(to_string(tenth), "-1e-6000");
    EXPECT_EQ(tenth.to_double(), -0.0);
    EXPECT_EQ(tenth.to_decimal(), std::nullopt);
    tenth.exponent = 6000;
    EXPECT_EQ(tenth.to_double(), -DBL_MAX);
}

}  // namespace
}  // namespace amphora::codec
