#include "interrupted_files.hpp"
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

TEST_F(FollowingTest, ANewOpeningAfterACloseIsNoticed) {
    open();
    commit_many(5);
    follow(last_);
    journal_->close();
    open();
    ASSERT_EQ(journal_->recovery().frames_copied, 0u);
    commit();
    EXPECT_THROW(advance(last_), Overtaken);
    EXPECT_EQ(followed_->visible(), Sequence{5});
}

TEST_F(FollowingTest, AVanishedFileIsNotTheEnd) {
    open();
    commit_many(5);
    follow(last_);
    disk_.remove(newest_path());
    EXPECT_THROW(advance(Sequence{6}), Overtaken);
}

TEST_F(FollowingTest, AMissingSegmentIsNotTheEnd) {
    open();
    commit_many(60);
    const auto segments = journal_->segments();
    ASSERT_GT(segments.size(), 4u);
    const auto image = disk_.image();
    for (const SegmentExtent& missing : segments) {
        if (missing.prior == missing.last) continue;
        disk_.load(image);
        disk_.remove(missing.path);
        EXPECT_THROW(
            {
                follow(last_);
                (void)read_all();
            },
            Overtaken)
            << missing.path;
    }
}

TEST_F(FollowingTest, AFileThatIsTooShortIsNotTheEnd) {
    open();
    commit_many(5);
    follow(last_);
    const std::uint64_t end = journal_->segments().back().end;
    for (const std::uint64_t bytes :
         {end, end - 1, std::uint64_t{header_bytes}, std::uint64_t{1}}) {
        disk_.open(newest_path(), OpenFile::existing)->truncate(bytes);
        EXPECT_THROW(follow(Sequence{5}), Overtaken) << bytes;
    }
    EXPECT_THROW(advance(Sequence{6}), Overtaken);
}

TEST_F(FollowingTest, AFrameThatIsMissingBetweenOthersIsNotTheEnd) {
    open();
    commit_many(5);
    const std::uint64_t end = journal_->segments().back().end;
    follow(last_);
    commit_many(3);
    disk_.damage(newest_path(), to_block(end) + 100, "damage");
    EXPECT_THROW(advance(last_), Overtaken);
    EXPECT_EQ(followed_->visible(), Sequence{5});
}

TEST_F(FollowingTest, AFrameAfterTheLimitMayBeTorn) {
    open();
    commit_many(5);
    const std::uint64_t end = journal_->segments().back().end;
    commit();
    const Buffer whole = disk_.content(newest_path());
    disk_.damage(newest_path(), to_block(end) + 100, "still old");
    follow(Sequence{5});
    EXPECT_EQ(followed_->visible(), Sequence{5});
    EXPECT_EQ(advance(Sequence{6}), Sequence{5}) << "a `buffered` commit would look so";
    disk_.damage(newest_path(), to_block(end), Bytes{whole}.substr(to_block(end), 1000));
    EXPECT_EQ(advance(Sequence{6}), Sequence{6});
}

/// The successor has its header and is named, and its frames come next, or none ever.
TEST_F(FollowingTest, ASuccessorWithoutCommitsIsFollowed) {
    open();
    follow({});
    const std::string first = newest_path();
    while (newest_path() == first) {
        commit();
        journal_->run_background();
    }
    EXPECT_EQ(advance(last_), last_);
    const std::string second = newest_path();
    EXPECT_EQ(followed_->segments().back().path, second);
    journal_->close();
    EXPECT_EQ(advance(Sequence{number(last_) + 1}), last_);
    EXPECT_EQ(read_all(), last_);
}

/// A process dies while it opens the journal: its segment, with copies of frames, has no proof, and
/// the next opening replaces it. Who has read it begins again.
TEST_F(FollowingTest, ASegmentThatANewOpeningReplacesIsNoticed) {
    options_.sync_interval_ms = 1'000'000;
    open();
    for (int i = 0; i < 5; ++i) commit(Durability::written);
    die();
    open();
    ASSERT_GT(journal_->recovery().frames_copied, 0u);
    follow(last_);
    EXPECT_EQ(read_all(), Sequence{5});
    die();
    open();
    ASSERT_GT(journal_->recovery().frames_copied, 0u);
    commit();
    EXPECT_THROW(advance(last_), Overtaken);
    follow(last_);
    EXPECT_EQ(read_all(), Sequence{6});
}

TEST_F(FollowingTest, ASegmentThatIsRecycledBetweenHeaderAndFrameIsNotRead) {
    open();
    commit_many(40);
    int calls = 0, at = 0;
    InterruptedFiles files{disk_,
                           [&] {
                               if (++calls != at) return;
                               journal_->recycle(last_);
                               for (int i = 0; i < 4; ++i) {
                                   commit_many(20);
                                   journal_->run_background();
                                   journal_->recycle(last_);
                               }
                           },
                           [](std::size_t bytes) { return bytes / 2; }};
    int overtaken = 0;
    for (at = 1; at < 60; ++at) {
        calls = 0;
        const Sequence limit = last_;
        const Mark needed = journal_->mark_of(Sequence{number(limit) - 20});
        try {
            followed_ = FollowedJournal::open(files, directory, identity_, needed, limit);
            EXPECT_EQ(followed_->visible(), limit);
            EXPECT_EQ(read_all(needed.sequence), limit);
        } catch (const Overtaken&) {
            ++overtaken;
        }
        commit_many(40);
    }
    EXPECT_GT(overtaken, 5);
}

TEST_F(FollowingTest, ASegmentThatIsUsedAgainIsNotTheEnd) {
    open();
    commit_many(5);
    follow(last_);
    const std::string path = newest_path();
    do {
        commit_many(20);
        journal_->run_background();
        journal_->recycle(last_);
        ASSERT_LT(last_, Sequence{2000}) << "the file is never used again";
    } while (newest_path() != path || journal_->segments().back().prior < Sequence{5});
    EXPECT_THROW(advance(last_), Overtaken);
    EXPECT_EQ(followed_->visible(), Sequence{5});
}

TEST_F(FollowingTest, ATreeThatIsNewerThanTheJournalIsNoticed) {
    open();
    commit_many(5);
    Mark mark = journal_->mark_of(Sequence{5});
    mark.sequence = Sequence{6};
    EXPECT_THROW(follow(Sequence{6}, mark), Overtaken);
    EXPECT_THROW(follow(Sequence{5}, {.sequence = Sequence{9}}), Overtaken);
}

TEST_F(FollowingTest, AnotherDatabaseIsNoticed) {
    open();
    commit_many(5);
    identity_.timeline.bytes[3] = 77;
    EXPECT_THROW(follow(last_), Overtaken);
}

TEST_F(FollowingTest, TakesNoCommits) {
    open();
    follow({});
    message_of(ErrorCode::read_only, [&] { followed_->reserve(10); });
    message_of(ErrorCode::read_only, [&] { (void)followed_->hold({}, {}); });
    message_of(ErrorCode::timeout, [&] { followed_->await_visible(Sequence{1}); });
}

TEST_F(FollowingTest, ACheckFindsDamageInWhatIsStillThere) {
    open();
    commit_many(40);
    follow(last_);
    std::vector<std::string> found;
    const auto report = [&](const std::string& finding) { found.push_back(finding); };
    followed_->check(report);
    EXPECT_TRUE(found.empty());
    disk_.damage(newest_path(), header_bytes + 100, "damage");
    journal_->recycle(Sequence{20});
    followed_->check(report);
    ASSERT_EQ(found.size(), 1u) << "recycled segments are no findings";
    EXPECT_NE(found[0].find("offset"), std::string::npos);
}

}  // namespace
}  // namespace amphora::journal
