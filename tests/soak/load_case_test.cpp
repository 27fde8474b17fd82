// Special loads, small enough for a test; tools/soak --case runs them in full size.

#include "soak/load_case.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <string_view>

namespace amphora::soak {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool has_shadow_memory = true;
#else
constexpr bool has_shadow_memory = false;
#endif

class LoadCaseTest : public testing::TestWithParam<LoadCase> {};

/// For every load, everything that was acknowledged is stored once, and every refusal has a name.
TEST_P(LoadCaseTest, Holds) {
    if (has_shadow_memory && std::string_view{GetParam().name} == "larger_than_memory") {
        GTEST_SKIP() << "a sanitizer needs more memory of its own than this case has";
    }
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
