#include "journal_world.hpp"
#include "support/random.hpp"

#include <amphora/error.hpp>

#include <chrono>

namespace amphora::journal {
namespace {

using support::Random;

/// A program commits, delivers, recycles, closes and opens, while power fails, processes die, and
/// writes and syncs fail at random moments, also during opening and recycling. The disk keeps what
/// it promised and any part of the rest. In every case: nothing durable is lost, nothing is
/// repeated or out of order, a written commit survives the death of its process, and no damage is
/// reported if there is none.
void live_many_lives(std::uint64_t first_seed, std::chrono::seconds time_max,
                     const JournalWorld::Options& options) {
    const auto end = std::chrono::steady_clock::now() + time_max * support::test_scale();
    JournalWorld::Counts total;
    std::uint64_t worlds = 0;
    const bool one = std::getenv("AMPHORA_SEED") != nullptr;  // a world that is looked at again
    for (std::uint64_t seed = first_seed;
         one ? worlds == 0 : std::chrono::steady_clock::now() < end; ++seed, ++worlds) {
        JournalWorld world(seed, options);
        try {
            world.live(12);
        } catch (const std::exception& broken) {
            FAIL() << broken.what() << "; again with AMPHORA_SEED=" << seed << " (world " << worlds
                   << ")";
        }
        const JournalWorld::Counts& counts = world.counts();
        total.openings += counts.openings;
        total.commits += counts.commits;
        total.cuts += counts.cuts;
        total.kills += counts.kills;
        total.errors += counts.errors;
        total.recycled += counts.recycled;
        total.copied += counts.copied;
        total.torn += counts.torn;
        total.newest_missed += counts.newest_missed;
        total.newest_without_commits += counts.newest_without_commits;
        total.read += counts.read;
        total.held += counts.held;
    }
    std::printf(
        "%lu worlds: %lu openings, %lu commits, %lu power cuts, %lu kills, %lu errors, "
        "%lu segments recycled, %lu frames copied, %lu tails cut, newest segment missed %lu times "
        "and %lu times without commits, %lu commits read by cursors, %lu recyclings held\n",
        worlds, total.openings, total.commits, total.cuts, total.kills, total.errors,
        total.recycled, total.copied, total.torn, total.newest_missed, total.newest_without_commits,
        total.read, total.held);
    if (worlds < 100) return;     // one seed, or a very slow machine
    EXPECT_GT(total.cuts, 100u);  // the dice are not loaded
    EXPECT_GT(total.kills, 100u);
    EXPECT_GT(total.recycled, 20u);
    EXPECT_GT(total.copied, 100u);
    EXPECT_GT(total.torn, 20u);
    EXPECT_GT(total.newest_missed, 100u);
    EXPECT_GT(total.newest_without_commits, 0u);
    EXPECT_GT(total.read, 1000u);
    EXPECT_GT(total.held, 20u);
}

TEST(LossyDiskTest, NothingDurableIsLostAndNothingComesTwice) {
    live_many_lives(Random().seed(), std::chrono::seconds(4), {});
}

TEST(LossyDiskTest, NorWithSegmentsThatFillAfterAFewCommits) {
    live_many_lives(Random(21'260'131).seed(), std::chrono::seconds(4),
                    {.segment_bytes = 32u << 10, .record_bytes_max = 9000});
}

}  // namespace
}  // namespace amphora::journal
