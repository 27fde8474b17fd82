// engine/document/README.md lists every operator.

#include "document/query/filter.hpp"
#include "document/query/filter_node.hpp"
#include "document/update/action.hpp"
#include "document/update/update.hpp"

#include <amphora/document.hpp>
#include <amphora/error.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace amphora::document {
namespace {

struct Line {
    std::string name;     ///< "$gt"
    std::string example;  ///< {"age": {"$gt": 5}}
};

/// The table rows under a heading of the page.
std::vector<Line> lines_under(const std::string& heading) {
    std::ifstream page{AMPHORA_SOURCE_DIR "/engine/document/README.md"};
    std::vector<Line> lines;
    bool is_inside = false;
    for (std::string text; std::getline(page, text);) {
        if (text.starts_with("## ")) is_inside = text == "## " + heading;
        if (!is_inside || !text.starts_with("| `")) continue;
        std::istringstream parts{text};
        std::string nothing, name, between, example;
        std::getline(parts, nothing, '`');
        std::getline(parts, name, '`');
        std::getline(parts, between, '`');
        std::getline(parts, example, '`');
        lines.push_back({name, example});
    }
    return lines;
}

std::vector<std::string> names_of(const std::vector<Line>& lines) {
    std::vector<std::string> names;
    for (const Line& line : lines) names.push_back(line.name);
    return names;
}

template <class Parsed>
void expect_examples_parse(const std::vector<Line>& lines) {
    for (const Line& line : lines) {
        EXPECT_THAT(line.example, testing::HasSubstr('"' + line.name + '"'));
        EXPECT_NO_THROW(Parsed{Document::from_json(line.example)}) << line.example;
    }
}

TEST(OperatorsTest, ThePageListsEveryFilterOperatorAndNoOther) {
    const std::vector<Line> lines = lines_under("Filters");
    EXPECT_THAT(names_of(lines), testing::UnorderedElementsAreArray(filter_operators()));
    expect_examples_parse<Filter>(lines);
}

TEST(OperatorsTest, ThePageListsEveryUpdateOperatorAndNoOther) {
    const std::vector<Line> lines = lines_under("Updates");
    EXPECT_THAT(names_of(lines), testing::UnorderedElementsAreArray(update_operators()));
    expect_examples_parse<Update>(lines);
}

/// The lists are what the parsers read, not copies of it: what they lack is refused.
TEST(OperatorsTest, TheListsAreWhatTheParsersTake) {
    const std::vector<std::string> others{"$regex", "$where",      "$expr", "$mod",
                                          "$text",  "$jsonSchema", "$near", "$bit",
                                          "$size_", "$sets",       "$gtee"};
    for (const std::string& name : others) {
        EXPECT_THROW(Filter{Document::from_json(R"({"a": {")" + name + R"(": 1}})")}, Error)
            << name;
        EXPECT_THROW(Filter{Document::from_json(R"({")" + name + R"(": [{}]})")}, Error) << name;
        EXPECT_THROW(Update{Document::from_json(R"({")" + name + R"(": {"a": 1}})")}, Error)
            << name;
    }
}

}  // namespace
}  // namespace amphora::document
