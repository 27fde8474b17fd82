#include "journal_fixture.hpp"
#include "support/random.hpp"

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <thread>

#include <unistd.h>

namespace amphora::journal {
namespace {

/// Many threads on the operating system's own files.
class GroupCommitTest : public ::testing::Test {
  protected:
    GroupCommitTest()
        : directory_{std::filesystem::temp_directory_path() /
                     ("amphora-journal-" + std::to_string(::getpid()))} {
        std::filesystem::remove_all(directory_);
        std::filesystem::create_directories(directory_);
        identity_ = {.database = make_uuid(), .timeline = make_uuid()};
        Journal::create(operating_system_files(), directory_.string(), identity_);
    }
    ~GroupCommitTest() override { std::filesystem::remove_all(directory_); }

    [[nodiscard]] std::unique_ptr<Journal> open(const JournalOptions& options,
                                                Journal::Mode mode = Journal::Mode::read_write) {
        return Journal::open(operating_system_files(), directory_.string(), identity_, {}, mode,
                             options);
    }

    std::filesystem::path directory_;
    Identity identity_;
};

/// Eight threads commit and wait at the same time, with all three durabilities, over segments that
/// fill quickly. A ninth thread recycles, a tenth checks. Each commit is visible when its wait
/// ends, and durable if that was requested. At the end all commits are in the journal once and in
/// order.
TEST_F(GroupCommitTest, EightThreadsShareTheJournal) {
    constexpr int threads_count = 8;
    const int each = static_cast<int>(120 * support::test_scale());
    JournalOptions options{.segment_bytes = 256u << 10, .sync_interval_ms = 2, .reserve_bytes = 0};
    auto journal = open(options);
    std::mutex turn;
    std::uint64_t last = 0;
    std::atomic<int> running = threads_count;
    std::atomic<std::uint64_t> announced = 0;
    std::vector<Mark> kept_marks;
    journal->on_durable([&] { announced.store(number(journal->durable())); });

    std::vector<std::thread> threads;
    for (int thread = 0; thread < threads_count; ++thread) {
        threads.emplace_back([&, thread] {
            std::mt19937_64 random(static_cast<std::uint64_t>(thread) + support::Random().seed());
            for (int i = 0; i < each; ++i) {
                const auto durability = static_cast<Durability>(random() % 3);
                Sequence mine;
                {
                    const std::lock_guard lock{turn};
                    Buffer record = std::to_string(last + 1);
                    record.resize(record.size() + 1 + random() % 2000, ' ');
                    journal->reserve(record.size());
                    mine = Sequence{++last};
                    journal->append(mine, durability, std::move(record));
                }
                if (random() % 8 == 0) {
                    journal->await_durable(mine);
                    EXPECT_GE(journal->durable(), mine);
                } else {
                    journal->await_visible(mine);
                    EXPECT_GE(journal->visible(), mine);
                    if (durability == Durability::synced) {
                        EXPECT_GE(journal->durable(), mine);
                    }
                }
            }
            --running;
        });
    }
    threads.emplace_back([&] {
        while (running > 0) {
            journal->check([](const std::string& finding) { ADD_FAILURE() << finding; });
            (void)journal->statistics();
            (void)journal->bytes_live();
            const Sequence durable = journal->durable();
            const Mark mark = journal->mark_of(durable);
            EXPECT_EQ(mark.sequence, durable);
            std::this_thread::yield();
        }
    });
    for (std::thread& thread : threads) thread.join();
    journal->await_durable(Sequence{last});
    EXPECT_EQ(announced.load(), last);
    const JournalStatistics statistics = journal->statistics();
    EXPECT_EQ(statistics.commits, last);
    EXPECT_LT(statistics.frames, statistics.commits + statistics.syncs);
    journal.reset();

    journal = open(options);
    std::uint64_t expected = 0;
    journal->replay(Sequence{}, [&](const Entry& entry) {
        ++expected;
        EXPECT_EQ(number(entry.sequence), expected);
        EXPECT_EQ(std::stoull(std::string(entry.record)), expected);
    });
    EXPECT_EQ(expected, last);
}

/// Recycling while others write: the files are reused, a thread that waits for a segment is woken
/// by it, and a reader at the same time finds a journal without damage.
TEST_F(GroupCommitTest, RecyclingWhileOthersWriteAndLook) {
    const int commits = static_cast<int>(800 * support::test_scale());
    JournalOptions options{.segment_bytes = 64u << 10, .sync_interval_ms = 1, .reserve_bytes = 0};
    auto journal = open(options);
    std::atomic<bool> done = false;
    std::thread recycler([&] {
        while (!done) {
            journal->recycle(journal->durable());
            std::this_thread::yield();
        }
    });
    std::thread looker([&] {
        while (!done) {
            try {
                const auto seen = open(options, Journal::Mode::read_only);
                EXPECT_LE(seen->recovery().oldest, seen->recovery().last);
            } catch (const Error& error) {
                // Segments were reused faster than they could be read, eight times in a row.
                EXPECT_TRUE(error.code() == ErrorCode::corrupt ||
                            error.code() == ErrorCode::io_error ||
                            error.code() == ErrorCode::foreign_piece)
                    << error.what();
            }
        }
    });
    for (int i = 1; i <= commits; ++i) {
        journal->reserve(3000);
        journal->append(Sequence{static_cast<std::uint64_t>(i)},
                        i % 16 == 0 ? Durability::synced : Durability::written, Buffer(3000, 'x'));
        journal->await_visible(Sequence{static_cast<std::uint64_t>(i)});
    }
    done = true;
    recycler.join();
    looker.join();
    journal->await_durable(Sequence{static_cast<std::uint64_t>(commits)});
    journal->recycle(journal->durable());
    EXPECT_EQ(journal->statistics().segments_live, 1u);
    EXPECT_LE(journal->statistics().segments_spare, options.spare_segments_max + 1u);
    journal->close();
    journal = open(options);
    EXPECT_TRUE(journal->recovery().closed_cleanly);
    EXPECT_EQ(number(journal->recovery().last), static_cast<std::uint64_t>(commits));
}

/// A weaker commit does not wait for the sync of a stronger one: it is written meanwhile, into a
/// block of its own.
TEST_F(GroupCommitTest, AWrittenCommitOvertakesASync) {
    support::LossyDisk disk(1);
    Journal::create(disk, "db/journal", identity_);
    JournalOptions options{
        .segment_bytes = 64u << 10, .reserve_bytes = 0, .background = Background::manual};
    auto journal =
        Journal::open(disk, "db/journal", identity_, {}, Journal::Mode::read_write, options);
    journal->reserve(10);
    journal->append(Sequence{1}, Durability::written, Buffer(10, 'a'));
    std::atomic<bool> overtaken = false;
    disk.on_sync([&] {
        if (overtaken.exchange(true)) return;
        std::thread([&] {
            journal->reserve(10);
            journal->append(Sequence{2}, Durability::written, Buffer(10, 'b'));
            journal->await_visible(Sequence{2});
        }).join();
        EXPECT_EQ(journal->visible(), Sequence{2});
        EXPECT_EQ(journal->durable(), Sequence{0});
    });
    journal->await_durable(Sequence{1});
    EXPECT_TRUE(overtaken);
    EXPECT_EQ(journal->durable(), Sequence{1});
    journal->await_durable(Sequence{2});
}

/// The disk is full while the background makes segments: a commit that needs one gets an error at
/// once, and a segment when there is room, without a reopening.
TEST_F(GroupCommitTest, AFullDiskHealsWhileTheBackgroundRuns) {
    support::LossyDisk disk(1);
    Journal::create(disk, "db/journal", identity_);
    auto journal =
        Journal::open(disk, "db/journal", identity_, {}, Journal::Mode::read_write,
                      {.segment_bytes = 64u << 10, .sync_interval_ms = 1, .reserve_bytes = 0});
    disk.set_capacity(1);
    std::uint64_t last = 0;
    const auto commit = [&] {
        journal->reserve(3000);
        journal->append(Sequence{++last}, Durability::synced, Buffer(3000, 'x'));
        journal->await_visible(Sequence{last});
    };
    ErrorCode refused{};
    while (refused == ErrorCode{}) {
        try {
            commit();
        } catch (const Error& error) {
            refused = error.code();
        }
    }
    EXPECT_EQ(refused, ErrorCode::disk_full);
    EXPECT_THROW(journal->reserve(3000), Error);
    disk.set_capacity(1u << 30);
    for (int i = 0; i < 100; ++i) commit();
    EXPECT_EQ(number(journal->durable()), last);
}

/// The background thread syncs weaker commits at the interval, without a request.
TEST_F(GroupCommitTest, TheBackgroundSyncsWeakerCommits) {
    std::mutex mutex;
    std::condition_variable told;
    auto journal = open({.segment_bytes = 64u << 10, .sync_interval_ms = 5, .reserve_bytes = 0});
    journal->on_durable([&] {
        const std::lock_guard lock{mutex};
        told.notify_all();
    });
    for (std::uint64_t i = 1; i <= 3; ++i) {
        journal->reserve(10);
        journal->append(Sequence{i}, i == 2 ? Durability::buffered : Durability::written,
                        Buffer(10, 'x'));
    }
    std::unique_lock lock{mutex};
    EXPECT_TRUE(told.wait_for(lock, std::chrono::seconds(30),
                              [&] { return journal->durable() == Sequence{3}; }));
}

}  // namespace
}  // namespace amphora::journal
