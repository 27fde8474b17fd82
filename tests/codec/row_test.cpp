#include "random.hpp"

#include "codec/row.hpp"

#include <amphora/error.hpp>
#include <amphora/value.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <deque>
#include <limits>

namespace amphora::codec {
namespace {

using ::testing::HasSubstr;

std::string hex(Bytes bytes) {
    return to_string(Value{Blob{std::string{bytes}}});
}

constexpr RowType every_type[] = {
    RowType::int16,   RowType::int32,   RowType::int64,      RowType::boolean, RowType::float32,
    RowType::float64, RowType::decimal, RowType::text,       RowType::blob,    RowType::datetime,
    RowType::date,    RowType::time,    RowType::enumeration};

// A value of the column's type; its text is in `memory`.
Cell random_cell(Random& random, RowType type, std::deque<std::string>& memory) {
    if (random.one_in(5)) return Cell::null();
    const auto bits = static_cast<std::int64_t>(random.bits());
    switch (type) {
        case RowType::int16:
            return Cell::of(std::int64_t{static_cast<std::int16_t>(bits)});
        case RowType::int32:
            return Cell::of(std::int64_t{static_cast<std::int32_t>(bits)});
        case RowType::int64:
            return Cell::of(bits);
        case RowType::boolean:
            return Cell::of(random.one_in(2));
        case RowType::float32:
            return Cell::of(double{static_cast<float>(bits)});
        case RowType::float64:
            return Cell::of(static_cast<double>(bits));
        case RowType::decimal:
            return Cell::of(Decimal{
                ((static_cast<Int128>(bits) << 63) | (bits & INT64_MAX)) >> random.below(128),
                static_cast<std::uint8_t>(random.below(39))});
        case RowType::text:
            return Cell::of(std::string_view{memory.emplace_back(random.text(40))});
        case RowType::blob:
            return Cell::blob(memory.emplace_back(random.text(40)));
        case RowType::datetime:
            return Cell::of(DateTime{bits});
        case RowType::date:
            return Cell::of(Date{static_cast<std::int32_t>(bits)});
        case RowType::time:
            return Cell::of(Time{bits});
        case RowType::enumeration:
            return Cell::enumeration(bits & 0xFFFF);
    }
    return {};
}

struct RandomRow {
    std::vector<RowType> types;
    std::vector<Cell> cells;
    std::deque<std::string> memory;

    explicit RandomRow(Random& random) {
        const std::size_t columns = random.below(random.one_in(10) ? 40 : 10);
        for (std::size_t i = 0; i < columns; ++i) {
            types.push_back(random.of(every_type));
            cells.push_back(random_cell(random, types.back(), memory));
        }
        if (random.one_in(50) && columns > 0) {
            types.back() = RowType::blob;
            cells.back() = Cell::blob(memory.emplace_back(65530 + random.below(20), 'w'));
        }
    }
};

TEST(Row, ShowsItsBytes) {
    const RowType types[] = {RowType::int64, RowType::text, RowType::boolean, RowType::text,
                             RowType::decimal};
    const Cell cells[] = {Cell::of(std::int64_t{42}), Cell::of(std::string_view{"Kim"}),
                          Cell::of(true), Cell::null(), Cell::of(parse_decimal("1.50"))};
    Buffer row;
    encode_row(types, cells, row);
    EXPECT_EQ(hex(row),
              "01"    // format
              "0500"  // columns
              "08"    // the fourth is NULL
              "2a00000000000000"
              "01"            // true
              "030003000600"  // ends of "Kim", NULL, 1.50
              "4b696d"
              "029600");
}

/// Each column of a row comes back as it was stored, whatever its neighbours are.
TEST(Row, GivesBackEveryCell) {
    Random random;
    Buffer bytes;
    for (Rounds rounds{500}; rounds.next();) {
        const RandomRow row{random};
        const RowLayout layout{row.types};
        encode_row(layout, row.cells, bytes);
        const RowView view{layout, bytes};
        ASSERT_EQ(view.columns(), row.cells.size());
        for (std::size_t i = 0; i < row.cells.size(); ++i) {
            ASSERT_EQ(view.is_null(i), row.cells[i].is_null());
            ASSERT_EQ(view.cell(i).kind(), row.cells[i].kind());
            ASSERT_EQ(Value::from(view.cell(i)), Value::from(row.cells[i]))
                << "column " << i << " AMPHORA_SEED=" << test_seed();
        }
    }
}

TEST(Row, KeepsDecimalsInAsFewBytesAsTheyNeed) {
    const RowType types[] = {RowType::decimal};
    const RowLayout layout{types};
    const std::size_t empty = 3 + 1 + 2 + 1;
    Buffer row;
    const auto size = [&](Int128 units) {
        const Cell cells[] = {Cell::of(Decimal{units, 6})};
        encode_row(layout, cells, row);
        EXPECT_EQ(RowView(layout, row).cell(0).decimal().units, units);
        return row.size() - empty;
    };
    EXPECT_EQ(size(0), 1u);
    EXPECT_EQ(size(127), 1u);
    EXPECT_EQ(size(-128), 1u);
    EXPECT_EQ(size(128), 2u);
    EXPECT_EQ(size(-129), 2u);
    EXPECT_EQ(size(127'123'456), 4u);
    EXPECT_EQ(size(INT64_MAX), 8u);
    EXPECT_EQ(size(static_cast<Int128>(INT64_MAX) + 1), 9u);
    EXPECT_EQ(size(std::numeric_limits<Int128>::min()), 16u);
}

/// A table grows by a column. Rows that were written before do not have it; its default is for the
/// caller.
TEST(Row, HasNoCellForColumnsThatCameLater) {
    Random random;
    for (Rounds rounds{100}; rounds.next();) {
        const RandomRow row{random};
        const RowLayout old_layout{row.types};
        Buffer bytes;
        encode_row(old_layout, row.cells, bytes);
        std::vector<RowType> types = row.types;
        types.push_back(RowType::text);
        types.push_back(random.of(every_type));
        const RowLayout layout{types};
        const RowView view{layout, bytes};
        ASSERT_EQ(view.stored_columns(), row.cells.size());
        for (std::size_t i = 0; i < types.size(); ++i) {
            if (i >= row.cells.size()) {
                ASSERT_TRUE(view.cell(i).is_absent());
                ASSERT_FALSE(view.is_null(i));
            } else {
                ASSERT_EQ(Value::from(view.cell(i)), Value::from(row.cells[i]));
            }
        }
    }
}

TEST(Row, HoldsValuesBeyondSixtyFourKibibytes) {
    const RowType types[] = {RowType::text, RowType::int32, RowType::text};
    const std::string text(100'000, 'x');
    const Cell cells[] = {Cell::of(std::string_view{text}), Cell::of(std::int64_t{-7}),
                          Cell::of(std::string_view{"end"})};
    Buffer bytes;
    encode_row(types, cells, bytes);
    const RowLayout layout{types};
    const RowView view{layout, bytes};
    EXPECT_EQ(view.cell(0).text(), text);
    EXPECT_EQ(view.cell(1).integer(), -7);
    EXPECT_EQ(view.cell(2).text(), "end");
}

TEST(Row, KeepsNotANumberAndSignsOfZero) {
    const RowType types[] = {RowType::float64, RowType::float32, RowType::float64};
    const Cell cells[] = {Cell::of(std::nan("")), Cell::of(std::nan("")), Cell::of(-0.0)};
    Buffer bytes;
    encode_row(types, cells, bytes);
    const RowLayout layout{types};
    const RowView view{layout, bytes};
    EXPECT_TRUE(std::isnan(view.cell(0).real()));
    EXPECT_TRUE(std::isnan(view.cell(1).real()));
    EXPECT_TRUE(std::signbit(view.cell(2).real()));
}

std::string refusal(const RowLayout& layout, Bytes bytes) {
    try {
        const RowView view{layout, bytes};
        for (std::size_t i = 0; i < view.columns(); ++i) static_cast<void>(view.cell(i));
    } catch (const Error& error) {
        return std::string{error.code_name()} + ": " + error.what();
    }
    return "nothing was wrong";
}

TEST(Row, RefusesARowWhoseEndsLieOutside) {
    const RowType types[] = {RowType::text, RowType::text, RowType::boolean};
    const Cell cells[] = {Cell::of(std::string_view{"ab"}), Cell::of(std::string_view{"cd"}),
                          Cell::of(true)};
    const RowLayout layout{types};
    Buffer good;
    encode_row(layout, cells, good);
    // 01 0300 00 01 0200 0400 "abcd"
    ASSERT_EQ(good.size(), 13u);
    const auto with = [&](std::size_t at, char value) {
        Buffer bad = good;
        bad[at] = value;
        return refusal(layout, bad);
    };
    EXPECT_EQ(refusal(layout, good), "nothing was wrong");
    EXPECT_THAT(
        with(5, 5),
        HasSubstr("corrupt: a row of 13 bytes is damaged: variable column 0 goes from 0 to 5"));
    EXPECT_THAT(with(6, 1), HasSubstr("variable column 0 goes from 0 to 258"));
    EXPECT_THAT(with(7, 3), HasSubstr("its parts add up to 12"));
    EXPECT_THAT(with(4, 2), HasSubstr("a boolean is neither 0 nor 1"));
    EXPECT_THAT(with(1, 9), HasSubstr("it has 9 columns and its table 3"));
    EXPECT_THAT(with(0, 3), HasSubstr("newer_format"));
    EXPECT_THAT(with(0, 0), HasSubstr("there is no row format 0"));
    EXPECT_THAT(refusal(layout, ""), HasSubstr("too short for any row"));
    EXPECT_THAT(refusal(layout, Bytes{good}.substr(0, 8)), HasSubstr("it is cut off"));
    EXPECT_THAT(refusal(layout, good + "x"), HasSubstr("its parts add up to 13"));
    for (std::size_t size = 0; size < good.size(); ++size) {
        EXPECT_NE(refusal(layout, Bytes{good}.substr(0, size)), "nothing was wrong");
    }
}

/// Bits flip. For every damaged row, the view throws `corrupt` or returns cells inside of the row.
TEST(Row, NeverReadsOutsideOfADamagedRow) {
    Random random;
    int refused = 0;
    for (Rounds rounds{1000}; rounds.next();) {
        const RandomRow row{random};
        const RowLayout layout{row.types};
        Buffer encoded;
        encode_row(layout, row.cells, encoded);
        // In memory of its exact size, so that the address sanitizer sees a step beyond.
        std::vector<char> bytes(encoded.begin(), encoded.end());
        for (std::uint64_t i = 0; i < 1 + random.below(3); ++i) {
            char& byte = bytes[random.below(std::min<std::size_t>(bytes.size(), 64))];
            byte = random.one_in(2) ? static_cast<char>(random.bits())
                                    : static_cast<char>(byte ^ (1 << random.below(8)));
        }
        if (random.one_in(4)) bytes.resize(random.below(bytes.size() + 1));
        bytes.shrink_to_fit();
        const char* const begin = bytes.data();
        const char* const end = begin + bytes.size();
        try {
            const RowView view{layout, Bytes{begin, bytes.size()}};
            for (std::size_t i = 0; i < view.columns(); ++i) {
                const Cell cell = view.cell(i);
                if (cell.kind() != Cell::Kind::text && cell.kind() != Cell::Kind::blob) continue;
                ASSERT_GE(cell.text().data(), begin) << "AMPHORA_SEED=" << test_seed();
                ASSERT_LE(cell.text().data() + cell.text().size(), end)
                    << "AMPHORA_SEED=" << test_seed();
            }
        } catch (const Error& error) {
            ASSERT_TRUE(error.code() == ErrorCode::corrupt ||
                        error.code() == ErrorCode::newer_format);
            ++refused;
        }
    }
    EXPECT_GT(refused, 100);
}

using RowDeathTest = ::testing::Test;

/// What cannot be stored exactly is a bug of the caller, who has to refuse or round it before.
TEST(RowDeathTest, StopsAtCellsThatDoNotFitTheirColumn) {
    const auto encode = [](RowType type, const Cell& cell) {
        Buffer out;
        encode_row(std::span{&type, 1}, std::span{&cell, 1}, out);
    };
    EXPECT_DEATH(encode(RowType::int16, Cell::of(std::int64_t{40000})), "");
    EXPECT_DEATH(encode(RowType::int32, Cell::of(std::int64_t{1} << 40)), "");
    EXPECT_DEATH(encode(RowType::float32, Cell::of(0.1)), "");
    EXPECT_DEATH(encode(RowType::int64, Cell::of(1.0)), "");
    EXPECT_DEATH(encode(RowType::text, Cell::blob("x")), "");
    EXPECT_DEATH(encode(RowType::text, Cell{}), "");
    EXPECT_DEATH(encode(RowType::enumeration, Cell::enumeration(-1)), "");
}

}  // namespace
}  // namespace amphora::codec
