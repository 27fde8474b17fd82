#include "journal/journal_cursor.hpp"
#include "journal_fixture.hpp"
#include "support/random.hpp"

#include <atomic>
#include <chrono>
#include <random>
#include <thread>

namespace amphora::journal {
namespace {

using More = JournalCursor::More;
using Seek = JournalCursor::Seek;
using support::Random;

/// Readers, a writer, and a thread that recycles, at the same time.
class CursorThreadsTest : public JournalOnDisk {
  protected:
    CursorThreadsTest() {
        options_.segment_bytes = 32u << 10;
        options_.first_segment_bytes = 32u << 10;
        options_.background = Background::thread;
        options_.sync_interval_ms = 1;
        options_.idle_mark_ms = 1;
        options_.log = {};
    }

    /// Commits with every durability, some of which are waited for.
    void commit_all(int commits) {
        std::mt19937_64 random{random_.seed()};
        for (int i = 0; i < commits; ++i) {
            append(static_cast<Durability>(random() % 3), 32 + random() % 3000);
            if (random() % 3 == 0) journal_->await_visible(last_);
        }
        journal_->await_durable(last_);
        is_written_ = true;
    }
    /// As both trees would ask for it.
    void recycle_all() {
        while (!is_written_) {
            journal_->recycle(journal_->durable());
            std::this_thread::yield();
        }
    }
    void expect_next(JournalCursor& cursor, Sequence expected) {
        const auto entry = cursor.next();
        ASSERT_TRUE(entry.has_value()) << number(expected);
        ASSERT_EQ(entry->sequence, expected);
        ASSERT_EQ(entry->record, record_of(expected, entry->record.size()));
        ASSERT_LE(expected, journal_->durable());
    }
    /// Reads everything after the position, up to the commit `last`, waiting where necessary.
    void follow(JournalCursor& cursor, Sequence last) {
        while (cursor.position() < last && !HasFatalFailure()) {
            ASSERT_EQ(cursor.await(Deadline{std::chrono::milliseconds{60'000}}), More::now);
            expect_next(cursor, next(cursor.position()));
        }
    }

    Random random_;
    std::atomic<bool> is_written_{false};
};

/// Readers that begin at each of the first positions, before anything is written, follow to the
/// end. All see every commit once and in order, although segments are recycled and used again as
/// soon as the slowest has read them.
TEST_F(CursorThreadsTest, EachSeesEveryCommitInOrder) {
    const int commits = static_cast<int>(600 * support::test_scale());
    SCOPED_TRACE(random_.seed_text());
    open();
    commit_many(5);
    {
        std::vector<std::jthread> threads;
        for (std::uint64_t after = 0; after <= 5; ++after) {
            threads.emplace_back([this, commits, cursor = journal_->cursor(), after] {
                ASSERT_EQ(cursor->seek(Sequence{after}), Seek::found);
                follow(*cursor, Sequence{5ull + static_cast<std::uint64_t>(commits)});
            });
        }
        threads.emplace_back([&] { recycle_all(); });
        commit_all(commits);
    }
    journal_->recycle(last_);
    EXPECT_EQ(journal_->statistics().segments_live, 1u);
    EXPECT_GT(number(journal_->statistics().recycled), number(last_) / 2);
}

/// Readers come and go while the journal is written and recycled. Each begins at a random commit
/// that the journal may still hold, and reads a random number of them, some slowly. The position is
/// held or refused by name, and never given with a gap.
TEST_F(CursorThreadsTest, ComeAndGoAtRandomPositions) {
    const int commits = static_cast<int>(1500 * support::test_scale());
    SCOPED_TRACE(random_.seed_text());
    open();
    std::atomic<std::uint64_t> found = 0, recycled = 0;
    {
        std::vector<std::jthread> threads;
        for (std::uint64_t reader = 0; reader < 3; ++reader) {
            threads.emplace_back([&, reader] {
                std::mt19937_64 random{random_.seed() + reader};
                while (!is_written_ && !HasFatalFailure()) {
                    const auto cursor = journal_->cursor();
                    const std::uint64_t first = number(cursor->position());
                    const std::uint64_t last = number(journal_->durable());
                    ASSERT_LE(first, last);
                    // Some before the beginning; anything that the cursor holds is found.
                    const std::uint64_t before = first > 20 ? first - random() % 20 : first;
                    const std::uint64_t after = before + random() % (last - before + 1);
                    const Seek seek = cursor->seek(Sequence{after});
                    ASSERT_EQ(seek, after < first ? Seek::recycled : Seek::found) << after;
                    ++(seek == Seek::found ? found : recycled);
                    for (std::uint64_t left = random() % 100; left > 0; --left) {
                        const More more = cursor->await(Deadline{std::chrono::milliseconds{1}});
                        if (more != More::now) break;
                        expect_next(*cursor, next(cursor->position()));
                        if (random() % 8 == 0) std::this_thread::yield();
                    }
                }
            });
        }
        threads.emplace_back([&] { recycle_all(); });
        commit_all(commits);
    }
    EXPECT_GT(found.load(), 10u);
    EXPECT_GT(number(journal_->statistics().recycled), 0u);
}

}  // namespace
}  // namespace amphora::journal
