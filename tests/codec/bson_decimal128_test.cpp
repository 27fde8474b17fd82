#include "bson_random.hpp"
#include "codec/bson/decimal128.hpp"
#include "codec/bson/number.hpp"

#include <amphora/document.hpp>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace amphora::codec {
namespace {

/// The bytes as the specification's tests spell them, least significant first.
std::string hex(const Decimal128& number) {
    std::string digits;
    for (const std::uint8_t byte : number.bytes) digits += fmt::format("{:02x}", byte);
    return digits;
}

struct Spelling {
    const char* text;
    const char* bytes;
    const char* canonical;  // null: the text itself
};

class Decimal128Spelling : public testing::TestWithParam<Spelling> {};

/// Cases of the BSON specification's own tests for decimal128: the bytes of a text, and the text of
/// the bytes.
TEST_P(Decimal128Spelling, HasTheBytesOfTheSpecification) {
    const auto number = Decimal128::parse(GetParam().text);
    ASSERT_TRUE(number);
    EXPECT_EQ(hex(*number), GetParam().bytes);
    const char* const canonical = GetParam().canonical;
    EXPECT_EQ(to_string(*number), canonical == nullptr ? GetParam().text : canonical);
}

INSTANTIATE_TEST_SUITE_P(
    Each, Decimal128Spelling,
    testing::Values(Spelling{"NaN", "0000000000000000000000000000007c", nullptr},
                    Spelling{"-nAn", "0000000000000000000000000000007c", "NaN"},
                    Spelling{"Infinity", "00000000000000000000000000000078", nullptr},
                    Spelling{"-inf", "000000000000000000000000000000f8", "-Infinity"},
                    Spelling{"0", "00000000000000000000000000004030", nullptr},
                    Spelling{"-0", "000000000000000000000000000040b0", nullptr},
                    Spelling{"0E-611", "00000000000000000000000000007a2b", nullptr},
                    Spelling{"1", "01000000000000000000000000004030", nullptr},
                    Spelling{"0.1", "01000000000000000000000000003e30", nullptr},
                    Spelling{".1", "01000000000000000000000000003e30", "0.1"},
                    Spelling{"1.", "01000000000000000000000000004030", "1"},
                    Spelling{"0.001234", "d2040000000000000000000000003430", nullptr},
                    Spelling{"0.00000001", "01000000000000000000000000003030", "1E-8"},
                    Spelling{"123456789012", "141a99be1c0000000000000000004030", nullptr},
                    Spelling{"-100E+10", "640000000000000000000000000054b0", "-1.00E+12"},
                    Spelling{"1000000000000000000000", "0000a0dec5adc9353600000000004030", nullptr},
                    Spelling{"1.000000000000000000000000000000000E+6144",
                             "000000000a5bc138938d44c64d31fe5f", nullptr},
                    Spelling{"1E+6144", "000000000a5bc138938d44c64d31fe5f",
                             "1.000000000000000000000000000000000E+6144"},
                    Spelling{"9.999999999999999999999999999999999E+6144",
                             "ffffffff638e8d37c087adbe09edff5f", nullptr},
                    Spelling{"1E-6176", "01000000000000000000000000000000", nullptr},
                    Spelling{"10E-6177", "01000000000000000000000000000000", "1E-6176"},
                    Spelling{"0E+8000", "0000000000000000000000000000fe5f", "0E+6111"},
                    Spelling{"-0E-8000", "00000000000000000000000000000080", "-0E-6176"},
                    Spelling{"12345678901234567890123456789012340000",
                             "f2af967ed05c82de3297ff6fde3c4830",
                             "1.234567890123456789012345678901234E+37"}));

TEST(Decimal128, RefusesWhatItCannotHoldExactly) {
    for (const char* const text : {"",
                                   ".",
                                   "-",
                                   "+",
                                   "E",
                                   "1E",
                                   "1E+",
                                   "1E+-5",
                                   "1e5x",
                                   "1..2",
                                   " 1",
                                   "1 ",
                                   "0x1",
                                   "infinit",
                                   "NaNx",
                                   "12345678901234567890123456789012345",
                                   "1E-6177",
                                   "1E+6145",
                                   "11E-6177",
                                   "1E-99999999999999999999",
                                   "1E+99999999999999999999"}) {
        EXPECT_FALSE(Decimal128::parse(text)) << text;
    }
    EXPECT_TRUE(Decimal128::parse("0E+99999999999999999999"));
}

/// A coefficient of 35 digits can be spelled in the bits but means zero, as the standard says.
TEST(Decimal128, CountsImpossibleCoefficientsAsZero) {
    Decimal128 number;
    std::fill(number.bytes.begin(), number.bytes.end(), std::uint8_t{0xff});
    number.bytes[15] = 0x6f;  // the second form of the exponent
    EXPECT_EQ(unpack(number).coefficient, UInt128{0});
    number.bytes[15] = 0x31;
    number.bytes[14] = 0xff;
    EXPECT_EQ(unpack(number).coefficient, UInt128{0});
    EXPECT_EQ(whole_int64(number), 0);
}

/// Text and bytes agree: the text of every finite number has the same bits again, unless the bits
/// were a form that means zero.
TEST(Decimal128, ReadsItsOwnText) {
    codec_test::Random random{codec_test::seed()};
    SCOPED_TRACE(fmt::format("AMPHORA_SEED={}", codec_test::seed()));
    for (std::uint64_t round = 0; round < 50'000 * codec_test::scale(); ++round) {
        const Decimal128 number = codec_test::random_decimal128(random);
        const DecimalParts parts = unpack(number);
        const auto again = Decimal128::parse(to_string(number));
        ASSERT_TRUE(again) << to_string(number);
        if (parts.kind == DecimalParts::Kind::nan) continue;
        ASSERT_EQ(hex(*again), hex(pack(parts))) << to_string(number);
    }
}

}  // namespace
}  // namespace amphora::codec
