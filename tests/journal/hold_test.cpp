// What a journal keeps for readers only: for stored positions and for cursors that may be skipped.

#include "journal/journal_cursor.hpp"
#include "journal_fixture.hpp"

#include "support/code_of.hpp"
#include "support/comes_true.hpp"

#include <gmock/gmock.h>

#include <atomic>

namespace amphora::journal {
namespace {

using support::code_of;
using Seek = JournalCursor::Seek;

class HoldTest : public JournalOnDisk {
  protected:
    HoldTest() { open(); }
    void fill_segments(std::uint64_t segments) {
        while (segments_live() <= segments) commit(Durability::synced, 4000);
        commit(Durability::synced, 4000);
    }
    std::uint64_t segments_live() { return journal_->statistics().segments_live; }
    Sequence oldest_kept() { return next(journal_->statistics().recycled); }
    static HoldOptions skips(std::string name) {
        return {.name = std::move(name), .remedy = "read on", .when_full = FeedFull::skip};
    }
};

/// A consumer is not running. What comes after its position stays, until its position moves.
TEST_F(HoldTest, AStoredPositionKeepsTheCommitsAfterIt) {
    fill_segments(6);
    const auto hold = journal_->hold({.name = "consumer a"}, Sequence{3});
    journal_->recycle(last_);
    EXPECT_LE(oldest_kept(), Sequence{4});
    EXPECT_EQ(journal_->bytes_for_feeds(), journal_->bytes_closed());
    EXPECT_EQ(journal_->slowest_feed()->name, "consumer a");
    EXPECT_EQ(journal_->slowest_feed()->commits, number(last_) - 3);

    hold->move(last_, last_);
    journal_->recycle(last_);
    EXPECT_EQ(segments_live(), 1u);
    EXPECT_FALSE(journal_->slowest_feed());
}

/// A consumer's position is stored by a `written` commit, which a power cut takes back, and with it
/// the position. So the earlier position counts until the later one is durable.
TEST_F(HoldTest, APositionCountsOnceItIsDurable) {
    fill_segments(6);
    const auto hold = journal_->hold({.name = "consumer a"}, Sequence{3});
    const Sequence end = last_;
    for (std::uint64_t i = 0; i < 3; ++i) {
        const Sequence read{number(end) - 2 + i};
        const Sequence stored = commit(Durability::written, 100);
        ASSERT_LT(journal_->durable(), stored) << "the interval of this journal is long";
        hold->move(read, stored);
    }
    journal_->recycle(last_);
    EXPECT_LE(oldest_kept(), Sequence{4});

    journal_->await_durable(last_);
    journal_->recycle(last_);
    EXPECT_EQ(segments_live(), 1u);
}

/// Its reader will find a gap, so nothing is kept in vain.
TEST_F(HoldTest, APositionWhoseCommitsAreGoneKeepsNothing) {
    fill_segments(6);
    journal_->recycle(last_);
    const auto hold = journal_->hold({.name = "consumer a"}, Sequence{3});
    fill_segments(3);
    journal_->recycle(last_);
    EXPECT_EQ(segments_live(), 1u);

    hold->move(last_, last_);
    fill_segments(3);
    journal_->recycle(last_);
    EXPECT_GT(segments_live(), 3u) << "it has a place again";
}

/// There is no room for what a slow reader has not read. It loses its place, also in the middle of
/// a segment, and hears of it; at another position it reads again.
TEST_F(HoldTest, AReaderThatMayBeSkippedLosesItsPlace) {
    fill_segments(6);
    auto slow = journal_->cursor(skips("a slow feed"));
    ASSERT_TRUE(slow->next().has_value());
    journal_->recycle(last_);
    ASSERT_GT(segments_live(), 4u);

    const auto lost = journal_->give_up_slowest_feed();
    ASSERT_TRUE(lost.has_value());
    EXPECT_EQ(lost->name, "a slow feed");
    EXPECT_EQ(lost->after, Sequence{1});
    EXPECT_EQ(segments_live(), 1u);
    EXPECT_FALSE(journal_->give_up_slowest_feed());

    // The files of the segments are used again, with other contents.
    fill_segments(6);
    EXPECT_EQ(slow->await(Deadline{std::chrono::milliseconds{0}}), JournalCursor::More::now);
    for (int i = 0; i < 2; ++i) {
        EXPECT_EQ(code_of([&] {
                      // What was read before is still given.
                      while (slow->next() && slow->position() < Sequence{10}) {
                      }
                  }),
                  ErrorCode::feed_gap);
    }
    ASSERT_EQ(slow->seek(journal_->statistics().recycled), Seek::found);
    while (slow->next()) {
    }
    EXPECT_EQ(slow->position(), last_);
}

/// Two readers are at the same place, and one of them may be skipped. That would free nothing.
TEST_F(HoldTest, NobodyIsSkippedForNothing) {
    fill_segments(6);
    auto quick = journal_->cursor(skips("a quick feed"));
    const auto hold = journal_->hold({.name = "consumer a"}, Sequence{2});
    ASSERT_EQ(quick->seek(Sequence{1}), Seek::found);
    journal_->recycle(last_);
    EXPECT_FALSE(journal_->give_up_slowest_feed());
    EXPECT_EQ(journal_->slowest_feed()->name, "consumer a") << "it is the one to be named";
    while (quick->next()) {
    }
    EXPECT_EQ(quick->position(), last_);
}

/// Somebody else still keeps what a reader has lost, so it continues without a gap.
TEST_F(HoldTest, AReaderThatLostItsPlaceContinuesWhereTheCommitsAreLeft) {
    fill_segments(6);
    auto slow = journal_->cursor(skips("a slow feed"));
    const Sequence middle{number(last_) / 2};
    const auto hold = journal_->hold({.name = "consumer a"}, middle);
    ASSERT_EQ(slow->seek(Sequence{1}), Seek::found);
    journal_->recycle(last_);
    ASSERT_TRUE(journal_->give_up_slowest_feed().has_value());
    EXPECT_EQ(code_of([&] { static_cast<void>(slow->next()); }), ErrorCode::feed_gap);
    ASSERT_EQ(slow->seek(middle), Seek::found);
    ASSERT_TRUE(slow->next().has_value());
    EXPECT_EQ(slow->position(), next(middle));
}

/// A reader has found nothing and waits to be called. Then a commit comes that waits for no sync,
/// long before the end of the interval.
TEST_F(HoldTest, APromptReaderHearsOfCommitsThatNobodySyncs) {
    options_.background = Background::thread;
    options_.sync_interval_ms = 600'000;
    open();
    // The first interval may end at once.
    journal_->await_durable(commit(Durability::written));
    auto reader = journal_->cursor({.is_prompt = true});
    std::atomic<int> calls{0};
    reader->on_more([&] { ++calls; });
    for (int i = 0; i < 3; ++i) {
        while (reader->next()) {
        }
        const int before = calls;
        commit(Durability::written);
        EXPECT_TRUE(support::comes_true([&] { return calls > before; })) << i;
        journal_->await_durable(last_);
    }
}

}  // namespace
}  // namespace amphora::journal
