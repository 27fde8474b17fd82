// The soak run in the time that a test has; tools/soak runs longer.

#include "soak/soak_run.hpp"
#include "support/random.hpp"

#include <gtest/gtest.h>

namespace amphora::soak {
namespace {

/// Threads write, read, hold snapshots, wait for deliveries, compact, check, back up and restore,
/// while victims on another database are killed. Everything acknowledged is stored once, and what
/// is erased as much as it is inserted does not grow.
TEST(SoakTest, WorksOnWithoutLosingOrGrowing) {
    const support::Random random{20'260'131};
    SCOPED_TRACE(random.seed_text());
    SoakOptions options;
    options.seed = random.seed();
    options.time = std::chrono::seconds{5} * support::test_scale();
    options.pulse_ms = 100;
    // So short that much is still growing to its size.
    options.memory.bytes = 192u << 20;
    options.files.bytes = 512u << 20;
    std::uint64_t writes = 0, reads = 0, backups = 0;
    options.sampled = [&](const Sample& sample) {
        writes += sample.pulse.writes.count;
        reads += sample.pulse.reads.count;
        backups = sample.pulse.backups;
    };
    const SoakReport report = SoakRun{options}.run();
    EXPECT_THAT(report.failures, testing::IsEmpty());
    EXPECT_TRUE(report.passed()) << report.closing_line();
    EXPECT_GT(writes, 0u);
    EXPECT_GT(reads, 0u);
    EXPECT_GT(backups, 0u);
    RecordProperty("closing_line", report.closing_line());
}

/// Noise, a step at the beginning and a moment's peak are no growth; steady growth is.
TEST(SoakTest, TellsGrowthFromNoise) {
    const Slack slack{.share = 0.10, .bytes = 100};
    const auto series = [](auto size_at) {
        Series made{"memory"};
        for (std::uint64_t at = 0; at < 90; ++at) made.add(size_at(at));
        return made;
    };
    EXPECT_TRUE(series([](std::uint64_t at) { return 10'000 + at % 7 * 100; }).is_flat(slack));
    EXPECT_TRUE(
        series([](std::uint64_t at) { return at < 25 ? at * 400 : 10'000; }).is_flat(slack));
    EXPECT_TRUE(
        series([](std::uint64_t at) { return at == 80 ? 90'000u : 10'000u; }).is_flat(slack));
    const Series leak = series([](std::uint64_t at) { return 10'000 + at * 60; });
    EXPECT_FALSE(leak.is_flat(slack));
    EXPECT_EQ(series([](std::uint64_t) { return 1u << 20; }).verdict(slack), "memory flat");
    EXPECT_EQ(series([](std::uint64_t at) { return (at + 1) << 20; }).verdict(slack),
              "memory grew from 46.0 to 76.0 MiB");
}

/// A pulse goes through a pipe as a line.
TEST(SoakTest, APulseIsALine) {
    Pulse pulse;
    pulse.writes = {.count = 1, .p50_us = 2, .p99_us = 3, .p999_us = 4, .max_us = 5};
    pulse.reads = {.count = 6, .p50_us = 7, .p99_us = 8, .p999_us = 9, .max_us = 10};
    pulse.checks = 11;
    pulse.backups = 12;
    pulse.pending_bytes = 13;
    pulse.journal_bytes = 14;
    EXPECT_EQ(pulse.to_line(), "p 1 2 3 4 5 6 7 8 9 10 11 12 13 14");
    const auto back = Pulse::from_line(pulse.to_line());
    ASSERT_TRUE(back.has_value());
    EXPECT_EQ(back->to_line(), pulse.to_line());
    EXPECT_FALSE(Pulse::from_line("s 0 1 2").has_value());
}

}  // namespace
}  // namespace amphora::soak
