#include "journal/following/followed_journal.hpp"
#include "journal/following/overtaken.hpp"
#include "journal/journal_cursor.hpp"
#include "journal/segment/successor_block.hpp"
#include "journal_fixture.hpp"

#include <chrono>
#include <memory>
#include <utility>
#include <vector>

namespace amphora::journal {
namespace {

/// A journal that is written by its owner, and read by another process at the same time.
class FollowingTest : public JournalOnDisk {
  protected:
    void follow(Sequence limit, const Mark& needed = {}) {
        followed_ = FollowedJournal::open(disk_, directory, identity_, needed, limit);
    }
    /// Advances, and expects that each commit is the one that was written.
    Sequence advance(Sequence limit) {
        Sequence expected = followed_->visible();
        const Sequence reached = followed_->advance(limit, [&](const Entry& entry) {
            expected = next(expected);
            EXPECT_EQ(entry.sequence, expected);
            EXPECT_EQ(entry.record, record_of(expected, entry.record.size()));
        });
        EXPECT_EQ(reached, expected);
        EXPECT_EQ(followed_->visible(), expected);
        return reached;
    }
    /// What a new cursor gives.
    Sequence read_all(Sequence after = {}) {
        Sequence expected = after;
        followed_->replay(after, [&](const Entry& entry) {
            expected = next(expected);
            EXPECT_EQ(entry.sequence, expected);
            EXPECT_EQ(entry.record, record_of(expected, entry.record.size()));
        });
        return expected;
    }
    std::string newest_path() { return journal_->segments().back().path; }

    std::unique_ptr<FollowedJournal> followed_;
};

TEST_F(FollowingTest, ShowsTheCommitsUpToTheLimitAndContinuesThere) {
    open();
    commit_many(10);
    follow(Sequence{7});
    EXPECT_EQ(followed_->visible(), Sequence{7});
    EXPECT_EQ(followed_->recovery().last, Sequence{7});
    EXPECT_EQ(followed_->recovery().oldest, Sequence{1});
    EXPECT_EQ(followed_->recovery().epoch, journal_->recovery().epoch);
    EXPECT_EQ(read_all(), Sequence{7});
    EXPECT_EQ(advance(Sequence{9}), Sequence{9});
    EXPECT_EQ(advance(Sequence{3}), Sequence{9}) << "an older limit changes nothing";
    commit_many(5);
    EXPECT_EQ(advance(last_), Sequence{15});
    EXPECT_EQ(read_all(Sequence{4}), Sequence{15});
    EXPECT_EQ(followed_->mark_of(Sequence{12}), journal_->mark_of(Sequence{12}));
}

TEST_F(FollowingTest, StopsInTheMiddleOfAFrame) {
    open();
    for (int i = 0; i < 6; ++i) append();
    journal_->await_visible(last_);
    ASSERT_EQ(journal_->statistics().commits, 6u);
    ASSERT_EQ(journal_->statistics().frames, 1u);
    follow(Sequence{2});
    const auto cursor = followed_->cursor();
    for (std::uint64_t limit = 2; limit <= 6; ++limit) {
        EXPECT_EQ(advance(Sequence{limit}), Sequence{limit});
        EXPECT_EQ(read_all(), Sequence{limit});
        while (cursor->next()) {
        }
        EXPECT_EQ(cursor->position(), Sequence{limit});
    }
}

TEST_F(FollowingTest, FollowsTheOwnerThroughManySegments) {
    open();
    follow(Sequence{});
    for (int i = 0; i < 60; ++i) {
        commit_many(i % 13);
        EXPECT_EQ(advance(last_), last_);
    }
    EXPECT_GT(journal_->statistics().segments_live, 3u);
    EXPECT_EQ(followed_->statistics().segments_live, journal_->statistics().segments_live);
    EXPECT_EQ(read_all(), last_);
}

TEST_F(FollowingTest, ReadsOnlyFromTheSegmentOfTheOlderMarkOn) {
    open();
    commit_many(60);
    const Mark needed = journal_->mark_of(Sequence{50});
    journal_->recycle(Sequence{50});
    follow(last_, needed);
    EXPECT_EQ(read_all(Sequence{50}), last_);
    EXPECT_THROW(follow(last_, {}), Overtaken) << "its commits are recycled";
}

TEST_F(FollowingTest, BufferedCommitsThatAreNotWrittenAreLeftOut) {
    open();
    commit_many(3);
    append(Durability::buffered);
    ASSERT_EQ(journal_->visible(), Sequence{4});
    follow(journal_->visible());
    EXPECT_EQ(followed_->visible(), Sequence{3});
    journal_->run_background();
    EXPECT_EQ(advance(journal_->visible()), Sequence{4});
}

TEST_F(FollowingTest, ACursorWaitsForAnAdvance) {
    open();
    commit_many(3);
    follow(Sequence{3});
    const auto cursor = followed_->cursor();
    int calls = 0;
    cursor->on_more([&calls] { ++calls; });
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(cursor->next());
    EXPECT_FALSE(cursor->next());
    EXPECT_EQ(cursor->await(Deadline{std::chrono::milliseconds{1}}), JournalCursor::More::not_yet);
    commit();
    EXPECT_EQ(calls, 0) << "committed, and not read yet";
    advance(last_);
    EXPECT_EQ(calls, 1);
    EXPECT_EQ(cursor->await(Deadline{}), JournalCursor::More::now);
    EXPECT_TRUE(cursor->next());
    cursor->wake();
    EXPECT_EQ(cursor->await(Deadline{}), JournalCursor::More::not_yet);
    followed_->close();
    EXPECT_EQ(cursor->await(Deadline{}), JournalCursor::More::never);
    EXPECT_EQ(cursor->seek(Sequence{9}), JournalCursor::Seek::not_durable);
}

TEST_F(FollowingTest, ACursorIsToldThatItsCommitsAreRecycled) {
    open();
    commit_many(40);
    follow(last_);
    const auto early = followed_->cursor();
    journal_->recycle(last_);
    // The spare becomes the next segment, so its frames are overwritten.
    for (int i = 0; i < 4; ++i) {
        commit_many(20);
        advance(last_);
        journal_->run_background();
        journal_->recycle(last_);
    }
    message_of(ErrorCode::feed_gap, [&] {
        while (early->next()) {
        }
    });
    EXPECT_EQ(followed_->cursor()->seek(Sequence{1}), JournalCursor::Seek::recycled);
}

TEST_F(FollowingTest, ANewOpeningIsNoticed) {
    open();
    commit_many(5);
    follow(last_);
    die();
    open();
    commit();
    EXPECT_THROW(advance(last_), Overtaken);
    EXPECT_THROW(advance(last_), Overtaken) << "also when it is tried again";
    EXPECT_TRUE(followed_->failed());
    EXPECT_EQ(followed_->visible(), Sequence{5});
    follow(last_);
    EXPECT_EQ(read_all(), last_);
}

TEST_F(FollowingTest, AVanishedFileIsNotTheEnd) {
    open();
    commit_many(5);
    follow(last_);
    disk_.remove(newest_path());
    EXPECT_THROW(advance(Sequence{6}), Overtaken);
}

}  // namespace
}  // namespace amphora::journal
