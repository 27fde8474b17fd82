// What proves that commits were durable. Without proof, damage at the end counts as an unfinished
// write and is cut. With it, the damage is found.

#include "journal/segment/segment_header.hpp"
#include "journal_fixture.hpp"
#include "support/comes_true.hpp"

#include <thread>
#include <utility>

namespace amphora::journal {
namespace {

constexpr std::uint32_t an_hour_ms = 3'600'000;

class ProofTest : public JournalOnDisk {
  protected:
    /// Damage in the middle of each frame of the newest segment is refused, and nothing is cut.
    void expect_damage_found_everywhere(std::uint64_t blocks) {
        const std::string path = journal_->segments().back().path;
        die();
        const auto intact = disk_.image();
        for (std::uint64_t block = 0; block < blocks; ++block) {
            disk_.load(intact);
            disk_.damage(path, header_bytes + block * block_bytes + 200, "damage");
            EXPECT_THAT(message_of(ErrorCode::corrupt, [&] { open(); }),
                        ::testing::HasSubstr("was durable"))
                << "block " << block;
        }
        disk_.load(intact);
        open();
        EXPECT_EQ(journal_->recovery().frames_copied, 0u);
    }
};

/// A program writes a hundred commits that wait for nothing, requests once that all of them are
/// safe, and ends. All of them were safe, so none may be cut, whatever happens later.
TEST_F(ProofTest, ATailThatWasAskedForIsProven) {
    options_.segment_bytes = 1u << 20;
    open();
    for (int i = 0; i < 100; ++i) commit(Durability::written, 4000);
    ASSERT_EQ(journal_->durable(), Sequence{});
    journal_->await_proven(last_);
    EXPECT_EQ(journal_->durable(), last_);
    expect_damage_found_everywhere(100);
    expect_commits(last_);
}

TEST_F(ProofTest, IsLeftOnce) {
    options_.segment_bytes = 1u << 20;
    open();
    commit();
    journal_->await_proven(last_);
    const std::uint64_t changes = disk_.changes();
    journal_->await_proven(last_);
    journal_->run_background();
    EXPECT_EQ(disk_.changes(), changes);
    // A later frame proves the earlier ones: no mark is needed.
    commit();
    journal_->await_proven(Sequence{1});
    EXPECT_EQ(journal_->statistics().frames, 3u);
    journal_->await_proven(last_);
    EXPECT_EQ(journal_->statistics().frames, 4u);
}

/// There is room for the mark even in a segment that commits have filled completely.
TEST_F(ProofTest, FitsIntoAFullSegment) {
    open();
    journal_->run_background();
    const std::uint64_t number = journal_->segments().back().number;
    // Header, two blocks for marks, and one commit in each of the others.
    const std::uint64_t commits = options_.segment_bytes / block_bytes - 3 - 2;
    for (std::uint64_t i = 0; i < commits; ++i) commit();
    ASSERT_EQ(journal_->segments().back().number, number) << "it has less room";
    journal_->await_proven(last_);
    ASSERT_EQ(journal_->segments().back().number, number);
    commit();
    ASSERT_EQ(journal_->segments().back().number, number + 1) << "it was not full";
    die();
    open();
    expect_commits(last_);
}

/// A commit requests room while a mark uses the last room of the segment. The commit gets room in
/// the next segment.
TEST_F(ProofTest, TakesNoRoomThatIsPromisedMeanwhile) {
    open();
    const std::uint64_t number = journal_->segments().back().number;
    const std::uint64_t commits = options_.segment_bytes / block_bytes - 3 - 2;
    for (std::uint64_t i = 0; i + 1 < commits; ++i) commit();
    ASSERT_EQ(journal_->statistics().segments_spare, 0u);
    bool asked = false;
    disk_.on_sync([&] {
        if (!std::exchange(asked, true)) journal_->reserve(400);
    });
    journal_->await_proven(last_);
    ASSERT_TRUE(asked);
    EXPECT_EQ(journal_->segments().back().number, number);
    last_ = next(last_);
    journal_->append(last_, Durability::synced, record_of(last_));
    journal_->await_visible(last_);
    EXPECT_EQ(journal_->segments().back().number, number + 1);
    die();
    open();
    expect_commits(last_);
}

/// A transaction fails after it has reserved the last room in a segment. The journal can be closed.
TEST_F(ProofTest, ClosesWhereRoomWasPromisedForNothing) {
    open();
    const std::uint64_t commits = options_.segment_bytes / block_bytes - 3 - 2;
    for (std::uint64_t i = 0; i + 1 < commits; ++i) commit();
    journal_->reserve(400);
    ASSERT_EQ(journal_->statistics().segments_spare, 0u);
    journal_->close();
    open();
    EXPECT_TRUE(journal_->recovery().closed_cleanly);
    expect_commits(last_);
}

TEST_F(ProofTest, OfAFullSegmentIsFound) {
    open();
    journal_->run_background();
    const std::uint64_t commits = options_.segment_bytes / block_bytes - 3 - 2;
    for (std::uint64_t i = 0; i < commits; ++i) commit();
    journal_->run_background();  // an idle mark
    expect_damage_found_everywhere(commits);
}

/// Even if weaker commits are synced seldom, the mark comes after its own time.
TEST_F(ProofTest, ComesInItsTimeWhateverTheInterval) {
    options_.background = Background::thread;
    options_.sync_interval_ms = an_hour_ms;
    options_.idle_mark_ms = 20;
    open();
    for (std::uint64_t commits = 1; commits <= 3; ++commits) {
        commit();
        ASSERT_TRUE(
            support::comes_true([&] { return journal_->statistics().frames == 2 * commits; }));
    }
    commit(Durability::written);
    journal_->await_durable(last_);
    EXPECT_TRUE(support::comes_true([&] { return journal_->statistics().frames == 8; }));
}

/// Many threads commit and wait for proof at the same time, while segments change. Every wait ends.
TEST_F(ProofTest, IsLeftForManyWhoAskAtOnce) {
    options_.background = Background::thread;
    options_.sync_interval_ms = 1;
    options_.idle_mark_ms = 1;
    open();
    std::mutex turn;
    std::vector<std::thread> threads;
    for (int thread = 0; thread < 4; ++thread) {
        threads.emplace_back([&] {
            for (int i = 0; i < 100; ++i) {
                Sequence mine;
                {
                    const std::lock_guard lock{turn};
                    mine = append(i % 2 == 0 ? Durability::written : Durability::synced, 3000);
                }
                journal_->await_proven(mine);
                EXPECT_GE(journal_->durable(), mine);
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
    die();
    open();
    EXPECT_EQ(journal_->recovery().frames_copied, 0u);
    expect_commits(Sequence{400});
}

}  // namespace
}  // namespace amphora::journal
