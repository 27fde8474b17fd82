#include "relational/row/row_key_reader.hpp"

#include "codec/key/writer.hpp"
#include "relational/row/row_key.hpp"
#include "relational/value/comparison.hpp"
#include "relational/world.hpp"
#include "support/random.hpp"

#include <cmath>
#include <functional>
#include <limits>

/// What is left of an erased row may be its key alone. The key tells the row's primary key, cell by
/// cell, or says that it cannot.
namespace amphora::relational {
namespace {

constexpr std::string_view schema = R"sql(
CREATE TABLE bigs (note INT, k BIGINT PRIMARY KEY);
CREATE TABLE plains (note INT, k INT PRIMARY KEY);
CREATE TABLE smalls (note INT, k SMALLINT PRIMARY KEY);
CREATE TABLE answers (note INT, k BOOLEAN PRIMARY KEY);
CREATE TABLE singles (note INT, k FLOAT PRIMARY KEY);
CREATE TABLE pairs (note INT, k DOUBLE PRIMARY KEY);
CREATE TABLE prices (note INT, k DECIMAL(9,2) PRIMARY KEY);
CREATE TABLE exacts (note INT, k DECIMAL(38,20) PRIMARY KEY);
CREATE TABLE fractions (note INT, k DECIMAL(38,38) PRIMARY KEY);
CREATE TABLE names (note INT, k VARCHAR(12) PRIMARY KEY);
CREATE TABLE texts (note INT, k TEXT PRIMARY KEY);
CREATE TABLE blobs (note INT, k BLOB PRIMARY KEY);
CREATE TABLE moments (note INT, k DATETIME PRIMARY KEY);
CREATE TABLE days (note INT, k DATE PRIMARY KEY);
CREATE TABLE spans (note INT, k TIME PRIMARY KEY);
CREATE TABLE colors (note INT, k ENUM ('RED', 'GREEN', 'BLUE') PRIMARY KEY);
CREATE TABLE several (a TEXT, b DECIMAL(9,2), note INT, c DATETIME, d BLOB, e FLOAT, f BOOLEAN,
    PRIMARY KEY (d, a, c));
CREATE TABLE pairings (a VARCHAR(12), b TEXT, color ENUM ('RED', 'GREEN', 'BLUE'), price DECIMAL(9,2),
    rate FLOAT, PRIMARY KEY (price, b, color, a, rate));
)sql";

class RowKeyReaderTest : public testing::Test {
  protected:
    template <class... Choices>
    std::string pieces(std::size_t count_max, Choices... choices) {
        const std::string_view all[]{choices...};
        std::string text;
        for (auto left = random() % (count_max + 1); left > 0; --left) {
            text += all[random() % std::size(all)];
        }
        return text;
    }
    std::int64_t below(std::int64_t bound) {
        return static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(bound));
    }
    std::int64_t integer() {
        const auto bits = static_cast<std::int64_t>(random());
        return random() % 3 == 0 ? below(7) - 3 : bits >> random() % 64;
    }
    double real() {
        if (random() % 16 == 0) return random() % 2 == 0 ? -0.0 : 1e300;
        if (random() % 3 == 0) return static_cast<double>(integer());
        return std::ldexp(static_cast<double>(integer()), -static_cast<int>(random() % 60));
    }
    Decimal decimal(const catalog::ColumnType& type) {
        Int128 units = integer();
        if (type.precision > 30) units *= 1'000'000'007;
        Int128 limit = 1;
        for (int digit = 0; digit < type.precision; ++digit) limit *= 10;
        return Decimal{units % limit, type.scale};
    }

    /// A value that the column stores.
    Value value_for(const catalog::Column& column) {
        using catalog::Type;
        const std::size_t characters = random() % 16 == 0 ? 250 : 40;
        switch (column.type.type) {
            case Type::bigint:
                return random() % 8 == 0 ? Value{INT64_MIN} : Value{integer()};
            case Type::integer:
                return std::int64_t{static_cast<std::int32_t>(integer())};
            case Type::smallint:
                return std::int64_t{static_cast<std::int16_t>(integer())};
            case Type::boolean:
                return random() % 2 == 0;
            case Type::real32:
                return static_cast<double>(static_cast<float>(std::fmod(real(), 1e30)));
            case Type::real64:
                return real();
            case Type::decimal:
                return decimal(column.type);
            case Type::varchar:
                return pieces(12, "a", "\xc3\xa9", "\x01", std::string_view{"\0", 1});
            case Type::text:
            case Type::json:
                return pieces(characters, "a", "\xf0\x9f\x8d\xb6", "\x02",
                              std::string_view{"\0", 1});
            case Type::blob:
                return Blob{pieces(characters, "a", "\xff", "\x01", std::string_view{"\0", 1})};
            case Type::datetime:
                return DateTime{below(315'569'520'000'000'000) - 62'167'219'200'000'000};
            case Type::date:
                return Date{static_cast<std::int32_t>(below(3'652'425) - 719'528)};
            case Type::time:
                return Time{below(2 * 3'020'399'000'000) - 3'020'399'000'000};
            case Type::enumeration:
                return column.type.members[random() % column.type.members.size()];
        }
        return nullptr;
    }

    void fill(const BoundTable& table, std::uint64_t rows) {
        for (; rows > 0; --rows) {
            World::Givens row;
            for (const catalog::Column& column : table.definition().columns) {
                row.emplace_back(column.name, value_for(column));
            }
            world.put(table.name(), row);
        }
    }
    /// The table's keys and rows.
    std::vector<std::pair<std::string, std::string>> entries(const BoundTable& table) {
        std::vector<std::pair<std::string, std::string>> entries;
        const codec::KeyWriter prefix{table.definition().space};
        for (const auto& [key, value] : world.writing.contents(TreeId::relational)) {
            if (key.starts_with(prefix.bytes())) entries.emplace_back(key, value);
        }
        return entries;
    }

    /// The key of one element or several is no key of the table.
    void refuses(std::string_view table, const std::function<void(codec::KeyWriter&)>& write,
                 std::string_view words) {
        codec::KeyWriter key{world.tables->require(table).definition().space};
        write(key);
        refuses(table, key.bytes(), words);
    }
    void refuses(std::string_view table, Bytes key, std::string_view words) {
        RowKeyReader reader;
        try {
            static_cast<void>(reader.read(world.tables->require(table), key));
            ADD_FAILURE() << table << ": a key was read that should say " << words;
        } catch (const Error& error) {
            EXPECT_EQ(error.code_name(), to_string(ErrorCode::corrupt)) << error.what();
            EXPECT_NE(std::string_view{error.what()}.find(words), std::string_view::npos)
                << error.what() << "\n  does not say: " << words;
        }
        EXPECT_TRUE(reader.cells().empty());
    }

    support::Random random;
    World world{schema};
};

/// The cell of a row and the one that was read from its key: one value in one spelling.
void expect_same_cell(const Cell& stored, const Cell& read) {
    ASSERT_EQ(read.kind(), stored.kind());
    ASSERT_TRUE(same(read, stored));
    if (stored.kind() == Cell::Kind::decimal) {
        ASSERT_EQ(to_string(read.decimal()), to_string(stored.decimal()));
    }
}

TEST_F(RowKeyReaderTest, GivesTheCellsThatTheRowHas) {
    SCOPED_TRACE(random.seed_text());
    RowKeyReader reader;
    for (const auto& table : world.tables->all()) {
        SCOPED_TRACE(table->name());
        fill(*table, 200 * support::test_scale());
        std::size_t read = 0;
        for (const auto& [stored_key, value] : entries(*table)) {
            auto key = std::make_unique<std::string>(stored_key);
            const bool is_limited = catalog::is_limited_row_key(*key);
            ASSERT_EQ(reader.read(*table, *key), !is_limited);
            key.reset();  // the cells do not need it
            if (is_limited) {
                ASSERT_TRUE(reader.cells().empty());
                continue;
            }
            ++read;
            const Row row{*table, value};
            const std::span<const std::uint32_t> places = table->primary().columns;
            ASSERT_EQ(reader.cells().size(), places.size());
            for (std::size_t i = 0; i < places.size(); ++i) {
                expect_same_cell(row.cell(places[i]), reader.cells()[i]);
                if (HasFatalFailure()) return;
            }
        }
        EXPECT_GT(read, table->name() == "answers" ? 1U : table->name() == "colors" ? 2U : 20U);
    }
    EXPECT_EQ(world.findings(), "");
}

TEST_F(RowKeyReaderTest, SaysOfALimitedKeyThatTheRowIsNeeded) {
    RowKeyReader reader;
    const BoundTable& texts = world.tables->require("texts");
    for (const std::size_t bytes : {182U, 183U, 500U}) {
        const std::string text(bytes, 'x');
        const Cell cells[]{Cell::of(std::string_view{text})};
        const RowKey key{texts, cells};
        ASSERT_EQ(key.is_limited(), bytes > 182);
        EXPECT_EQ(reader.read(texts, key.bytes()), bytes == 182);
        EXPECT_EQ(reader.cells().size(), bytes == 182 ? 1U : 0U);
    }
}

/// A damaged key is refused, or it is exactly the key of another row that the table would store.
TEST_F(RowKeyReaderTest, RefusesDamagedBytesOrReadsExactlyWhatTheySay) {
    SCOPED_TRACE(random.seed_text());
    RowKeyReader reader;
    int refused = 0;
    int other = 0;
    for (const auto& table : world.tables->all()) {
        SCOPED_TRACE(table->name());
        fill(*table, 10);
        const auto keys = entries(*table);
        for (std::uint64_t round = 0; round < 300 * support::test_scale(); ++round) {
            const std::string& whole = keys[random() % keys.size()].first;
            // In memory of its exact size, so that the address sanitizer sees a step beyond.
            std::vector<char> damaged(whole.begin(), whole.end());
            for (auto left = 1 + random() % 2; left > 0; --left) {
                damaged[random() % damaged.size()] ^= static_cast<char>(1 << random() % 8);
            }
            if (random.once_in(3)) damaged.resize(random() % damaged.size());
            damaged.shrink_to_fit();
            const Bytes key{damaged.data(), damaged.size()};
            try {
                if (!reader.read(*table, key)) continue;
                std::vector<Cell> row(table->column_count());
                for (std::size_t i = 0; i < reader.cells().size(); ++i) {
                    row[table->primary().columns[i]] = reader.cells()[i];
                }
                static_cast<void>(relational::put(world.writing, *table, row));
                Buffer scratch;
                ASSERT_TRUE(world.writing.find(TreeId::relational, key, scratch));
                ++other;
            } catch (const Error& error) {
                ASSERT_EQ(error.code_name(), to_string(ErrorCode::corrupt)) << error.what();
                ++refused;
            }
        }
    }
    EXPECT_GT(refused, 500);
    EXPECT_GT(other, 500);
    EXPECT_EQ(world.findings(), "");
}

/// Keys of valid elements that are no key of the table.
TEST_F(RowKeyReaderTest, RefusesCellsThatTheColumnsDoNotHold) {
    using Key = codec::KeyWriter;
    refuses(
        "plains", [](Key& key) { key.integer(std::int64_t{1} << 40); }, "beyond what it holds");
    refuses(
        "plains", [](Key& key) { key.real(1.5); }, "a whole number");
    refuses(
        "plains", [](Key& key) { key.text("1"); }, "number and not text");
    refuses(
        "plains", [](Key& key) { key.null(); }, "not NULL");
    refuses(
        "plains", [](Key& key) { key.integer(1).integer(2); }, "another key");
    refuses(
        "plains", [](Key& key) { key.order(codec::KeyOrder::descending).integer(1); },
        "another key");
    refuses(
        "plains", [](Key&) {}, "another column of the primary key");
    refuses(
        "plains", [](Key& key) { key.restart(SpaceId{9999}); }, "not the number of the table");
    refuses("plains", Bytes{"abc"}, "the number of a space");
    refuses(
        "singles", [](Key& key) { key.real(0.1); }, "another key");
    refuses(
        "singles", [](Key& key) { key.real(1e300); }, "FLOAT");
    refuses(
        "pairs", [](Key& key) { key.real(std::numeric_limits<double>::quiet_NaN()); }, "DOUBLE");
    refuses(
        "pairs", [](Key& key) { key.real(std::numeric_limits<double>::infinity()); }, "DOUBLE");
    refuses(
        "pairs", [](Key& key) { key.integer((std::int64_t{1} << 53) + 1); }, "another key");
    refuses(
        "pairs",
        [](Key& key) {
            key.decimal(Decimal{1, 1});
        },
        "another key");
    refuses(
        "prices",
        [](Key& key) {
            key.decimal(Decimal{1'001, 3});
        },
        "another key");
    refuses(
        "prices", [](Key& key) { key.integer(10'000'000); }, "DECIMAL(9,2)");
    refuses(
        "names", [](Key& key) { key.text("more than twelve"); }, "VARCHAR(12)");
    refuses(
        "names", [](Key& key) { key.text("\xff"); }, "not UTF-8");
    refuses(
        "blobs", [](Key& key) { key.text("ff"); }, "blob and not text");
    refuses(
        "moments", [](Key& key) { key.datetime(DateTime{INT64_MAX}); }, "0000 to 9999");
    refuses(
        "moments", [](Key& key) { key.date_ms(INT64_MAX); }, "value of a column");
    refuses(
        "days", [](Key& key) { key.date(Date{INT32_MIN}); }, "0000 to 9999");
    refuses(
        "spans", [](Key& key) { key.time(Time{INT64_MIN + 1}); }, "838:59:59");
    refuses(
        "colors", [](Key& key) { key.enumeration(3); }, "'BLUE'");
    refuses(
        "answers", [](Key& key) { key.begin_object().end(); }, "boolean and not object");
    refuses(
        "several", [](Key& key) { key.blob("x").text("y"); }, "another column");
    // Longer than whole keys are, and not as long as limited ones.
    refuses(
        "texts", [](Key& key) { key.text(std::string(183, 'x')); }, "no key has this length");
    refuses(
        "texts", [](Key& key) { key.text(std::string(300, 'x')); }, "no key has this length");
}

}  // namespace
}  // namespace amphora::relational
