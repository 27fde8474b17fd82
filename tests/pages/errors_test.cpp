// The tables of errors in include/amphora/README.md have a line for each code, and no other.

#include "pages/page.hpp"

#include <amphora/error.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace amphora::pages {
namespace {

constexpr const char* page = "include/amphora/README.md";

/// In the order of the enumeration.
std::vector<std::string> codes() {
    std::vector<std::string> names;
    for (int number = 0;; ++number) {
        const std::string name{to_string(static_cast<ErrorCode>(number))};
        if (name == "unknown") return names;
        names.push_back(name);
    }
}

std::vector<Row> lines() {
    std::vector<Row> all;
    for (const char* const part : {"a call", "an opening", "a schema", "values and constraints",
                                   "limits", "change feeds and consumers", "durability"}) {
        for (Row& row : rows_below(page, std::string{"Errors of "} + part)) {
            all.push_back(std::move(row));
        }
    }
    return all;
}

TEST(ErrorsPage, HasOneLineForEachCodeInTheOrderOfTheHeader) {
    std::vector<std::string> names;
    for (const Row& row : lines()) names.push_back(row.at(0));
    EXPECT_THAT(names, testing::ElementsAreArray(codes()));
    EXPECT_EQ(codes().back(), to_string(ErrorCode::corrupt)) << "a code without a spelling";
}

TEST(ErrorsPage, EachLineSaysWhatItMeansAndWhatAProgramDoes) {
    for (const Row& row : lines()) {
        ASSERT_EQ(row.size(), 3u) << row.at(0);
        EXPECT_FALSE(row[1].empty()) << row[0];
        EXPECT_THAT(row[2], testing::MatchesRegex(R"(\*\*(fix|retry|reopen|restore)\*\*.*)"))
            << row[0];
    }
}

}  // namespace
}  // namespace amphora::pages
