// A process with a consumer is killed at any moment, again and again.

#include "crash/victim_process.hpp"
#include "events/counting.hpp"
#include "support/random.hpp"
#include "support/scratch_directory.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <set>
#include <string>

namespace amphora::market {
namespace {

using std::chrono::steady_clock;
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

/// Every visit that is in the database was counted once, in both stores; every acknowledged visit
/// is in the database; and no handler's failure has become a dead letter.
TEST(ConsumerKillTest, EveryChangeTakesEffectOnceWheneverTheProcessIsKilled) {
    support::Random random{20'261'130};
    SCOPED_TRACE(random.seed_text());
    const support::ScratchDirectory directory{support::Scratch::disk, "killed"};
    const std::string path = directory / "counted.amphora";
    std::set<std::int64_t> acknowledged;
    std::int64_t next_id = 1;
    int kills = 0;
    const auto until = steady_clock::now() + 5s * support::test_scale();
    while (steady_clock::now() < until || kills < 5) {
        crash::VictimProcess victim{{path, std::to_string(next_id), std::to_string(random())},
                                    directory / "victim.log",
                                    {},
                                    CONSUMER_VICTIM};
        const auto moment = steady_clock::now() + 1ms * static_cast<int>(40 + random() % 260);
        const auto hear = [&](steady_clock::time_point end) {
            while (const auto line = victim.line(end)) {
                acknowledged.insert(std::stoll(line->substr(line->find(' ') + 1)));
            }
        };
        hear(moment);
        victim.kill();
        hear(steady_clock::now() + 10s);
        ASSERT_TRUE(victim.wait().killed);
        ++kills;
        // Visits that were committed and not said may have later numbers.
        next_id += 100'000;
    }
    Database db = Database::open(path, counting_schema, counting_options());
    const Subscription counting =
        db.consume("counting", changes(counted_visits), count, counting_consumer());
    db.sync(db.snapshot().commit_seen());
    ASSERT_TRUE(counting.await(db.snapshot().commit_seen(), 60s));
    const Snapshot now = db.snapshot();
    std::set<std::int64_t> visits;
    for (const DocumentView visit : now.scan(counted_visits)) {
        visits.insert(visit.field("_id")->as_int64().value());
    }
    EXPECT_TRUE(std::ranges::includes(visits, acknowledged)) << "an acknowledged visit is lost";
    std::set<std::int64_t> counted;
    for (const RowView& row : now.scan(counts)) {
        counted.insert(row["visit"].integer());
        EXPECT_EQ(row["times"].integer(), 1) << row["visit"].integer();
    }
    EXPECT_EQ(counted, visits);
    std::set<std::int64_t> tallied;
    for (const DocumentView tally : now.scan(tallies)) {
        tallied.insert(tally.field("_id")->as_int64().value());
        EXPECT_EQ(tally.field("times")->as_int64(), 1);
    }
    EXPECT_EQ(tallied, visits);
    EXPECT_EQ(db.consumers().at(0).dead_letters, 0u);
    EXPECT_GT(acknowledged.size(), 100u);
    RecordProperty("kills", kills);
    RecordProperty("visits", static_cast<int>(visits.size()));
}

}  // namespace
}  // namespace amphora::market
