#include "codec/csv.hpp"

#include "random.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>

namespace amphora::codec {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Gives the text in pieces of `piece` bytes, so that fields and quotes fall across their ends.
CsvReader reader_of(std::string text, std::size_t piece = 1 << 20, CsvOptions options = {}) {
    return CsvReader{
        [text = std::move(text), piece, at = std::size_t{0}](char* to, std::size_t bytes) mutable {
            const std::size_t count = std::min({piece, bytes, text.size() - at});
            text.copy(to, count, at);
            at += count;
            return count;
        },
        options};
}

std::vector<std::vector<std::string>> read_all(const std::string& text,
                                               std::size_t piece = 1 << 20) {
    CsvReader reader = reader_of(text, piece);
    CsvLine line;
    std::vector<std::vector<std::string>> lines;
    while (reader.read(line)) {
        lines.emplace_back();
        for (const CsvField& field : line.fields) {
            lines.back().push_back(field.is_null() ? "NULL" : std::string{field.text});
        }
    }
    EXPECT_EQ(reader.bytes_read(), text.size());
    return lines;
}

using Lines = std::vector<std::vector<std::string>>;

TEST(Csv, ReadsFieldsQuotedAndPlain) {
    EXPECT_EQ(read_all("a,b\n1,2\n"), (Lines{{"a", "b"}, {"1", "2"}}));
    EXPECT_EQ(read_all("a,b\r\n1,2"), (Lines{{"a", "b"}, {"1", "2"}}));
    EXPECT_EQ(read_all("\"a,\"\"b\"\"\",\"two\r\nlines\"\n"), (Lines{{"a,\"b\"", "two\r\nlines"}}));
    EXPECT_EQ(read_all(",\"\",x,\n"), (Lines{{"NULL", "", "x", "NULL"}}));
    EXPECT_EQ(read_all("\xEF\xBB\xBFname\n"), (Lines{{"name"}}));
    EXPECT_EQ(read_all("a\n\nb\n"), (Lines{{"a"}, {"NULL"}, {"b"}}));
    EXPECT_EQ(read_all("a\rb,c\n"), (Lines{{"a\rb", "c"}}));
    EXPECT_EQ(read_all("a,"), (Lines{{"a", "NULL"}}));
    EXPECT_EQ(read_all("\"\"\"\""), (Lines{{"\""}}));
    EXPECT_EQ(read_all(""), Lines{});
}

TEST(Csv, KnowsOnWhichLineOfTheFileItIs) {
    CsvReader reader = reader_of("h\n\"1\n2\n3\"\n\nx\n");
    CsvLine line;
    std::vector<std::uint64_t> numbers;
    while (reader.read(line)) numbers.push_back(line.number);
    EXPECT_THAT(numbers, ElementsAre(1, 2, 5, 6));
}

/// One bad line is named by its number; all others are read.
TEST(Csv, NamesABadLineAndContinuesAfterIt) {
    CsvReader reader = reader_of("id,name\n1,\"ok\"\n2,\"bad\"x\n3,ba\"d\n4,ok\n5,\"open\n6,ok\n");
    CsvLine line;
    std::vector<std::string> good;
    std::vector<std::string> bad;
    while (true) {
        try {
            if (!reader.read(line)) break;
            good.emplace_back(line.fields[0].text);
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), ErrorCode::malformed_csv);
            bad.push_back(fmt::format("{}: {}", line.number, error.what()));
        }
    }
    EXPECT_THAT(good, ElementsAre("id", "1", "4", "6"));
    EXPECT_THAT(bad, ElementsAre(HasSubstr("3: text follows a closing quote"),
                                 HasSubstr("4: a quote inside a field"),
                                 "6: a quote that opens in this line is not closed before the end "
                                 "of the file, in line 8"));
}

/// A quote that is left open must not swallow the memory of the machine.
TEST(Csv, BoundsALineThatDoesNotEnd) {
    std::string text = "1,\"open\n";
    for (int i = 0; i < 100'000; ++i) text += "row\n";
    CsvReader reader = reader_of(text, 1 << 20, {.line_bytes_max = 100'000});
    CsvLine line;
    EXPECT_THROW(static_cast<void>(reader.read(line)), Error);
    int rows = 0;
    while (reader.read(line)) ++rows;
    EXPECT_EQ(rows, 100'000);
    EXPECT_EQ(reader.bytes_read(), text.size());

    CsvReader endless =
        reader_of(std::string(500'000, 'x') + "\nnext\n", 1 << 20, {.line_bytes_max = 100'000});
    EXPECT_THROW(static_cast<void>(endless.read(line)), Error);
    ASSERT_TRUE(endless.read(line));
    EXPECT_EQ(line.fields[0].text, "next");
    EXPECT_EQ(line.number, 2u);
}

/// The reader reads what the writer has written, for all fields and all sizes of the pieces.
TEST(Csv, ReadsBackWhatItWrote) {
    Random random;
    for (Rounds rounds{300}; rounds.next();) {
        const char separator = random.one_in(4) ? ';' : ',';
        std::vector<std::vector<CsvField>> lines;
        std::deque<std::string> memory;
        Buffer text;
        CsvWriter writer{text, separator};
        for (std::uint64_t i = random.below(8); i > 0; --i) {
            auto& line = lines.emplace_back();
            for (std::uint64_t j = 1 + random.below(5); j > 0; --j) {
                std::string& field = memory.emplace_back();
                for (std::uint64_t k = random.below(6); k > 0; --k) {
                    const char letters[] = {'a',  '"',  ',',    ';',    '\r',
                                            '\n', '\0', '\xEF', '\xBB', '\xBF'};
                    field += random.of(letters);
                }
                const bool null = random.one_in(5);
                line.push_back(null ? CsvField{} : CsvField{field, true});
                if (null) {
                    writer.null();
                } else {
                    writer.field(field);
                }
            }
            writer.end_line();
        }
        CsvReader reader = reader_of(text, 1 + random.below(9), {.separator = separator});
        CsvLine line;
        for (const auto& expected : lines) {
            ASSERT_TRUE(reader.read(line)) << "AMPHORA_SEED=" << test_seed();
            ASSERT_EQ(line.fields.size(), expected.size());
            for (std::size_t i = 0; i < expected.size(); ++i) {
                ASSERT_EQ(line.fields[i].text, expected[i].text) << "AMPHORA_SEED=" << test_seed();
                ASSERT_EQ(line.fields[i].is_null(), !expected[i].quoted)
                    << "AMPHORA_SEED=" << test_seed();
            }
        }
        ASSERT_FALSE(reader.read(line));
    }
}

TEST(Csv, WritesQuotesOnlyWhereTheyAreNeeded) {
    Buffer text;
    CsvWriter writer{text};
    writer.field("plain");
    writer.field("");
    writer.null();
    writer.field("a,b");
    writer.field("say \"hi\"");
    writer.end_line();
    EXPECT_EQ(text, "plain,\"\",,\"a,b\",\"say \"\"hi\"\"\"\n");
}

}  // namespace
}  // namespace amphora::codec
