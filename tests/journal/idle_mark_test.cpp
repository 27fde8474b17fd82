// The mark after the last commits, which the background thread writes after a time without commits.

#include "journal_fixture.hpp"
#include "support/comes_true.hpp"

namespace amphora::journal {
namespace {

constexpr std::uint32_t an_hour_ms = 3'600'000;

class IdleMarkTest : public JournalOnDisk {
  protected:
    void open_with_thread(std::uint32_t idle_mark_ms) {
        options_.background = Background::thread;
        options_.sync_interval_ms = 1;
        options_.idle_mark_ms = idle_mark_ms;
        open();
    }
};

TEST_F(IdleMarkTest, ComesOnceWhenItIsQuiet) {
    open_with_thread(20);
    for (std::uint64_t commits = 1; commits <= 3; ++commits) {
        commit();
        EXPECT_TRUE(
            support::comes_true([&] { return journal_->statistics().frames >= 2 * commits; }));
    }
    EXPECT_EQ(journal_->statistics().frames, 6u);
    die();
    open();
    EXPECT_EQ(journal_->recovery().frames_copied, 0u) << "what nothing proves is copied";
    expect_commits(Sequence{3});
}

/// Occasional commits, as on a small machine: each proves the one before it and costs one block,
/// without a second block for a mark. Weaker commits between them are synced at their interval.
TEST_F(IdleMarkTest, IsNotWrittenBetweenCommitsThatComeOften) {
    open_with_thread(an_hour_ms);
    for (int i = 0; i < 20; ++i) {
        commit();
        // Nothing requests it: the thread has been awake since the last commit, and sleeps again.
        const Sequence weaker = commit(Durability::written);
        ASSERT_TRUE(support::comes_true([&] { return journal_->durable() == weaker; }));
    }
    EXPECT_EQ(journal_->statistics().frames, 40u);
    journal_->close();
    open();
    EXPECT_TRUE(journal_->recovery().closed_cleanly);
    expect_commits(Sequence{40});
}

}  // namespace
}  // namespace amphora::journal
