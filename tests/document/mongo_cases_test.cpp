#include "document/mongo_case.hpp"

#include <amphora/document.hpp>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <fstream>
#include <map>
#include <string>

namespace amphora::document {

namespace {

struct Area {
    std::string_view name;
    std::string_view label;
};

class MongoCasesTest : public testing::TestWithParam<Area> {};

/// What MongoDB answers to thousands of commands is on record. For every operator that is offered
/// here the answers must be the same: which documents are found, what an update makes of them, what
/// is refused. What is not offered is counted by its reason.
TEST_P(MongoCasesTest, AnswersAsMongoDoes) {
    const char* const data = std::getenv("AMPHORA_DATA");
    if (data == nullptr) GTEST_SKIP() << "AMPHORA_DATA is not set";
    std::ifstream file{std::string{data} + "/mongo-cases/cases.jsonl"};
    if (!file) GTEST_SKIP() << "there are no recorded cases in " << data;

    const std::string area = fmt::format("\"area\": \"{}", GetParam().name);
    std::map<std::string, int> left_out;
    int passed = 0;
    int failed = 0;
    for (std::string line; std::getline(file, line);) {
        if (line.find(area) == std::string::npos) continue;
        const Document test = Document::from_json(line);
        const Outcome outcome = run_case(test);
        switch (outcome.kind) {
            case Outcome::Kind::passed:
                ++passed;
                break;
            case Outcome::Kind::left_out:
                ++left_out[outcome.why];
                break;
            case Outcome::Kind::failed:
                ++failed;
                ADD_FAILURE() << *test.find("id")->as_text() << "\n  " << line.substr(0, 1500)
                              << "\n  instead: " << outcome.why;
        }
    }
    RecordProperty("passed", passed);
    int others = 0;
    std::string reasons;
    for (const auto& [why, count] : left_out) {
        others += count;
        reasons += fmt::format("  {:5} {}\n", count, why);
    }
    fmt::print("{}: {} passed, {} failed, {} left out\n{}", GetParam().name, passed, failed, others,
               reasons);
    EXPECT_GT(passed, 0);
}

INSTANTIATE_TEST_SUITE_P(Areas, MongoCasesTest,
                         testing::Values(Area{"core/operator/query/comparison", "Comparison"},
                                         Area{"core/operator/query/logical", "Logic"},
                                         Area{"core/operator/query/arrays", "Arrays"},
                                         Area{"core/operator/query/misc", "Elements"},
                                         Area{"core/data-types", "Types"},
                                         Area{"core/operator/update/fields", "UpdateFields"},
                                         Area{"core/operator/update/array", "UpdateArrays"},
                                         Area{"core/operator/update/modifiers", "UpdateModifiers"}),
                         [](const auto& instance) { return std::string{instance.param.label}; });

}  // namespace

}  // namespace amphora::document
