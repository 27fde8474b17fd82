// Damage to every file, in the time that a test has; tools/corruption goes on for longer.

#include "corruption/corruption_run.hpp"
#include "support/random.hpp"

#include <gtest/gtest.h>

namespace amphora::corruption {
namespace {

// Under a sanitizer a case takes some ten times as long.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr int slowness = 8;
#else
constexpr int slowness = 1;
#endif

/// Bits flip, ends go missing, blocks are zeroed or swapped, files vanish: in the identity, the
/// journal, LMDB's pages, RocksDB's tables and its lists of them. Whatever is then read is what was
/// written, or an error that names the piece; and whatever is missing or fatal, check finds without
/// dying of it.
TEST(CorruptionTest, NoDamageMakesAWrongValue) {
    const support::Random random{20'260'131};
    SCOPED_TRACE(random.seed_text());
    CorruptionOptions options;
    options.seed = random.seed();
    options.cases = UINT64_MAX;
    options.until = std::chrono::steady_clock::now() +
                    std::chrono::seconds{6} * slowness * support::test_scale();
    const CorruptionReport report = CorruptionRun{options}.run();
    EXPECT_THAT(report.violations, testing::IsEmpty());
    EXPECT_GT(report.cases, 10u);
    EXPECT_GT(report.found, report.cases / 4) << report.text();
    RecordProperty("report", report.text());
}

/// The same damage, repaired: a sound database comes of it, without a value that nobody wrote, or
/// an error that says why not.
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
    EXPECT_GT(report.cases, 3u);
    RecordProperty("report", report.text());
}

}  // namespace
}  // namespace amphora::corruption
