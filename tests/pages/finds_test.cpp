// engine/document/README.md: its plans are those that `explain` prints.
// tests/document/operators_test.cpp compares its operators.

#include "pages/page.hpp"

#include <amphora/amphora.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace amphora::pages {
namespace {

const std::string page = "engine/document/README.md";

TEST(FindsPage, ExplainPrintsWhatThePageSays) {
    const std::string schema = first_block(page, "sql");
    Database database = Database::temporary(Schema{"page", schema});
    database.write([](Transaction& tx) {
        tx.insert(Collection{"logs"}, Document::from_json(R"({"_id": 1, "tags": ["a", "b"],
                                          "scores": [{"topic": "sql", "value": 3}]})"));
    });
    const Snapshot now = database.snapshot();
    for (const Row& row : rows_below(page, "Plans")) {
        const std::string end = row.at(0) == "{}" ? "" : "; the filter is checked on each document";
        EXPECT_EQ(now.find(Collection{"logs"}, row.at(0)).explain(), row.at(1) + end);
    }
}

}  // namespace
}  // namespace amphora::pages
