// Damage to every file, in the time that a test has; tools/corruption runs longer.

#include "corruption/corruption_run.hpp"
#include "support/random.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>

namespace amphora::corruption {
namespace {

// Under a sanitizer a case takes about ten times as long.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr int slowness = 8;
#else
constexpr int slowness = 1;
#endif

/// Bits flip, ends are missing, blocks are zeroed or swapped, files vanish: in the identity, the
/// journal, LMDB's pages, RocksDB's tables and its lists of them. Every read then returns what was
/// written, or an error that names the piece. Check finds everything that is missing or fatal,
/// without ending the process.
class DamageTest : public testing::TestWithParam<Target> {};

TEST_P(DamageTest, MakesNoWrongValue) {
    const support::Random random{20'260'131};
    SCOPED_TRACE(random.seed_text());
    CorruptionOptions options;
    options.target = GetParam();
    options.seed = random.seed();
    options.cases = (GetParam() == Target::any ? 24 : 12) * support::test_scale();
    const CorruptionReport report = CorruptionRun{options}.run();
    EXPECT_THAT(report.violations, testing::IsEmpty());
    // Much of a journal is space to which nothing has been written yet.
    const std::uint64_t harmless_share = GetParam() == Target::journal ? 20 : 4;
    EXPECT_GT(report.found, report.cases / harmless_share) << report.text();
    RecordProperty("report", report.text());
}

INSTANTIATE_TEST_SUITE_P(Targets, DamageTest,
                         testing::Values(Target::any, Target::table, Target::journal,
                                         Target::catalog, Target::rows),
                         [](const auto& target) { return std::string{to_string(target.param)}; });

/// The shapes are what their names say: with one table file in each level the tests above would not
/// meet damage to one file of several.
TEST(ImageTest, HasTheShapeThatItIsNamedFor) {
    const support::ScratchDirectory folder{support::Scratch::memory, "corruption"};
    for (std::size_t shape = 0; shape < shapes.size(); ++shape) {
        const std::int64_t tables_least =
            shapes[shape].small_tables ? 4 : std::min(shapes[shape].openings, 2u);
        std::optional<Image> image;
        const auto count = [&](const char* beginning, const char* end) {
            return std::ranges::count_if(image->files(), [&](const std::string& name) {
                return name.starts_with(beginning) && name.ends_with(end);
            });
        };
        // A compaction that comes early, on a machine that does other things, leaves fewer tables.
        for (int attempt = 0; attempt < 5; ++attempt) {
            const std::string name = std::to_string(shape) + "-" + std::to_string(attempt);
            image.emplace(folder / name, shape, 20'260'131, 300);
            if (count("documents/", ".sst") >= tables_least) break;
        }
        SCOPED_TRACE(image->shape().name);
        EXPECT_GE(count("documents/", ".sst"), tables_least);
        EXPECT_GE(count("journal/", ""), image->shape().times > 1 ? 4 : 1);
        EXPECT_GT(image->entries().catalog.size(), 5u);
        EXPECT_GT(image->entries().rows.size(), 100u);
    }
}

/// The same damage, repaired: the result is a sound database without a value that was never
/// written, or an error that says why not.
TEST(CorruptionTest, ARepairLeavesASoundDatabase) {
    const support::Random random{20'260'131};
    SCOPED_TRACE(random.seed_text());
    CorruptionOptions options;
    options.aftermath = Aftermath::repair;
    options.seed = random.seed();
    options.cases = UINT64_MAX;
    options.until = std::chrono::steady_clock::now() +
                    std::chrono::seconds{5} * slowness * support::test_scale();
    const CorruptionReport report = CorruptionRun{options}.run();
    EXPECT_THAT(report.violations, testing::IsEmpty());
    EXPECT_GT(report.cases, 0u);
    RecordProperty("report", report.text());
}

}  // namespace
}  // namespace amphora::corruption
