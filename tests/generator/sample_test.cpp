#include "samplegen/sample.hpp"

#include "catalog/definition/check.hpp"
#include "catalog/language/parser.hpp"
#include "codec/csv.hpp"
#include "codec/utf8.hpp"
#include "support/read_file.hpp"

#include <amphora/types.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <sstream>

// The shipped data is what its generator makes, and it is as consistent as an application would
// have left it: every constraint of the three schemas holds.

namespace amphora::samplegen {
namespace {

using catalog::Column;
using catalog::Table;
using catalog::Type;

const std::string folder = AMPHORA_SCHEMA_FOLDER "/sample/";

TEST(Sample, IsWhatItsGeneratorMakes) {
    const auto made = make_sample(default_seed);
    std::set<std::string> shipped;
    for (const auto& entry : std::filesystem::directory_iterator{folder}) {
        shipped.insert(entry.path().filename().string());
    }
    for (const auto& [name, text] : made) {
        EXPECT_EQ(shipped.count(name), 1u) << name;
        EXPECT_TRUE(support::read_file(folder + name) == text)
            << name << " differs: run amphora-samplegen";
        shipped.erase(name);
    }
    shipped.erase("README.md");
    EXPECT_TRUE(shipped.empty()) << *shipped.begin();
    EXPECT_NE(make_sample(1), made);
    EXPECT_EQ(make_sample(1), make_sample(1));
}

TEST(Sample, IsOfModestSize) {
    std::size_t bytes = 0;
    for (const auto& [name, text] : make_sample(default_seed)) bytes += text.size();
    EXPECT_GT(bytes, 300'000u);
    EXPECT_LT(bytes, 600'000u);
}

using Rows = std::vector<std::vector<std::optional<std::string>>>;

struct Loaded {
    std::vector<std::string> header;
    Rows rows;
};
Loaded parse_csv(const std::string& text) {
    std::size_t at = 0;
    codec::CsvReader reader{[&](char* to, std::size_t bytes) {
        const std::size_t count = text.copy(to, bytes, at);
        at += count;
        return count;
    }};
    Loaded loaded;
    codec::CsvLine line;
    while (reader.read(line)) {
        std::vector<std::optional<std::string>> row;
        for (const codec::CsvField& field : line.fields) {
            row.push_back(field.is_null() ? std::nullopt : std::optional{std::string{field.text}});
        }
        if (loaded.header.empty()) {
            for (const auto& name : row) loaded.header.push_back(name.value_or(""));
        } else {
            loaded.rows.push_back(std::move(row));
        }
    }
    return loaded;
}

/// The cell of a text; throws what the parsers throw.
Cell cell_of(const Column& column, const std::string& text) {
    switch (column.type.type) {
        case Type::bigint:
        case Type::integer:
        case Type::smallint: {
            std::int64_t number = 0;
            const auto [stop, error] =
                std::from_chars(text.data(), text.data() + text.size(), number);
            EXPECT_TRUE(error == std::errc{} && stop == text.data() + text.size()) << text;
            if (column.type.type == Type::integer) {
                EXPECT_EQ(number, static_cast<std::int32_t>(number));
            }
            return Cell::of(number);
        }
        case Type::boolean:
            EXPECT_TRUE(text == "true" || text == "false") << text;
            return Cell::of(text == "true");
        case Type::real32:
        case Type::real64:
            return Cell::of(std::stod(text));
        case Type::decimal: {
            const Decimal number = parse_decimal(text);
            EXPECT_LE(number.scale, column.type.scale) << text;
            return Cell::of(number);
        }
        case Type::datetime:
            return Cell::of(parse_datetime(text));
        case Type::date:
            return Cell::of(parse_date(text));
        case Type::time:
            return Cell::of(parse_time(text));
        case Type::enumeration: {
            const auto& members = column.type.members;
            const auto found = std::find(members.begin(), members.end(), text);
            EXPECT_NE(found, members.end()) << text;
            return Cell::enumeration(found - members.begin());
        }
        case Type::varchar:
            EXPECT_FALSE(codec::is_longer_than(text, column.type.length_max)) << text;
            break;
        default:
            break;
    }
    EXPECT_TRUE(codec::is_utf8(text));
    return Cell::of(std::string_view{text});
}

class SampleRows : public testing::Test {
  protected:
    SampleRows() {
        std::vector<std::string> texts;
        const std::vector<std::string> names{"mission.sql", "learning.sql", "coaching.sql"};
        texts.reserve(names.size());
        for (const std::string& name : names) {
            texts.push_back(support::read_file(AMPHORA_SCHEMA_FOLDER "/" + name));
        }
        std::vector<catalog::SchemaText> parts;
        parts.reserve(names.size());
        for (std::size_t i = 0; i < names.size(); ++i) parts.push_back({texts[i], names[i]});
        schema = catalog::parse_schemas(parts);
        for (const Table& table : schema.tables) {
            tables[table.name] = parse_csv(files.at(table.name + ".csv"));
        }
    }
    static std::vector<std::optional<std::string>> key(
        const std::vector<std::optional<std::string>>& row,
        const std::vector<std::uint32_t>& places) {
        std::vector<std::optional<std::string>> result;
        result.reserve(places.size());
        for (const std::uint32_t place : places) result.push_back(row[place]);
        return result;
    }

    const std::map<std::string, std::string> files = make_sample(default_seed);
    catalog::Definition schema;
    std::map<std::string, Loaded> tables;
};

TEST_F(SampleRows, FulfilEveryConstraint) {
    for (const Table& table : schema.tables) {
        const Loaded& loaded = tables[table.name];
        ASSERT_EQ(loaded.header.size(), table.columns.size()) << table.name;
        EXPECT_FALSE(loaded.rows.empty()) << table.name;
        for (std::size_t place = 0; place < table.columns.size(); ++place) {
            EXPECT_EQ(loaded.header[place], table.columns[place].name);
        }
        std::set<std::vector<std::optional<std::string>>> keys;
        std::map<std::string, std::set<std::vector<std::optional<std::string>>>> unique;
        for (const auto& row : loaded.rows) {
            ASSERT_EQ(row.size(), table.columns.size()) << table.name;
            std::vector<Cell> cells;
            for (std::size_t place = 0; place < row.size(); ++place) {
                const Column& column = table.columns[place];
                SCOPED_TRACE(table.name + "." + column.name);
                EXPECT_TRUE(row[place] || !column.not_null);
                cells.push_back(row[place] ? cell_of(column, *row[place]) : Cell::null());
            }
            EXPECT_TRUE(keys.insert(key(row, table.primary_key)).second) << table.name;
            for (const catalog::Index& index : table.indexes) {
                const auto values = key(row, index.places);
                const bool has_null =
                    std::find(values.begin(), values.end(), std::nullopt) != values.end();
                if (index.unique && !has_null) {
                    EXPECT_TRUE(unique[index.name].insert(values).second) << index.name;
                }
            }
            for (const catalog::Check& check : table.checks) {
                EXPECT_TRUE(catalog::holds(check, cells));
            }
        }
    }
}

TEST_F(SampleRows, ReferOnlyToParentsThatAreLoadedBefore) {
    std::map<std::string, std::set<std::vector<std::optional<std::string>>>> keys;
    for (const Table& table : schema.tables) {
        for (const auto& row : tables[table.name].rows) {
            for (const catalog::Reference& reference : table.references) {
                const auto values = key(row, reference.places);
                if (values[0]) {
                    EXPECT_TRUE(keys[reference.parent].contains(values)) << reference.name;
                }
            }
            keys[table.name].insert(key(row, table.primary_key));
        }
    }
}

/// The number after "name": in a line of JSON; 0 if there is none.
std::int64_t number_in(const std::string& line, const std::string& name) {
    const std::size_t at = line.find("\"" + name + "\": ");
    return at == std::string::npos ? 0
                                   : std::strtoll(line.c_str() + at + name.size() + 4, nullptr, 10);
}

TEST_F(SampleRows, AgreeWithTheDocuments) {
    std::map<std::int64_t, std::int64_t> signups, points, successes;
    std::istringstream logs{files.at("activity_logs.jsonl")};
    for (std::string line; std::getline(logs, line);) {
        const std::int64_t user = number_in(line, "user_id");
        EXPECT_GT(user, 0) << line;
        EXPECT_NE(line.find("\"at\": {\"$date\": \"2026-"), std::string::npos) << line;
        if (line.find("\"event\": \"signup\"") != std::string::npos) ++signups[user];
        if (line.find("\"event\": \"success\"") != std::string::npos) {
            points[user] += number_in(line, "points");
            ++successes[user];
        }
    }
    for (const auto& row : tables["users"].rows) {
        const std::int64_t user = std::stoll(*row[0]);
        EXPECT_EQ(signups[user], 1) << user;
        EXPECT_EQ(points[user], std::stoll(*row[5])) << user;
    }
    std::map<std::int64_t, std::int64_t> succeeded;
    for (const auto& row : tables["user_missions"].rows) {
        if (row[4] == "SUCCESS") ++succeeded[std::stoll(*row[3])];
    }
    EXPECT_EQ(successes, succeeded);

    std::map<std::int64_t, std::int64_t> documents;
    std::istringstream feedback{files.at("ai_feedback.jsonl")};
    for (std::string line; std::getline(feedback, line);) ++documents[number_in(line, "user_id")];
    std::map<std::int64_t, std::int64_t> counted;
    for (const auto& row : tables["learning_metrics"].rows) {
        counted[std::stoll(*row[0])] = std::stoll(*row[3]);
    }
    EXPECT_EQ(documents, counted);
}

TEST_F(SampleRows, SpeakMoreThanOneScript) {
    const std::string& users = files.at("users.csv");
    for (const char* name : {"김민준", "Søren", "陽菜", "Олена"}) {
        EXPECT_NE(users.find(name), std::string::npos) << name;
    }
    EXPECT_NE(users.find("\"\"Ren\"\""), std::string::npos) << "quotes in a field";
    EXPECT_NE(files.at("reviews.csv").find("주차가 어려워요.\n"), std::string::npos)
        << "a line end in a field";
}

}  // namespace
}  // namespace amphora::samplegen
