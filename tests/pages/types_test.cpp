// The table of types in schema/README.md: what it says of SQL, C++, BSON, CSV and JSON is what the
// code does.

#include "catalog/language/clause_parser.hpp"
#include "catalog/language/parser.hpp"
#include "catalog/language/print.hpp"
#include "pages/page.hpp"
#include "schemagen/members.hpp"

#include <amphora/amphora.hpp>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

namespace amphora::pages {
namespace {

struct TypeLine {
    std::string sql;
    std::string also;  ///< another spelling; may be empty
    std::string cpp;
    std::string bson;  ///< as `$type` names it, or "any"
    std::string csv;
    std::string json;
};

std::vector<TypeLine> type_lines() {
    std::vector<TypeLine> lines;
    for (const Row& row : rows_below("schema/README.md", "Types")) {
        lines.push_back({row.at(0), row.at(1), row.at(3), row.at(4), row.at(5), row.at(6)});
    }
    return lines;
}

catalog::ColumnType parsed(const std::string& sql) {
    const std::string text = "CREATE TABLE t (id BIGINT PRIMARY KEY, c " + sql + ");";
    return catalog::parse_schema(text, "page").tables.at(0).columns.at(1).type;
}

/// "DECIMAL(9,2)" begins with the word DECIMAL.
std::string first_word(const std::string& sql) {
    return sql.substr(0, sql.find_first_of(" ("));
}

TEST(TypesPage, EveryTypeParsesAndEveryWordOfTheParserIsOnThePage) {
    std::set<std::string> words;
    for (const TypeLine& line : type_lines()) {
        words.insert(first_word(line.sql));
        if (line.also.empty()) {
            EXPECT_NO_THROW(static_cast<void>(parsed(line.sql))) << line.sql;
            continue;
        }
        words.insert(first_word(line.also));
        EXPECT_EQ(parsed(line.also), parsed(line.sql)) << line.also;
    }
    std::set<std::string> known;
    for (const std::string_view word : catalog::type_words()) known.emplace(word);
    EXPECT_EQ(words, known);
}

TEST(TypesPage, AGeneratedMemberHasTheCppType) {
    for (const TypeLine& line : type_lines()) {
        EXPECT_EQ(schemagen::member_type(parsed(line.sql), "enum class"), line.cpp) << line.sql;
    }
}

/// The example of each type is stored, read back and printed, as a row from CSV and as a document
/// from JSON.
TEST(TypesPage, TheExamplesAreWhatTheStoresKeepAndPrint) {
    const std::vector<TypeLine> lines = type_lines();
    std::string table = "CREATE TABLE rows (id BIGINT PRIMARY KEY";
    std::string collection;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        table += fmt::format(", c{} {}", i, lines[i].sql);
        collection += fmt::format("{}c{} {}", i == 0 ? "" : ", ", i, lines[i].sql);
    }
    const std::string text =
        fmt::format("{}); CREATE COLLECTION documents ({});", table, collection);
    Database database = Database::temporary(Schema{"page", text});

    Record given{{"id", 1}};
    std::string document = R"({"_id": 1)";
    for (std::size_t i = 0; i < lines.size(); ++i) {
        given.set(fmt::format("c{}", i), Value{lines[i].csv});
        document += fmt::format(R"(, "c{}": {})", i, lines[i].json);
    }
    database.write([&](Transaction& tx) {
        tx.insert(Table{"rows"}, given);
        tx.insert(Collection{"documents"}, Document::from_json(document + "}"));
    });

    const Snapshot now = database.snapshot();
    const auto row = now.find(Table{"rows"}, {Value{1}});
    ASSERT_TRUE(row.has_value());
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const TypeLine& line = lines[i];
        const std::string name = fmt::format("c{}", i);
        EXPECT_EQ(to_string((*row)[name]), line.csv) << line.sql;
        const std::string type =
            line.bson == "any" ? "{}"
                               : fmt::format(R"({{"{}": {{"$type": "{}"}}}})", name, line.bson);
        std::size_t found = 0;
        for (const DocumentView one : now.find(Collection{"documents"}, type)) {
            ++found;
            EXPECT_EQ(to_json(*one.field(name)), line.json) << line.sql;
        }
        EXPECT_EQ(found, 1u) << line.sql << " is not stored as " << line.bson;
        EXPECT_EQ(line.bson == "any", parsed(line.sql).type == catalog::Type::json) << line.sql;
    }
}

}  // namespace
}  // namespace amphora::pages
