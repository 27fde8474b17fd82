#include "relational/value/comparison.hpp"
#include "relational/value/conversion.hpp"
#include "relational/world.hpp"

#include <amphora/types.hpp>

#include <cmath>
#include <limits>

namespace amphora::relational {
namespace {

constexpr std::string_view every_type = R"sql(
CREATE TABLE things (
    id BIGINT PRIMARY KEY AUTO_INCREMENT,
    big BIGINT, plain INT, small SMALLINT, yes BOOLEAN,
    single FLOAT, pair DOUBLE, price DECIMAL(9,2), degrees DECIMAL(9,6), long_decimal DECIMAL(38,10),
    name VARCHAR(5), story TEXT, bytes BLOB, at DATETIME, day DATE, span TIME,
    color ENUM ('RED', 'GREEN', 'BLUE'), shape JSON
);
)sql";

constexpr std::uint32_t price = 7;  // its place

class ValuesTest : public testing::Test {
  protected:
    Value stored(std::string_view column, Value given) {
        return world.insert("things", {{column, std::move(given)}})[column];
    }
    void refused(ErrorCode code, std::string_view column, Value given,
                 std::string_view words = "") {
        expect_refused(world, code, words, [&] {
            world.insert("things", {{column, std::move(given)}});
        });
    }
    World world{every_type};
};

// Whole numbers are taken exactly or not at all: nothing is rounded, nothing wraps.
TEST_F(ValuesTest, WholeNumbersAreExactOrRefused) {
    EXPECT_EQ(stored("big", INT64_MIN), Value{INT64_MIN});
    EXPECT_EQ(stored("big", INT64_MAX), Value{INT64_MAX});
    EXPECT_EQ(stored("plain", INT32_MIN), Value{INT32_MIN});
    EXPECT_EQ(stored("small", 32767), Value{32767});
    EXPECT_EQ(stored("plain", 2.0), Value{2});
    EXPECT_EQ(stored("plain", Decimal{200, 2}), Value{2});
    EXPECT_EQ(stored("plain", "-17"), Value{-17});
    EXPECT_EQ(stored("big", "9223372036854775807"), Value{INT64_MAX});

    refused(ErrorCode::type_mismatch, "plain", 1.5,
            "column plain of things is INT: 1.5 is no whole number");
    refused(ErrorCode::type_mismatch, "plain", Decimal{15, 1});
    refused(ErrorCode::type_mismatch, "plain", "1.5");
    refused(ErrorCode::type_mismatch, "plain", "seven",
            "column plain of things is INT: 'seven' is no whole number");
    refused(ErrorCode::type_mismatch, "plain", "");
    refused(ErrorCode::type_mismatch, "plain", Blob{"1"}, "takes no blob");
    refused(ErrorCode::type_mismatch, "plain", std::nan(""));
    refused(ErrorCode::value_out_of_range, "plain", std::int64_t{INT32_MAX} + 1,
            "2147483648 is beyond what it holds");
    refused(ErrorCode::value_out_of_range, "plain", std::int64_t{INT32_MIN} - 1);
    refused(ErrorCode::value_out_of_range, "small", 32768);
    refused(ErrorCode::value_out_of_range, "small", -32769);
    refused(ErrorCode::value_out_of_range, "big", 9.3e18);
    refused(ErrorCode::value_out_of_range, "big", "9223372036854775808");
}

TEST_F(ValuesTest, BooleansAreYesNoOneOrZero) {
    EXPECT_EQ(stored("yes", true), Value{true});
    EXPECT_EQ(stored("yes", 0), Value{false});
    EXPECT_EQ(stored("yes", 1), Value{true});
    EXPECT_EQ(stored("yes", "TRUE"), Value{true});
    EXPECT_EQ(stored("yes", "false"), Value{false});
    refused(ErrorCode::type_mismatch, "yes", 2, "neither 0 nor 1");
    refused(ErrorCode::type_mismatch, "yes", "maybe");
    refused(ErrorCode::type_mismatch, "yes", 1.0);
}

// A DECIMAL rounds half away from zero, in both directions, and what no longer fits after rounding
// is refused.
TEST_F(ValuesTest, DecimalsRoundHalfAwayFromZero) {
    EXPECT_EQ(to_string(stored("price", "1.005")), "1.01");
    EXPECT_EQ(to_string(stored("price", "-1.005")), "-1.01");
    EXPECT_EQ(to_string(stored("price", "1.0049")), "1.00");
    EXPECT_EQ(to_string(stored("price", 1.005)), "1.01") << "a real is the decimal that names it";
    EXPECT_EQ(to_string(stored("price", 2.675)), "2.68");
    EXPECT_EQ(to_string(stored("price", 7)), "7.00");
    EXPECT_EQ(to_string(stored("degrees", -73.8560774999)), "-73.856077");
    EXPECT_EQ(to_string(stored("degrees", -73.8560775)), "-73.856078");
    EXPECT_EQ(to_string(stored("price", 1e-300)), "0.00");
    EXPECT_EQ(to_string(stored("price", "9999999.994")), "9999999.99");
    refused(ErrorCode::value_out_of_range, "price", "9999999.995");
    refused(ErrorCode::value_out_of_range, "price", -1e7);
    refused(ErrorCode::value_out_of_range, "price", 1e300);
    refused(ErrorCode::value_out_of_range, "price", std::numeric_limits<double>::infinity());
    refused(ErrorCode::value_out_of_range, "long_decimal", 1e28);
    EXPECT_EQ(to_string(stored("long_decimal", 1e27)), "1000000000000000000000000000.0000000000");
    refused(ErrorCode::type_mismatch, "price", "a lot");
    refused(ErrorCode::type_mismatch, "price", Blob{"1"});
}

/// A Decimal that a program makes itself can hold anything. What is none is refused where it comes
/// in, as a value and as something to compare with; it used to end the process.
TEST_F(ValuesTest, ADecimalHasNoMoreThan38Digits) {
    Int128 most = 1;
    for (int i = 0; i < 38; ++i) most *= 10;
    for (const Decimal wrong : {Decimal{1, 39}, Decimal{0, 255}, Decimal{most, 0},
                                Decimal{-most, 10}, Decimal{most + 1, 38}}) {
        for (const char* const column : {"price", "big", "pair"}) {
            refused(ErrorCode::value_out_of_range, column, wrong, "38 digits");
        }
        expect_refused(world, ErrorCode::value_out_of_range, "38 digits", [&] {
            Conversion conversion{world.tables->require("things").definition(), 0};
            static_cast<void>(comparand(world.tables->require("things").definition(), price,
                                        Cell::of(wrong), conversion));
        });
    }
}

TEST_F(ValuesTest, RealsAreFiniteAndFloatsNearest) {
    EXPECT_EQ(stored("pair", 0.1), Value{0.1});
    EXPECT_EQ(stored("pair", 3), Value{3.0});
    EXPECT_EQ(stored("pair", "2.5e3"), Value{2500.0});
    EXPECT_EQ(stored("pair", Decimal{15, 1}), Value{1.5});
    EXPECT_EQ(stored("single", 0.1), Value{static_cast<double>(0.1F)});
    // -0.0 stays what it is, and its text reads back as it.
    EXPECT_TRUE(std::signbit(stored("pair", -0.0).as<double>()));
    EXPECT_EQ(to_string(stored("pair", -0.0)), "-0.0");
    EXPECT_TRUE(std::signbit(stored("pair", "-0.0").as<double>()));
    EXPECT_TRUE(std::signbit(stored("single", "-0").as<double>()));
    EXPECT_FALSE(std::signbit(stored("pair", 0.0).as<double>()));
    refused(ErrorCode::value_out_of_range, "single", 1e39);
    refused(ErrorCode::value_out_of_range, "pair", std::numeric_limits<double>::infinity());
    refused(ErrorCode::value_out_of_range, "pair", std::nan(""));
    refused(ErrorCode::value_out_of_range, "pair", "1e999");
    refused(ErrorCode::type_mismatch, "pair", "1.5 kg");
}

// A VARCHAR's length counts characters, not bytes.
TEST_F(ValuesTest, TextIsUtf8AndItsLengthCountsCharacters) {
    EXPECT_EQ(stored("name", "김민준입니"), Value{"김민준입니"});
    refused(ErrorCode::value_too_large, "name", "김민준입니다",
            "column name of things is VARCHAR(5): the text has 6 characters");
    refused(ErrorCode::invalid_utf8, "name", "ab\xff", "not UTF-8 at byte 2");
    refused(ErrorCode::invalid_utf8, "story", std::string_view{"\xed\xa0\x80", 3});
    refused(ErrorCode::type_mismatch, "name", 7);
    EXPECT_EQ(stored("story", std::string(100'000, 'x')).as<std::string>().size(), 100'000U);
    const std::string with_nul{"a\0b", 3};
    EXPECT_EQ(stored("name", with_nul), Value{with_nul});
}

TEST_F(ValuesTest, BlobsAreBytesOrHexadecimalText) {
    const std::string bytes{"\0\xff\x10", 3};
    EXPECT_EQ(stored("bytes", Blob{bytes}), Value{Blob{bytes}});
    EXPECT_EQ(stored("bytes", "00fF10"), Value{Blob{bytes}});
    refused(ErrorCode::type_mismatch, "bytes", "00f");
    refused(ErrorCode::type_mismatch, "bytes", "zz");
}

TEST_F(ValuesTest, MomentsAreReadFromTextAndBounded) {
    EXPECT_EQ(stored("at", "2026-01-31 12:34:56.789012"),
              Value{parse_datetime("2026-01-31 12:34:56.789012")});
    EXPECT_EQ(stored("at", Date{1}), Value{DateTime{86'400'000'000}});
    EXPECT_EQ(stored("at", now), Value{DateTime{world.writing.now}});
    EXPECT_EQ(stored("day", "1999-12-31"), Value{parse_date("1999-12-31")});
    EXPECT_EQ(stored("span", "72:00:00"), Value{parse_time("72:00:00")});
    refused(ErrorCode::value_out_of_range, "at", DateTime{INT64_MAX});
    // Once taken for `now`, and stored as the present.
    refused(ErrorCode::value_out_of_range, "at", DateTime{INT64_MIN});
    refused(ErrorCode::value_out_of_range, "day", Date{INT32_MAX});
    // In microseconds 2^64 and a little less than a day before it: not the end of 1969.
    refused(ErrorCode::value_out_of_range, "at", Date{213'503'982});
    refused(ErrorCode::value_out_of_range, "at", Date{INT32_MIN});
    refused(ErrorCode::value_out_of_range, "span", Time{INT64_MAX});
    refused(ErrorCode::type_mismatch, "at", "yesterday", "column at of things is DATETIME");
    refused(ErrorCode::type_mismatch, "at", 5);
    refused(ErrorCode::type_mismatch, "day", DateTime{0});
}

TEST_F(ValuesTest, AnEnumHasOnlyItsMembers) {
    EXPECT_EQ(stored("color", "GREEN"), Value{"GREEN"});
    refused(ErrorCode::check_violation, "color", "PINK",
            "column color of things is ENUM ('RED', 'GREEN', 'BLUE') and has no 'PINK'");
    refused(ErrorCode::type_mismatch, "color", 1);

    const BoundTable& things = world.tables->require("things");
    std::vector<Cell> row(things.column_count());
    row[things.require_column("color")] = Cell::enumeration(2);
    EXPECT_EQ(insert(world.writing, things, row).row().record()["color"], Value{"BLUE"});
    row[things.require_column("color")] = Cell::enumeration(3);
    expect_refused(world, ErrorCode::check_violation, "",
                   [&] { insert(world.writing, things, row); });
}

TEST_F(ValuesTest, JsonIsWellFormed) {
    for (const char* good : {"{}", "[1, -2.5e+3, \"a\\u00e9\\n\", null, true, {\"a\": [false]}]",
                             " 0 ", "\"\"", "-0"}) {
        EXPECT_EQ(stored("shape", good), Value{good});
    }
    for (const char* bad : {"", "{", "[1,]", "{\"a\" 1}", "{a: 1}", "01", "1.", "+1", "nul",
                            "\"\\x\"", "\"\\u12g4\"", "[1] 2", "'a'", "\"tab\t\""}) {
        refused(ErrorCode::malformed_json, "shape", bad);
    }
    EXPECT_NO_THROW(stored("shape", std::string(128, '[') + std::string(128, ']')));
    refused(ErrorCode::malformed_json, "shape", std::string(129, '[') + std::string(129, ']'));
    refused(ErrorCode::malformed_json, "shape", std::string(1'000'000, '['));
}

// A row of the wrong width comes from a program with another schema, told before anything is done.
TEST_F(ValuesTest, ARowHasOneCellForEachColumn) {
    const std::vector<Cell> two(2);
    expect_refused(world, ErrorCode::schema_mismatch, "things has 18 columns, the row has 2",
                   [&] { insert(world.writing, world.tables->require("things"), two); });
}

// Columns that were added to the table later have their default in rows that were written before.
TEST(AddedColumnTest, OldRowsShowTheDefault) {
    World before{"CREATE TABLE t (id INT PRIMARY KEY, a INT);"};
    before.insert("t", {{"id", 1}, {"a", 2}});
    const auto later = Tables::bind(with_spaces(catalog::parse_schema(
        "CREATE TABLE t (id INT PRIMARY KEY, a INT, b VARCHAR(9) NOT NULL DEFAULT 'new', c INT);",
        "later.sql")));
    const BoundTable& table = later->require("t");
    Buffer scratch;
    const std::vector<Cell> key{Cell::of(std::int64_t{1})};
    EXPECT_EQ(find(before.writing, table, key, scratch)->record(),
              (Record{{"id", 1}, {"a", 2}, {"b", "new"}, {"c", nullptr}}));

    const std::vector<Assignment> change{{3, Cell::of(std::int64_t{5})}};
    update(before.writing, table, key, change);
    EXPECT_EQ(find(before.writing, table, key, scratch)->record(),
              (Record{{"id", 1}, {"a", 2}, {"b", "new"}, {"c", 5}}));
}

}  // namespace
}  // namespace amphora::relational
