// Kills at every kind of moment, in the time that a test has; tools/crash goes on for longer.

#include "crash/kill_run.hpp"
#include "support/random.hpp"

#include <gtest/gtest.h>

namespace amphora::crash {
namespace {

/// A process that writes rows and documents is killed while it opens, recovers, writes, compacts or
/// closes, again and again. Whoever opens the database afterwards finds, in both stores and through
/// every index, each thread's work up to what was acknowledged, or to the one transaction that was
/// on its way: nothing lost, nothing doubled, nothing by halves.
TEST(CrashTest, WhatWasAcknowledgedIsThereOnce) {
    const support::Random random{20'260'131};
    SCOPED_TRACE(random.seed_text());
    KillRunOptions options;
    options.seed = random.seed();
    options.cycles = UINT64_MAX;
    options.cycles_per_database = 6;
    options.until =
        std::chrono::steady_clock::now() + std::chrono::seconds{13} * support::test_scale();
    const KillReport report = KillRun{options}.run();
    EXPECT_THAT(report.failures, testing::IsEmpty());
    EXPECT_EQ(report.lost + report.duplicated + report.torn, 0u);
    EXPECT_GT(report.acknowledged, 0u);
    EXPECT_GT(report.commits_replayed, 0u) << "what is killed leaves something to recover";
    RecordProperty("closing_line", report.closing_line());
}

/// A judge that forgives everything would find nothing: one acknowledged transaction too few is
/// lost, one too many is doubled, and the one whose fate was unknown may be either.
TEST(CrashTest, TheJudgeSeesWhatIsMissingOrTooMuch) {
    const auto after = [](std::uint64_t there, const char* last) {
        Promises promises;
        promises.started(1);
        promises.heard("at 0 0");
        promises.heard("ready");
        promises.heard("a 0 1");
        promises.heard(last);
        promises.found(0, there);
        return std::pair{promises.lost(), promises.duplicated()};
    };
    using Counts = std::pair<std::uint64_t, std::uint64_t>;
    EXPECT_EQ(after(1, "a 0 2"), (Counts{1, 0}));
    EXPECT_EQ(after(2, "a 0 2"), (Counts{0, 0}));
    EXPECT_EQ(after(3, "a 0 2"), (Counts{0, 0}));
    EXPECT_EQ(after(4, "a 0 2"), (Counts{0, 1}));
    EXPECT_EQ(after(1, "r 0 2"), (Counts{0, 0})) << "a buffered one may be gone";
    EXPECT_EQ(after(0, "r 0 2"), (Counts{1, 0}));

    Promises promises;
    promises.heard("x a snapshot shows a note without its owner");
    EXPECT_EQ(promises.torn(), 1u);
}

}  // namespace
}  // namespace amphora::crash
