// Feeds that the database knows by a name.

#include "events/consumers.hpp"

#include <thread>

namespace amphora::market {
namespace {

class NamedReaderTest : public ConsumerTest {
  protected:
    [[nodiscard]] Feed reader(FeedStart start = FeedStart::oldest) {
        return db().feed({.selections = {inserts(visits)}, .start = start, .reader = "outside"});
    }
    static Lines read(Feed& feed, std::size_t count) {
        Lines ids;
        while (ids.size() < count) {
            const Change* const change = feed.next(5s);
            if (change == nullptr) break;
            ids.push_back(id_of(*change));
        }
        return ids;
    }
};

TEST_F(NamedReaderTest, WhatIsNotAcknowledgedComesAgain) {
    for (int id = 1; id <= 6; ++id) visit(id);
    {
        Feed feed = reader();
        EXPECT_EQ(read(feed, 3), (Lines{"1", "2", "3"}));
        feed.acknowledge(*feed.position());
        EXPECT_EQ(read(feed, 2), (Lines{"4", "5"}));
    }
    {
        Feed feed = reader();
        EXPECT_EQ(read(feed, 1), (Lines{"4"}));
        feed.acknowledge(*feed.position());
    }
    db_.reset();
    Feed feed = reader();
    EXPECT_EQ(read(feed, 2), (Lines{"5", "6"}));
    const auto reports = db().consumers();
    ASSERT_EQ(reports.size(), 1u);
    EXPECT_TRUE(reports[0].is_reader);
    EXPECT_EQ(reports[0].state, ConsumerState::running);
    EXPECT_GT(reports[0].lag_commits, 0u);
}

TEST_F(NamedReaderTest, TheJournalKeepsWhatIsNotAcknowledged) {
    Options options = small();
    options.segment_bytes = 64 << 10;
    open(options);
    visit(1);
    { const Feed feed = reader(); }
    visit_over_openings(2, 300, options);
    Feed feed = reader();
    EXPECT_EQ(read(feed, 300).size(), 300u);
}

TEST_F(NamedReaderTest, OneNameIsOpenOnce) {
    Feed first = reader();
    EXPECT_EQ(code_of([&] { return reader(); }), ErrorCode::in_use);
    const auto nothing = [](Transaction&, const Change&) {};
    EXPECT_EQ(code_of([&] { return db().consume("outside", inserts(visits), nothing); }),
              ErrorCode::in_use);
    { const Feed gone = std::move(first); }
    EXPECT_EQ(code_of([&] { return db().consume("outside", inserts(visits), nothing); }),
              ErrorCode::invalid_argument);
    db().consume("inside", inserts(visits), nothing).stop();
    EXPECT_EQ(code_of([&] { return db().feed({.reader = "inside"}); }),
              ErrorCode::invalid_argument);
    db().drop_consumer("outside");
    EXPECT_EQ(db().consumers().size(), 1u);
}

TEST_F(NamedReaderTest, WhatMakesNoSenseIsRefused) {
    for (int id = 1; id <= 3; ++id) visit(id);
    Feed nameless = db().feed();
    ASSERT_NE(nameless.next(5s), nullptr);
    EXPECT_EQ(code_of([&] { return nameless.acknowledge(*nameless.position()), 0; }),
              ErrorCode::invalid_argument);
    Feed feed = reader();
    EXPECT_EQ(read(feed, 1), (Lines{"1"}));
    const FeedPosition first = *feed.position();
    EXPECT_EQ(read(feed, 1), (Lines{"2"}));
    const FeedPosition second = *feed.position();
    const FeedPosition later{second.timeline(), Sequence{number(second.sequence()) + 1}};
    EXPECT_EQ(code_of([&] { return feed.acknowledge(later), 0; }), ErrorCode::invalid_argument);
    feed.acknowledge(second);
    EXPECT_EQ(code_of([&] { return feed.acknowledge(first), 0; }), ErrorCode::invalid_argument);
    { const Feed gone = std::move(feed); }
    EXPECT_EQ(code_of([&] {
                  return db().feed(
                      {.selections = {inserts(visits)}, .after = first, .reader = "outside"});
              }),
              ErrorCode::invalid_argument);
    EXPECT_EQ(code_of([&] { return db().feed({.reader = "outside"}); }),
              ErrorCode::consumer_changed);
    Feed other = db().feed({.reader = "outside", .changed = ChangedSelections::continues});
    EXPECT_EQ(other.position(), second);
}

/// Nothing is known of the reader until the snapshot is read, so that none of it is lost.
TEST_F(NamedReaderTest, ASnapshotIsReadWholeBeforeItIsAcknowledged) {
    for (int id = 1; id <= 3; ++id) visit(id);
    for (int round = 0; round < 2; ++round) {
        Feed feed = reader(FeedStart::snapshot);
        EXPECT_EQ(read(feed, 2), (Lines{"1", "2"}));
        EXPECT_EQ(code_of([&] { return feed.acknowledge(feed.next(0ms)->position()), 0; }),
                  ErrorCode::invalid_argument);
    }
    {
        Feed feed = reader(FeedStart::snapshot);
        EXPECT_EQ(read(feed, 3).size(), 3u);
        EXPECT_EQ(feed.next(0ms), nullptr);
        feed.acknowledge(*feed.position());
    }
    visit(4);
    Feed feed = reader(FeedStart::snapshot);
    EXPECT_EQ(read(feed, 1), (Lines{"4"}));
}

}  // namespace
}  // namespace amphora::market
