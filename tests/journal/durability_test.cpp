#include "journal_fixture.hpp"

namespace amphora::journal {
namespace {

class DurabilityTest : public JournalOnDisk {};

/// Ten commits without a wait, then one that waits: all are written in one frame with one sync.
TEST_F(DurabilityTest, AGroupSharesOneSync) {
    open();
    const std::uint64_t syncs = disk_.syncs();
    for (int i = 0; i < 10; ++i) append();
    EXPECT_EQ(disk_.syncs(), syncs);
    EXPECT_EQ(journal_->visible(), Sequence{});
    journal_->await_visible(last_);
    EXPECT_EQ(disk_.syncs(), syncs + 1);
    EXPECT_EQ(journal_->durable(), last_);
    EXPECT_EQ(journal_->statistics().frames, 1u);
}

/// A written commit costs no sync and survives the death of its process; a power cut may take it.
TEST_F(DurabilityTest, AWrittenCommitSurvivesTheProcess) {
    open();
    const std::uint64_t syncs = disk_.syncs();
    commit(Durability::written);
    EXPECT_EQ(disk_.syncs(), syncs);
    EXPECT_EQ(journal_->visible(), Sequence{1});
    EXPECT_EQ(journal_->durable(), Sequence{0});
    die();
    open();
    expect_commits(Sequence{1});
    EXPECT_EQ(journal_->recovery().frames_copied, 1u);
}

/// A buffered commit is visible at once and durable after the interval's work.
TEST_F(DurabilityTest, ABufferedCommitIsVisibleBeforeItIsWritten) {
    open();
    append(Durability::buffered);
    EXPECT_EQ(journal_->visible(), Sequence{1});
    EXPECT_EQ(journal_->statistics().written, Sequence{0});
    journal_->run_background();
    EXPECT_EQ(journal_->durable(), Sequence{1});
}

/// Visible means: this commit and all before it have their own durability. A written commit after a
/// synced one waits for it.
TEST_F(DurabilityTest, NothingBecomesVisibleBeforeWhatIsBeforeIt) {
    open();
    append(Durability::buffered);
    const Sequence synced = append(Durability::synced);
    append(Durability::buffered);
    EXPECT_EQ(journal_->visible(), Sequence{1});
    journal_->await_visible(synced);
    EXPECT_EQ(journal_->visible(), Sequence{3});
}

/// A caller that needs more than the commit's own durability can wait for it: relays deliver
/// durable commits only.
TEST_F(DurabilityTest, AwaitDurableSyncsWeakerCommits) {
    open();
    commit(Durability::written);
    append(Durability::buffered);
    journal_->await_durable(last_);
    EXPECT_EQ(journal_->durable(), Sequence{2});
    lose_power();
    open();
    expect_commits(Sequence{2});
}

/// The relays are notified when there is more to deliver.
TEST_F(DurabilityTest, GrowthIsAnnounced) {
    open();
    std::vector<Sequence> heard;
    journal_->on_durable([&] { heard.push_back(journal_->durable()); });
    commit();
    commit(Durability::written);
    journal_->run_background();
    EXPECT_EQ(heard, (std::vector{Sequence{1}, Sequence{2}}));
}

/// After a clean close nothing is in doubt; nothing is copied, nothing is cut.
TEST_F(DurabilityTest, ACleanCloseLeavesNothingToRepair) {
    open();
    commit_many(3);
    commit(Durability::written);
    append(Durability::buffered);
    journal_->close();
    lose_power();
    open();
    EXPECT_TRUE(journal_->recovery().closed_cleanly);
    EXPECT_EQ(journal_->recovery().frames_copied, 0u);
    EXPECT_EQ(journal_->recovery().bytes_cut, 0u);
    expect_commits(Sequence{5});
}

/// An idle mark proves the last commits, so damage to them can be distinguished from a torn tail.
TEST_F(DurabilityTest, AnIdleMarkLeavesNothingToCopy) {
    open();
    commit_many(3);
    journal_->run_background();
    const std::uint64_t changes = disk_.changes();
    journal_->run_background();
    EXPECT_EQ(disk_.changes(), changes);  // once is enough
    die();
    open();
    EXPECT_FALSE(journal_->recovery().closed_cleanly);
    EXPECT_EQ(journal_->recovery().frames_copied, 0u);
    expect_commits(Sequence{3});
}

/// Sequences and marks outlive the commits: when everything has been delivered and recycled, and
/// the database opened many times since, the journal still knows its last commit.
TEST_F(DurabilityTest, AnEmptyJournalRemembersItsLastCommit) {
    open();
    commit_many(5);
    const Mark mark = journal_->mark_of(last_);
    Epoch epoch = journal_->recovery().epoch;
    for (int i = 0; i < 6; ++i) {
        if (i % 2 == 0) journal_->close();
        open({mark, mark});
        journal_->recycle(last_);
        EXPECT_EQ(journal_->recovery().last, Sequence{5});
        EXPECT_EQ(journal_->mark_of(last_), mark);
        EXPECT_GT(journal_->recovery().epoch, epoch);
        epoch = journal_->recovery().epoch;
    }
    EXPECT_EQ(journal_->recovery().oldest, Sequence{});
    commit();
    die();
    open({mark});
    expect_commits(Sequence{6}, Sequence{5});
}

/// Commits keep their epoch and their time when they are copied into a fresh segment.
TEST_F(DurabilityTest, CopiesKeepEpochAndTime) {
    open();
    commit_many(2);
    const Epoch epoch = journal_->recovery().epoch;
    die();
    open();
    EXPECT_EQ(journal_->recovery().frames_copied, 2u - 1u);  // the second proves the first
    commit();
    const auto found = entries();
    ASSERT_EQ(found.size(), 3u);
    EXPECT_EQ(found[1].epoch, epoch);
    EXPECT_GT(found[2].epoch, epoch);
    EXPECT_EQ(journal_->mark_of(Sequence{2}).chain, found[1].chain);
}

}  // namespace
}  // namespace amphora::journal
