// What the journal keeps for feeds and consumers: its bound, and who is at fault.

#include "events/market.hpp"
#include "support/comes_true.hpp"

#include <gmock/gmock.h>

#include <atomic>
#include <mutex>

namespace amphora::market {
namespace {

using support::comes_true;
using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;

class FeedBoundTest : public Market {
  protected:
    FeedBoundTest() {
        options_ = small();
        options_.segment_bytes = 64 << 10;
        options_.feed_bytes_max = 4 * options_.segment_bytes;
        // A slow disk must not look like a slow consumer.
        options_.journal_bytes_max = 64 * options_.segment_bytes;
        options_.reserve_bytes = 1 << 20;
        options_.log = [this](const std::string& line) {
            const std::lock_guard lock{mutex_};
            log_.push_back(line);
        };
        open(options_);
    }
    ~FeedBoundTest() override { db_.reset(); }  // it still logs
    void reopen() {
        db_.reset();
        open(options_);
    }
    Commit visit(const WriteOptions& options = {}) {
        const Commit commit = db().write(
            [&](Transaction& tx) {
                tx.insert(visits, {{"_id", visits_ + 1}, {"filling", filling_}});
            },
            options);
        ++visits_;
        return commit;
    }
    /// Visits until writers are refused. Returns why they were; empty: they never were.
    std::string visit_until_refused() {
        for (int i = 0; i < 400; ++i) {
            try {
                visit();
            } catch (const Error& error) {
                return std::string{error.code_name()} + ": " + error.what();
            }
        }
        return {};
    }
    Subscription count(const std::string& name, const ConsumerOptions& options = {}) {
        return db().consume(
            name, inserts(visits),
            [this](Transaction& tx, const Change&) {
                const auto row = tx.find(names, "visits");
                const std::int64_t times = row ? (*row)["times"].as<std::int64_t>() : 0;
                tx.put(names, Record{{"name", "visits"}, {"times", times + 1}});
                counted_ = times + 1;
            },
            options);
    }
    std::vector<std::string> logged() {
        const std::lock_guard lock{mutex_};
        return log_;
    }

    const std::string filling_ = std::string(4000, 'x');
    Options options_;
    int visits_ = 0;
    std::atomic<std::int64_t> counted_{0};
    std::mutex mutex_;
    std::vector<std::string> log_;
};

/// Nobody runs a consumer any more. Writers hear who it is, and that it is not the stores' fault.
/// It is the same after the database is opened again. Then the consumer runs: its handler commits,
/// the journal is recycled, and writers continue.
TEST_F(FeedBoundTest, ASlowConsumerIsNamedAndCatchesUp) {
    count("figures").stop();
    const auto is_named =
        AllOf(HasSubstr("feed_full: "), HasSubstr("kept for consumer figures, which has read up"),
              HasSubstr("drop it (Database::drop_consumer), or open the database with a larger "
                        "feed_bytes_max"));
    EXPECT_THAT(visit_until_refused(), is_named);
    const JournalReport full = db().statistics().journal;
    EXPECT_GE(full.feed_bytes, full.feed_bytes_max);
    ASSERT_EQ(full.feeds.size(), 1u);
    EXPECT_EQ(full.feeds[0].name, "consumer figures");
    EXPECT_GE(full.feeds[0].commits, static_cast<std::uint64_t>(visits_));

    reopen();
    const int visits_before = visits_;
    EXPECT_THAT(visit_until_refused(), is_named);
    EXPECT_EQ(visits_, visits_before);
    // Removing continues.
    db().write([](Transaction& tx) { EXPECT_TRUE(tx.erase(visits, Id{1})); });
    EXPECT_EQ(
        code_of([&] { db().write([](Transaction& tx) { tx.publish("visits.counted", {}); }); }),
        ErrorCode::feed_full);

    const Subscription figures = count("figures");
    ASSERT_TRUE(comes_true([&] { return counted_ == visits_; }));
    EXPECT_NO_THROW(visit());
    ASSERT_TRUE(comes_true([&] { return counted_ == visits_; }));
    EXPECT_LT(db().statistics().journal.feed_bytes, full.feed_bytes_max);
}

/// A consumer that keeps up lets the journal be recycled, whatever passes through it.
TEST_F(FeedBoundTest, AQuickConsumerStopsNobody) {
    const Subscription figures = count("figures");
    EXPECT_EQ(visit_until_refused(), "");
    ASSERT_TRUE(comes_true([&] { return counted_ == visits_; }));
}

TEST_F(FeedBoundTest, AConsumerCanBeDroppedWhenTheFeedIsFull) {
    count("figures").stop();
    ASSERT_THAT(visit_until_refused(), HasSubstr("consumer figures"));
    db().drop_consumer("figures");
    EXPECT_NO_THROW(visit());
    EXPECT_TRUE(db().statistics().journal.feeds.empty());
}

TEST_F(FeedBoundTest, ASlowFeedIsNamed) {
    {
        const Feed feed = from_here();
        EXPECT_THAT(visit_until_refused(),
                    AllOf(HasSubstr("feed_full: "), HasSubstr("kept for an open feed, which has")));
    }
    EXPECT_NO_THROW(visit());
}

/// A feed that may be skipped loses its place, and writers do not notice it. It hears of the gap,
/// and begins again.
TEST_F(FeedBoundTest, ASkippedFeedHearsOfTheGap) {
    Feed feed = db().feed({.start = FeedStart::end, .when_full = FeedFull::skip});
    visit();
    ASSERT_NE(feed.next(10s), nullptr);
    EXPECT_EQ(visit_until_refused(), "");
    for (int i = 0; i < 2; ++i) {
        EXPECT_EQ(code_of([&] {
                      while (feed.next(0ms) != nullptr) {
                      }
                  }),
                  ErrorCode::feed_gap);
    }
    EXPECT_THAT(logged(), Contains(HasSubstr("an open feed loses its place after commit")));
    Feed again = db().feed({.start = FeedStart::snapshot, .when_full = FeedFull::skip});
    int shown = 0;
    while (again.next(0ms) != nullptr) ++shown;
    EXPECT_EQ(shown, visits_);
}

/// The policy is stored: a consumer that nobody runs is skipped, too, and after a new opening.
TEST_F(FeedBoundTest, ASkippedConsumerStopsNobody) {
    const auto skipping = [] {
        ConsumerOptions options;
        options.reset = [](Transaction&) {};
        options.when_full = FeedFull::skip;
        return options;
    };
    count("figures", skipping()).stop();
    reopen();
    EXPECT_EQ(visit_until_refused(), "");
    EXPECT_THAT(logged(), Contains(HasSubstr("consumer figures loses its place after commit")));
    reopen();
    EXPECT_TRUE(db().statistics().journal.feeds.empty()) << "nothing is kept in vain";
    // It starts again with everything that is there.
    counted_ = 0;
    const Subscription again = count("figures", skipping());
    EXPECT_TRUE(comes_true([&] { return counted_ == visits_; }));
}

/// The interval at which commits are synced is long. A prompt consumer does not wait for it.
class PromptTest : public FeedBoundTest {
  protected:
    PromptTest() {
        db_.reset();
        options_.sync_interval_ms = 600'000;
        open(options_);
    }
};

TEST_F(PromptTest, APromptConsumerHearsOfWrittenCommitsAtOnce) {
    const Subscription figures =
        count("figures", {.prompt = true, .durability = Durability::written});
    for (int i = 0; i < 20; ++i) {
        const Commit commit = visit({.durability = Durability::written});
        ASSERT_TRUE(figures.await(commit, 20s)) << i;
    }
    EXPECT_EQ(counted_, 20);
}

TEST_F(PromptTest, APromptFeedShowsBufferedCommitsAtOnce) {
    Feed feed = db().feed({.start = FeedStart::end, .prompt = true});
    for (int i = 0; i < 20; ++i) {
        visit({.durability = Durability::buffered});
        ASSERT_NE(feed.next(20s), nullptr) << i;
    }
}

/// Nobody else pays for a sync that he has not asked for.
TEST_F(PromptTest, OthersWaitForTheInterval) {
    const Subscription figures = count("figures", {.durability = Durability::written});
    Commit commit;
    bool waits = false;
    // An interval may end after the first of them.
    for (int i = 0; i < 3 && !waits; ++i) {
        commit = visit({.durability = Durability::written});
        waits = !figures.await(commit, 300ms);
    }
    EXPECT_TRUE(waits);
    db().sync(commit);
    EXPECT_TRUE(figures.await(commit, 20s));
}

}  // namespace
}  // namespace amphora::market
