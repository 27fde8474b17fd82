// Loads with a shape of their own, small enough for a test; tools/soak --case runs them at full
// size.

#include "soak/load_case.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

namespace amphora::soak {
namespace {

class LoadCaseTest : public testing::TestWithParam<LoadCase> {};

/// Whatever the load, everything that was acknowledged is there, once, and what is refused is
/// refused by name.
TEST_P(LoadCaseTest, Holds) {
    const CaseReport report = run(GetParam(), GetParam().brief);
    if (report.skipped) GTEST_SKIP() << *report.skipped;
    EXPECT_THAT(report.failures, testing::IsEmpty());
    RecordProperty("measured", fmt::format("{}", fmt::join(report.lines, "; ")));
}

INSTANTIATE_TEST_SUITE_P(All, LoadCaseTest,
                         testing::ValuesIn(load_cases().begin(), load_cases().end()),
                         [](const auto& each) { return std::string{each.param.name}; });

}  // namespace
}  // namespace amphora::soak
