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
TEST(FaultTest, WhateverTheSystemRefusesNothingIsLostAndAllGoesOn) {
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

}  // namespace
}  // namespace amphora::fault
