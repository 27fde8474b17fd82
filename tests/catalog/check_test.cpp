#include "catalog/definition/check.hpp"

#include "catalog/language/parser.hpp"

#include <gtest/gtest.h>

#include <fmt/format.h>

#include <limits>

// A CHECK is violated only if it is false. NULL makes it unknown, as in SQL. Numbers are compared
// exactly as they are written, not as doubles.

namespace amphora::catalog {
namespace {

struct Row {
    std::vector<Cell> cells;
};

/// A table with a column of each kind; a CHECK over it; a row.
class Checks : public testing::Test {
  protected:
    static Check parse(std::string_view predicate) {
        const Definition schema = parse_schema(
            fmt::format(
                "CREATE TABLE t (id BIGINT PRIMARY KEY, a INT, b INT, d DECIMAL(38,10), e "
                "DECIMAL(38,0), r DOUBLE, s VARCHAR(50), x BLOB, at DATETIME, day DATE, t TIME, "
                "k ENUM ('ONE', 'TWO', 'THREE'), yes BOOLEAN, j JSON, CHECK ({}))",
                predicate),
            "app.sql");
        return schema.tables[0].checks[0];
    }
    Truth truth(std::string_view predicate) const {
        return evaluate(parse(predicate).predicate, row);
    }
    Cell& operator[](std::size_t place) { return row[place]; }

    enum SourceLocation : std::size_t { id, a, b, d, e, r, s, x, at, day, t, k, yes, j };
    std::vector<Cell> row = std::vector<Cell>(14, Cell::null());
};

TEST_F(Checks, AreUnknownForNullAndOnlyFalseViolates) {
    EXPECT_EQ(truth("a > 1"), Truth::unknown);
    EXPECT_EQ(truth("NOT a > 1"), Truth::unknown);
    EXPECT_EQ(truth("a BETWEEN 1 AND 2"), Truth::unknown);
    EXPECT_EQ(truth("a IN (1, 2)"), Truth::unknown);
    EXPECT_EQ(truth("a + 1 = 2"), Truth::unknown);
    EXPECT_EQ(truth("LENGTH(s) > 1"), Truth::unknown);
    EXPECT_EQ(truth("yes"), Truth::unknown);
    EXPECT_EQ(truth("a IS NULL"), Truth::yes);
    EXPECT_EQ(truth("a IS NOT NULL"), Truth::no);
    EXPECT_EQ(truth("a + 1 IS NULL"), Truth::yes);
    EXPECT_EQ(truth("j IS NULL"), Truth::yes);
    EXPECT_TRUE(holds(parse("a > 1"), row));
    row[a] = Cell::of(std::int64_t{1});
    EXPECT_FALSE(holds(parse("a > 1"), row));
    // One bound alone can decide the result.
    EXPECT_EQ(truth("a BETWEEN 2 AND b"), Truth::no);
    EXPECT_EQ(truth("a BETWEEN b AND 0"), Truth::no);
    EXPECT_EQ(truth("a BETWEEN b AND 2"), Truth::unknown);
    EXPECT_EQ(truth("a IN (2, b)"), Truth::unknown);
    EXPECT_EQ(truth("a IN (1, b)"), Truth::yes);
    EXPECT_EQ(truth("a NOT IN (2, b)"), Truth::unknown);
}

TEST_F(Checks, JoinTruthsAsSqlDoes) {
    // T, F and U for every pair, written through columns so that nothing can be computed in
    // advance.
    const std::array values{Cell::of(true), Cell::of(false), Cell::null()};
    const std::array<std::array<Truth, 3>, 3> conjunction{{
        {Truth::yes, Truth::no, Truth::unknown},
        {Truth::no, Truth::no, Truth::no},
        {Truth::unknown, Truth::no, Truth::unknown},
    }};
    const std::array<std::array<Truth, 3>, 3> disjunction{{
        {Truth::yes, Truth::yes, Truth::yes},
        {Truth::yes, Truth::no, Truth::unknown},
        {Truth::yes, Truth::unknown, Truth::unknown},
    }};
    const Definition schema = parse_schema(
        "CREATE TABLE t (id BIGINT PRIMARY KEY, p BOOLEAN, q BOOLEAN, CHECK (p AND q), CHECK (p OR "
        "q))",
        "app.sql");
    for (std::size_t i = 0; i < 3; ++i) {
        for (std::size_t k2 = 0; k2 < 3; ++k2) {
            const std::array cells{Cell::null(), values[i], values[k2]};
            EXPECT_EQ(evaluate(schema.tables[0].checks[0].predicate, cells), conjunction[i][k2]);
            EXPECT_EQ(evaluate(schema.tables[0].checks[1].predicate, cells), disjunction[i][k2]);
        }
    }
}

TEST_F(Checks, BindAsSqlDoes) {
    row[a] = Cell::of(std::int64_t{2});
    row[b] = Cell::of(std::int64_t{3});
    EXPECT_EQ(truth("a + b * 2 = 8"), Truth::yes);
    EXPECT_EQ(truth("(a + b) * 2 = 10"), Truth::yes);
    EXPECT_EQ(truth("b - a - 1 = 0"), Truth::yes);
    EXPECT_EQ(truth("12 / b / a = 2"), Truth::yes);
    EXPECT_EQ(truth("-a + b = 1"), Truth::yes);
    EXPECT_EQ(truth("a - -b = 5"), Truth::yes);
    EXPECT_EQ(truth("NOT a = 1 AND b = 3"), Truth::yes);
    EXPECT_EQ(truth("a = 2 OR a = 3 AND b = 4"), Truth::yes);
    EXPECT_EQ(truth("(a = 2 OR a = 3) AND b = 4"), Truth::no);
    EXPECT_EQ(truth("NOT (a = 1 OR b = 4)"), Truth::yes);
    EXPECT_EQ(truth("a BETWEEN 1 AND 2 AND b = 4"), Truth::no);
    EXPECT_EQ(truth("a NOT BETWEEN 3 AND 4"), Truth::yes);
    EXPECT_EQ(truth("a != 2"), Truth::no);
    EXPECT_EQ(truth("(a > 1) = (b > 1)"), Truth::yes);
}

TEST_F(Checks, AreExactOnDecimals) {
    row[d] = Cell::of(parse_decimal("0.1"));
    EXPECT_EQ(truth("d + d + d = 0.3"), Truth::yes) << "0.1 + 0.1 + 0.1 is not 0.3 in doubles";
    EXPECT_EQ(truth("d = 0.10"), Truth::yes);
    EXPECT_EQ(truth("d * 10 = 1"), Truth::yes);
    EXPECT_EQ(truth("1 / 3 * 3 = 1"), Truth::yes) << "a quotient is a fraction, not rounded";
    row[e] = Cell::of(parse_decimal("99999999999999999999999999999999999999"));
    EXPECT_EQ(truth("e * e > e"), Truth::yes) << "no product is too large";
    EXPECT_EQ(truth("e + 1 - e = 1"), Truth::yes);
    EXPECT_EQ(truth("-e - 1 + e = -1"), Truth::yes);
    EXPECT_EQ(truth("e > 9223372036854775807"), Truth::yes);
    EXPECT_EQ(truth("e = 99999999999999999999999999999999999998"), Truth::no);
    row[a] = Cell::of(std::numeric_limits<std::int64_t>::max());
    EXPECT_EQ(truth("a + 1 > a"), Truth::yes) << "whole numbers do not overflow";
    row[a] = Cell::of(std::numeric_limits<std::int64_t>::min());
    EXPECT_EQ(truth("-a > 0"), Truth::yes);
    EXPECT_EQ(truth("a = -9223372036854775808"), Truth::yes);
    EXPECT_EQ(truth("a / 0 = 1"), Truth::unknown);
}

TEST_F(Checks, CompareEveryKind) {
    row[r] = Cell::of(0.5);
    EXPECT_EQ(truth("r = 0.5"), Truth::yes);
    EXPECT_EQ(truth("r * 2 >= 1"), Truth::yes);
    EXPECT_EQ(truth("r / 0 = 1"), Truth::unknown);
    row[r] = Cell::of(std::numeric_limits<double>::quiet_NaN());
    EXPECT_EQ(truth("r = r"), Truth::no);
    EXPECT_EQ(truth("r <> 1"), Truth::yes);
    row[s] = Cell::of(std::string_view{"한국"});
    EXPECT_EQ(truth("LENGTH(s) = 2"), Truth::yes) << "characters, not bytes";
    EXPECT_EQ(truth("s > 'z'"), Truth::yes);
    EXPECT_EQ(truth("s IN ('a', '한국')"), Truth::yes);
    row[x] = Cell::blob("\xFF\x01");
    EXPECT_EQ(truth("x = X'ff01'"), Truth::yes);
    EXPECT_EQ(truth("LENGTH(x) = 2"), Truth::yes);
    EXPECT_EQ(truth("x > X'7f'"), Truth::yes);
    row[at] = Cell::of(parse_datetime("2026-01-31 12:00:00"));
    EXPECT_EQ(truth("at >= '2026-01-31'"), Truth::yes);
    EXPECT_EQ(truth("'2026-02-01 00:00:00' > at"), Truth::yes);
    row[day] = Cell::of(parse_date("1969-12-31"));
    EXPECT_EQ(truth("day BETWEEN '1969-12-31' AND '1970-01-01'"), Truth::yes);
    row[t] = Cell::of(parse_time("-00:00:01"));
    EXPECT_EQ(truth("t < '00:00:00'"), Truth::yes);
    row[k] = Cell::enumeration(1);
    EXPECT_EQ(truth("k = 'TWO'"), Truth::yes);
    EXPECT_EQ(truth("k IN ('ONE', 'THREE')"), Truth::no);
    EXPECT_EQ(truth("'TWO' <> k"), Truth::no);
    row[yes] = Cell::of(true);
    EXPECT_EQ(truth("yes"), Truth::yes);
    EXPECT_EQ(truth("yes = FALSE"), Truth::no);
    EXPECT_EQ(truth("NOT yes OR k = 'TWO'"), Truth::yes);
}

}  // namespace
}  // namespace amphora::catalog
