// A process with a consumer is killed at any moment, again and again.

#include "crash/victim_process.hpp"
#include "events/counting.hpp"
#include "support/random.hpp"
#include "support/scratch_directory.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <map>
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

/// A consumer has all visits, and is asked once to read them again. The process is killed while it
/// does, again and again, and others write.
TEST(ConsumerKillTest, WhatIsReadAgainComesOnceWheneverTheProcessIsKilled) {
    support::Random random{20'261'201};
    SCOPED_TRACE(random.seed_text());
    const support::ScratchDirectory directory{support::Scratch::disk, "reading"};
    const std::string path = directory / "counted.amphora";
    constexpr std::int64_t first_visits = 2500;
    {
        Database db = Database::open(path, counting_schema, counting_options());
        for (std::int64_t id = 1; id <= first_visits;) {
            db.write([&](Transaction& tx) {
                for (int i = 0; i < 500; ++i) tx.insert(counted_visits, {{"_id", id++}});
            });
        }
        ConsumerOptions options = counting_consumer();
        options.start = FeedStart::end;
        db.consume("reading", changes(counted_visits), count, options).stop();
        db.read_again("reading", counted_visits);
    }
    bool is_done = false;
    int kills = 0;
    for (std::int64_t next_id = 100'000; !is_done; next_id += 100'000) {
        crash::VictimProcess victim{{path, std::to_string(next_id), "reading"},
                                    directory / "victim.log",
                                    {},
                                    CONSUMER_VICTIM};
        const auto wait = 1ms * static_cast<int>(60 + 5 * kills + random() % 200);
        is_done = victim.line(steady_clock::now() + wait) == "done";
        if (!is_done) victim.kill();
        is_done = is_done || victim.line(steady_clock::now() + 10s) == "done";
        static_cast<void>(victim.wait());
        kills += is_done ? 0 : 1;
        ASSERT_LT(kills, 200);
    }
    EXPECT_GT(kills, 2);
    const Database db = Database::open(path, counting_schema, counting_options());
    const Snapshot now = db.snapshot();
    std::map<std::int64_t, std::int64_t> counted;
    for (const RowView& row : now.scan(counts)) {
        counted[row["visit"].integer()] = row["times"].integer();
        EXPECT_EQ(row["times"].integer(), 1) << row["visit"].integer();
    }
    for (std::int64_t id = 1; id <= first_visits; ++id) {
        const bool is_erased = !now.find(counted_visits, Id{id});
        EXPECT_EQ(counted.contains(-id), is_erased) << id;
        EXPECT_TRUE(is_erased || counted.contains(id)) << id;
    }
    for (const DocumentView visit : now.scan(counted_visits)) {
        const std::int64_t id = visit.field("_id")->as_int64().value();
        EXPECT_TRUE(id <= first_visits || counted.contains(id + inserted_from)) << id;
    }
    EXPECT_EQ(db.consumers().at(0).dead_letters, 0u);
    RecordProperty("kills", kills);
}

/// The handler ends the process at visit 30, always.
TEST(ConsumerKillTest, AChangeThatKillsTheProcessBecomesADeadLetter) {
    const support::ScratchDirectory directory{support::Scratch::disk, "deadly"};
    const std::string path = directory / "counted.amphora";
    {
        Database db = Database::open(path, counting_schema, counting_options());
        // The journal keeps the visits for it.
        db.consume("counting", changes(counted_visits), count, counting_consumer()).stop();
        for (std::int64_t id = 1; id <= 40; ++id) {
            db.write([&](Transaction& tx) { tx.insert(counted_visits, {{"_id", id}}); });
        }
    }
    bool is_done = false;
    int deaths = 0;
    while (!is_done && deaths < 10) {
        crash::VictimProcess victim{
            {path, "30", "deadly"}, directory / "victim.log", {}, CONSUMER_VICTIM};
        while (const auto line = victim.line(steady_clock::now() + 60s)) is_done = line == "done";
        static_cast<void>(victim.wait());
        if (!is_done) ++deaths;
    }
    ASSERT_TRUE(is_done);
    // The first death may have had others in hand; each further one counts as an attempt.
    EXPECT_GE(deaths, 3);
    EXPECT_LE(deaths, 4);
    Database db = Database::open(path, counting_schema, counting_options());
    std::int64_t counted = 0;
    for (const RowView& row : db.snapshot().scan(counts)) {
        EXPECT_NE(row["visit"].integer(), 30);
        EXPECT_EQ(row["times"].integer(), 1);
        ++counted;
    }
    EXPECT_EQ(counted, 39);
    const auto letters = db.dead_letters("counting");
    ASSERT_EQ(letters.size(), 1u);
    EXPECT_EQ(letters[0].attempts, 3u);
    EXPECT_EQ(letters[0].change.find("after._id")->as_int64(), 30);
    EXPECT_NE(letters[0].error.find("the process ended"), std::string::npos);
}

/// Runs the consumer on one visit, and kills it when it says `until`, three times. Returns how many
/// attempts of the visit are stored then.
class IdleDeathTest : public testing::Test {
  protected:
    [[nodiscard]] std::int64_t attempts_after_kills(const std::string& how,
                                                    const std::string& until) {
        const std::string path = directory_ / "counted.amphora";
        {
            Database db = Database::open(path, counting_schema, counting_options());
            db.consume("counting", changes(counted_visits), count, counting_consumer()).stop();
            db.write([&](Transaction& tx) { tx.insert(counted_visits, {{"_id", 1}}); });
        }
        for (int kill = 0; kill < 3; ++kill) {
            crash::VictimProcess victim{
                {path, "1", how}, directory_ / "victim.log", {}, CONSUMER_VICTIM};
            EXPECT_EQ(victim.line(steady_clock::now() + 60s), until);
            victim.kill();
            EXPECT_TRUE(victim.wait().killed);
        }
        const Database db = Database::open(path, counting_schema, counting_options());
        return db.consumers().at(0).attempts;
    }
    const support::ScratchDirectory directory_{support::Scratch::disk, "idle"};
};

/// A death while nothing is handled says nothing of the change. It once counted as an attempt, so a
/// change that failed for a moment was given up after some restarts.
TEST_F(IdleDeathTest, AKillBetweenTwoAttemptsIsNoAttempt) {
    // Each of the three openings has called the handler once.
    EXPECT_EQ(attempts_after_kills("failing", "waiting"), 3);
}

TEST_F(IdleDeathTest, AKillWhileAPreparedChangeWaitsInAPauseIsNoAttempt) {
    EXPECT_EQ(attempts_after_kills("paused", "paused"), 0);
}

}  // namespace
}  // namespace amphora::market
