// The power is cut at every kind of moment, in the time that a test has; tools/power runs longer.

#include "crash/cycle_plan.hpp"
#include "crash/kill_run.hpp"
#include "power/power_run.hpp"
#include "support/random.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace amphora::power {
namespace {

/// A process writes rows and documents, and every write of it is recorded. The power could have
/// failed at any moment, and any unsynced part in any order could have been on the disk. Each such
/// disk opens. Nothing that was called `synced` is missing, nor anything committed before it;
/// nothing is stored twice; both stores and every index agree; and the database works.
TEST(PowerTest, WhatWasSyncedIsThereOnce) {
    const support::Random random{20'260'131};
    SCOPED_TRACE(random.seed_text());
    PowerOptions options;
    options.seed = random.seed();
    options.images = 300 * support::test_scale();
    options.until =
        std::chrono::steady_clock::now() + std::chrono::seconds{60} * support::test_scale();
    const PowerReport report = PowerRun{options}.run();
    EXPECT_THAT(report.failures, testing::IsEmpty());
    EXPECT_EQ(report.lost + report.duplicated + report.refused, 0u);
    EXPECT_GT(report.promised, 0u);
    EXPECT_GT(report.replayed, 0u) << "a power cut leaves something to recover";
    EXPECT_GT(report.only_read, 0u);
    RecordProperty("closing_line", report.closing_line());
}

/// From there on, the image at which a database begins with a victim that makes backups.
std::uint64_t next_with_copies(std::uint64_t seed, std::uint64_t image) {
    while (!crash::plan_of(seed, image / PowerRun::images_per_recording).copies) {
        image += PowerRun::images_per_database;
    }
    return image;
}

/// A backup that was reported is complete after every later power cut: it is restored and holds
/// what had returned when it was begun. Before that, it is complete or refused.
TEST(PowerTest, ABackupThatWasReportedIsWhole) {
    const support::Random random{20'260'131};
    SCOPED_TRACE(random.seed_text());
    PowerOptions options;
    options.seed = random.seed();
    options.images = PowerRun::images_per_recording;
    for (std::uint64_t databases = 4 * support::test_scale(); databases > 0; --databases) {
        options.first_image = next_with_copies(options.seed, options.first_image);
        const PowerReport report = PowerRun{options}.run();
        EXPECT_THAT(report.failures, testing::IsEmpty());
        EXPECT_EQ(report.lost + report.duplicated + report.refused, 0u);
        EXPECT_GT(report.copies, 0u);
        EXPECT_GT(report.coverage.at("copying").size(), 1u);
        options.first_image += PowerRun::images_per_database;
    }
}

/// The same in a real file system, which is shut down under the workload and mounted again.
TEST(PowerTest, ARealPowerCutTakesNothingThatWasSynced) {
    const support::Random random{20'260'131};
    SCOPED_TRACE(random.seed_text());
    crash::KillRunOptions options;
    options.stop = crash::Stop::power_cut;
    options.seed = random.seed();
    options.cycles = 2 * support::test_scale();
    crash::KillRun run{options};
    if (const auto why_not = run.why_not()) GTEST_SKIP() << *why_not;
    const crash::KillReport report = run.run();
    EXPECT_THAT(report.failures, testing::IsEmpty());
    EXPECT_EQ(report.lost + report.duplicated + report.torn, 0u);
    EXPECT_GT(report.acknowledged, 0u);
}

}  // namespace
}  // namespace amphora::power
