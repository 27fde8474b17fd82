// The journal of a new timeline that begins with commits of the one before.

#include "journal/archive/continued_journal.hpp"
#include "journal_fixture.hpp"

#include <array>
#include <utility>

namespace amphora::journal {
namespace {

class ContinuedJournalTest : public JournalOnDisk {
  protected:
    static constexpr const char* later_directory = "later/journal";
};

/// Commits of several openings, in groups and alone, small and large, are taken over after any of
/// them and up to any later one. The later journal gives them with the same sequences, epochs, times
/// and bytes. It is found as if it had been closed, is whole, and continues after them, also after a
/// power cut.
TEST_F(ContinuedJournalTest, HasTheSameCommits) {
    for (int opening = 0; opening < 3; ++opening) {
        open();
        for (int i = 0; i < 8; ++i) {
            for (int group = 0; group < i % 3; ++group) append(Durability::written, 300);
            commit(Durability::synced, i == 4 ? 30'000 : 2000);
        }
    }
    const std::vector<Entry> before = entries();
    ASSERT_EQ(before.size(), number(last_));
    Identity later = identity_;
    later.timeline.bytes[0] = 3;
    const auto cursor = journal_->cursor();
    const std::vector<std::pair<std::uint64_t, std::uint64_t>> parts{
        {0, before.size()}, {3, 17}, {16, 17}, {9, before.size()}};
    for (const auto& [after, last] : parts) {
        support::LossyDisk disk{1};
        ASSERT_EQ(cursor->seek(Sequence{after}), JournalCursor::Seek::found);
        const Epoch epoch{1000};
        const Mark mark = create_with_commits(
            disk, later_directory, later,
            {.prior = journal_->mark_of(Sequence{after}), .prior_time_us = 0, .epoch = epoch},
            *cursor, Sequence{last}, options_.segment_bytes);
        EXPECT_EQ(mark.sequence, Sequence{last});
        disk.stop(support::Fate::power_cut);
        disk.restart();

        auto journal = Journal::open(disk, later_directory, later, std::array{mark, mark},
                                     Journal::Mode::read_write, options_);
        EXPECT_TRUE(journal->recovery().closed_cleanly);
        EXPECT_EQ(journal->recovery().frames_copied, 0u);
        EXPECT_EQ(journal->recovery().oldest, Sequence{after + 1});
        EXPECT_GT(journal->recovery().epoch, epoch);
        journal->check([](const std::string& finding) { ADD_FAILURE() << finding; });
        for (std::uint64_t each = last + 1; each <= last + 3; ++each) {
            const Buffer record = record_of(Sequence{each});
            journal->reserve(record.size());
            journal->append(Sequence{each}, Durability::synced, record);
            journal->await_durable(Sequence{each});
        }
        std::uint64_t sequence = after;
        journal->replay(Sequence{after}, [&](const Entry& entry) {
            ++sequence;
            EXPECT_EQ(entry.sequence, Sequence{sequence});
            if (sequence > last) return;
            EXPECT_EQ(entry.epoch, before[sequence - 1].epoch);
            EXPECT_EQ(entry.time_us, before[sequence - 1].time_us);
            EXPECT_EQ(entry.record, before[sequence - 1].record);
        });
        EXPECT_EQ(sequence, last + 3);
    }
}

}  // namespace
}  // namespace amphora::journal
