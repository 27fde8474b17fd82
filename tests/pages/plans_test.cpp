// engine/relational/README.md: its conditions are those that a scan takes, and its plans are those
// that `explain` prints.

#include "pages/page.hpp"

#include <amphora/amphora.hpp>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace amphora::pages {
namespace {

const std::string page = "engine/relational/README.md";

struct Spelling {
    std::string_view text;
    Comparison comparison;
};
/// As `explain` spells them. A spelling that begins with another one comes first.
constexpr std::array spellings{
    Spelling{" IS NOT NULL", Comparison::is_not_null},
    Spelling{" IS NULL", Comparison::is_null},
    Spelling{" IN ", Comparison::in},
    Spelling{" <> ", Comparison::not_equal},
    Spelling{" <= ", Comparison::less_equal},
    Spelling{" >= ", Comparison::greater_equal},
    Spelling{" < ", Comparison::less},
    Spelling{" > ", Comparison::greater},
    Spelling{" = ", Comparison::equal},
};

/// "3", "'Kim'" or "(1, 3)" as values.
std::vector<Value> values_in(std::string text) {
    std::erase_if(text, [](char letter) { return letter == '(' || letter == ')'; });
    std::vector<Value> values;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find(", ", at), text.size());
        std::string one = text.substr(at, end - at);
        std::erase(one, '\'');
        values.emplace_back(one);
        at = end + 2;
    }
    return values;
}

Condition condition_in(const std::string& text) {
    for (const Spelling& spelling : spellings) {
        const std::size_t at = text.find(spelling.text);
        if (at == std::string::npos) continue;
        return {text.substr(0, at), spelling.comparison,
                values_in(text.substr(at + spelling.text.size()))};
    }
    throw std::runtime_error{"no condition: " + text};
}

Conditions conditions_in(const std::string& text) {
    Conditions all;
    if (text == "none") return all;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find(" AND ", at), text.size());
        all = std::move(all) && Conditions{condition_in(text.substr(at, end - at))};
        at = end + 5;
    }
    return all;
}

TEST(PlansPage, ExplainPrintsWhatThePageSays) {
    const std::string schema = first_block(page, "sql");
    const Database database = Database::temporary(Schema{"page", schema});
    const Snapshot now = database.snapshot();
    for (const Row& row : rows_below(page, "Plans")) {
        EXPECT_EQ(now.scan(Table{"stores"}, conditions_in(row.at(0))).explain(), row.at(1));
    }
}

TEST(PlansPage, EveryConditionIsOnThePage) {
    std::vector<Comparison> on_page;
    for (const Row& row : rows_below(page, "Conditions")) {
        on_page.push_back(condition_in(row.at(0)).comparison);
    }
    std::vector<Comparison> known;
    for (const Spelling& spelling : spellings) known.push_back(spelling.comparison);
    EXPECT_THAT(on_page, testing::UnorderedElementsAreArray(known));
}

/// The rules that are easy to get wrong, as the page tells them.
TEST(PlansPage, TheRulesOfComparisonHold) {
    const std::string schema = first_block(page, "sql");
    Database database = Database::temporary(Schema{"page", schema});
    database.write([](Transaction& tx) {
        tx.insert(
            Table{"stores"},
            Record{
                {"store_id", 1}, {"region", 2}, {"score", "0.1"}, {"name", "Z"}, {"kind", "BAR"}});
        tx.insert(Table{"stores"}, Record{{"store_id", 2}, {"name", "a"}});
    });
    const Snapshot now = database.snapshot();
    const auto count = [&](const Conditions& conditions) {
        int rows = 0;
        for ([[maybe_unused]] const RowView& row : now.scan(Table{"stores"}, conditions)) ++rows;
        return rows;
    };
    EXPECT_EQ(count(where("region") == 2.5), 0);
    EXPECT_EQ(count(where("region") < 2.5), 1);
    EXPECT_EQ(count(where("region") != 3), 1);
    EXPECT_EQ(count(where("score") == 0.1), 1);
    EXPECT_EQ(count(where("score") < "4.5"), 1);
    EXPECT_EQ(count(where("name") < "a"), 1);
    EXPECT_EQ(count(where("kind") > "CAFE"), 1);
    EXPECT_EQ(count(where("kind") == "BANK"), 0);
    EXPECT_EQ(count(where("region") == nullptr), 0);
    EXPECT_EQ(count(where("region").in({nullptr, 2})), 1);
    EXPECT_THROW(count(where("kind") < "BANK"), Error);
    EXPECT_THROW(count(where("name") == 1), Error);
}

}  // namespace
}  // namespace amphora::pages
