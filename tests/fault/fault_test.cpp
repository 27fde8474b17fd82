// Faults below a working database, in the time that a test has; tools/faults tries every point.

#include "fault/fault_sweep.hpp"
#include "support/random.hpp"

namespace amphora::fault {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool has_own_allocator = true;
#else
constexpr bool has_own_allocator = false;
#endif

/// Some call of the system fails while a database works: a write, a sync, an open, a rename, a map.
/// Every refusal has a name, acknowledged commits are stored, and after reopening, or by itself
/// when a full disk has room again, the work is done to its end.
TEST(FaultTest, WhateverTheSystemRefusesNothingIsLostAndAllContinues) {
    if (has_own_allocator) GTEST_SKIP() << "a sanitizer wants to be the first library";
    const support::Random random{20'260'131};
    SCOPED_TRACE(random.seed_text());
    SweepOptions options;
    options.seed = random.seed();
    options.until =
        std::chrono::steady_clock::now() + std::chrono::seconds{8} * support::test_scale();
    FaultSweep sweep{options};
    const SweepReport report = sweep.run();
    EXPECT_THAT(report.failures, testing::IsEmpty());
    EXPECT_GT(report.points, 0u);
    RecordProperty("closing_line", report.closing_line());
}

/// The same for the calls on which each commit of a consumer depends. A consumer that fails between
/// the effects of a change and its position would handle that change again.
TEST(FaultTest, WhateverTheSystemRefusesEveryChangeTakesEffectOnce) {
    if (has_own_allocator) GTEST_SKIP() << "a sanitizer wants to be the first library";
    const support::Random random{20'261'201};
    SCOPED_TRACE(random.seed_text());
    for (const char* const kind : {"sync:EIO:making", "write:EIO:making"}) {
        SweepOptions options;
        options.seed = random.seed();
        options.kind = kind;
        options.until =
            std::chrono::steady_clock::now() + std::chrono::seconds{3} * support::test_scale();
        const SweepReport report = FaultSweep{options}.run();
        EXPECT_THAT(report.failures, testing::IsEmpty());
        EXPECT_GT(report.points, 0u);
    }
}

/// A process that adds constraints to stored rows and documents, and to empty tables and
/// collections, is killed before each call that changes a file. The next opening finds the old
/// schema without any of the constraints, or the new one with all of them; no entry is lost; and
/// the new schema is accepted.
TEST(FaultTest, ConstraintsAreAddedWhollyOrNotAtAll) {
    if (has_own_allocator) GTEST_SKIP() << "a sanitizer wants to be the first library";
    SweepOptions options;
    options.kind = ":kill:widening";
    const SweepReport report = FaultSweep{options}.run();
    EXPECT_THAT(report.failures, testing::IsEmpty());
    KindReport all;
    for (const auto& [name, kind] : report.kinds) {
        EXPECT_EQ(kind.killed, kind.points) << name;
        all.killed += kind.killed;
        all.narrow += kind.narrow;
    }
    EXPECT_GT(all.narrow, 0u) << "killed before the constraints were added";
    EXPECT_LT(all.narrow, all.killed) << "killed after they were added";
    RecordProperty("closing_line", report.closing_line());
}

}  // namespace
}  // namespace amphora::fault
