#include "journal_fixture.hpp"
#include "support/failing_files.hpp"

#include <gmock/gmock.h>

namespace amphora::journal {
namespace {

class SegmentsTest : public JournalOnDisk {
  protected:
    [[nodiscard]] std::vector<std::uint64_t> sizes() {
        std::vector<std::uint64_t> sizes;
        for (const std::string& name : segment_files()) {
            sizes.push_back(disk_.content(std::string(directory) + "/" + name).size());
        }
        return sizes;
    }
    [[nodiscard]] std::uint64_t bytes_of_files() {
        std::uint64_t bytes = 0;
        for (const std::uint64_t size : sizes()) bytes += size;
        return bytes;
    }
    [[nodiscard]] std::uint64_t bytes_of_largest_file() {
        const auto all = sizes();
        return *std::max_element(all.begin(), all.end());
    }
};

/// A journal uses many segments. The trees keep up, so files are reused and do not grow in number.
TEST_F(SegmentsTest, RecycledFilesAreUsedAgain) {
    open();
    std::size_t files_most = 0;
    for (int round = 0; round < 40; ++round) {
        commit_many(7);
        journal_->recycle(journal_->durable());
        files_most = std::max(files_most, segment_files().size());
    }
    EXPECT_GT(journal_->statistics().bytes_written, 15u * options_.segment_bytes);
    EXPECT_LE(files_most, 5u);
    EXPECT_LE(journal_->statistics().segments_spare, options_.spare_segments_max);
    EXPECT_EQ(journal_->statistics().segments_live, 1u);
    EXPECT_TRUE(findings().empty());
}

/// A stalled tree keeps its commits in the journal; only segments wholly before its mark are
/// recycled.
TEST_F(SegmentsTest, OnlyWholeSegmentsBeforeTheMarkAreRecycled) {
    open();
    commit_many(60);
    const auto before = journal_->statistics();
    ASSERT_GT(before.segments_live, 3u);
    journal_->recycle(Sequence{30});
    const auto after = journal_->statistics();
    EXPECT_LT(after.segments_live, before.segments_live);
    EXPECT_LT(after.bytes.live, before.bytes.live);
    EXPECT_LE(after.recycled, Sequence{30});
    EXPECT_GT(number(after.recycled), 0u);
    const Mark mark = journal_->mark_of(Sequence{30});
    die();
    open({mark});
    expect_commits(Sequence{60}, Sequence{30});
    EXPECT_LE(journal_->recovery().oldest, Sequence{31});
}

/// A group of commits that is larger than the rest of a segment is divided, not refused.
TEST_F(SegmentsTest, AGroupContinuesInTheNextSegment) {
    open();
    for (int i = 0; i < 20; ++i) append(Durability::buffered, 9000);
    journal_->await_durable(last_);
    EXPECT_GE(journal_->statistics().segments_live, 4u);
    die();
    open();
    expect_commits(Sequence{20});
}

/// The first segment of an opening is small and full long before the next one is completely
/// prepared. The commit that needs the next one waits for a piece of it, not for all of it.
TEST_F(SegmentsTest, NoCommitWaitsForAWholeSegment) {
    options_.segment_bytes = 16u << 20;
    open();
    std::uint64_t syncs_most = 0;
    for (int i = 0; i < 600; ++i) {
        const std::uint64_t before = disk_.syncs();
        commit(Durability::synced, 16'000);
        syncs_most = std::max(syncs_most, disk_.syncs() - before);
    }
    EXPECT_GE(journal_->statistics().segments_live, 3u);
    // A piece, the segment before it, the header, the link in the segment before, and the commit.
    EXPECT_EQ(syncs_most, 5u);
    die();
    open();
    expect_commits(Sequence{600});
}

/// A small database has a small journal. While nothing is recycled, each segment is as large as all
/// earlier ones together, up to the size of the options.
TEST_F(SegmentsTest, SegmentsGrowWithWhatIsInUse) {
    const std::uint64_t made = bytes_of_files();  // of a new journal
    options_.first_segment_bytes = 128u << 10;
    options_.segment_bytes = 2u << 20;
    open();
    journal_->run_background();
    EXPECT_EQ(bytes_of_files(), made + (128u << 10));
    std::uint64_t written = 0;
    for (int i = 0; i < 500; ++i) {
        commit(Durability::synced, 16'000);
        journal_->run_background();
        written += 16'384;
        // The earlier ones, the newest, and a spare as large as all of them.
        ASSERT_LE(bytes_of_files(), std::max(5 * written, std::uint64_t{768u << 10}));
    }
    EXPECT_LE(journal_->statistics().segments_live, 11u);
    EXPECT_EQ(bytes_of_largest_file(), 2u << 20);
    die();
    open();
    expect_commits(Sequence{500});
}

/// If the trees soon hold every commit, segments stay small, however many commits there are.
TEST_F(SegmentsTest, ALittleNowAndThenKeepsSegmentsSmall) {
    options_.first_segment_bytes = 64u << 10;
    options_.segment_bytes = 2u << 20;
    open();
    for (int i = 0; i < 300; ++i) {
        commit_many(3);
        journal_->recycle(journal_->durable());
        journal_->run_background();
    }
    EXPECT_LE(bytes_of_files(), 512u << 10);
    const Mark mark = journal_->mark_of(last_);
    die();
    open({mark});
    EXPECT_LE(bytes_of_files(), 512u << 10);
    EXPECT_EQ(journal_->recovery().last, Sequence{900});
}

/// If the disk may soon be full, the spare has the full size, so that a large removal still has
/// room in the journal.
TEST_F(SegmentsTest, ASmallDiskGetsItsWholeSpareAtOnce) {
    options_.first_segment_bytes = 64u << 10;
    options_.segment_bytes = 1u << 20;
    disk_.set_capacity(4u << 20);
    open();
    commit_many(6);
    journal_->run_background();
    ASSERT_EQ(journal_->statistics().segments_spare, 1u);
    EXPECT_EQ(bytes_of_largest_file(), 1u << 20);
    disk_.set_capacity(bytes_of_files());
    commit(Durability::synced, 900'000);
    commit_many(3);
    die();
    disk_.set_capacity(1u << 30);
    open();
    expect_commits(Sequence{10});
}

/// A segment that was taken before it was complete may be too small for the next commit. The commit
/// goes into the segment after it.
TEST_F(SegmentsTest, ASmallSpareIsPassedOver) {
    options_.segment_bytes = 16u << 20;
    open();
    commit(Durability::synced, 1'000'000);
    journal_->reserve(100'000);  // for a transaction that then fails
    EXPECT_EQ(journal_->statistics().segments_spare, 1u);
    commit(Durability::synced, 10'000'000);
    commit(Durability::synced, 15'000'000);
    commit();
    EXPECT_TRUE(findings().empty());
    die();
    open();
    expect_commits(Sequence{4});
    const Mark mark = journal_->mark_of(last_);
    journal_->recycle(last_);
    die();
    open({mark});
    commit();
    EXPECT_EQ(journal_->recovery().last, Sequence{4});
}

/// A commit that can never fit is refused before it is appended, and nothing is changed.
TEST_F(SegmentsTest, ARecordBeyondASegmentIsRefused) {
    open();
    commit();
    message_of(ErrorCode::transaction_too_large,
               [&] { journal_->reserve(options_.segment_bytes); });
    commit(Durability::synced, options_.segment_bytes - 6 * 4096);
    die();
    open();
    EXPECT_EQ(journal_->recovery().last, Sequence{2});
}

/// The disk becomes full while the application writes. The commit is refused before anything is
/// written, and the same call succeeds when there is room again.
TEST_F(SegmentsTest, AFullDiskIsFoundBeforeTheCommitAndHeals) {
    open();
    commit();
    disk_.set_capacity(disk_.content(std::string(directory) + "/000001.log").size() + (80u << 10));
    std::string message;
    for (int i = 0; i < 100 && message.empty(); ++i) {
        try {
            commit();
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), ErrorCode::disk_full);
            message = error.what();
        }
    }
    EXPECT_THAT(message, ::testing::HasSubstr("make room"));
    const Sequence last = journal_->visible();
    EXPECT_FALSE(journal_->failed());
    message_of(ErrorCode::disk_full, [&] { journal_->reserve(400); });
    EXPECT_EQ(journal_->visible(), last);
    last_ = last;

    disk_.set_capacity(1u << 30);
    commit_many(30);
    die();
    open();
    expect_commits(next(Sequence{number(last) + 29}));
}

/// Room on the disk is promised to others: no new segment uses it. The same call succeeds when they
/// do not need it any more.
TEST_F(SegmentsTest, LeavesTheDiskToOthersWhoNeedIt) {
    open();
    commit();
    disk_.set_capacity(1u << 30);
    journal_->leave_free(1u << 30);
    EXPECT_THAT(message_of(ErrorCode::disk_full, [&] { commit_many(1000); }),
                ::testing::HasSubstr("undelivered work 1073741824"));
    EXPECT_FALSE(journal_->failed());
    last_ = journal_->visible();
    journal_->leave_free(0);
    commit_many(30);
}

/// Opening succeeds on a full disk: it needs only a little room.
TEST_F(SegmentsTest, OpeningNeedsLittleRoom) {
    options_.segment_bytes = 8u << 20;
    open();
    commit_many(3);
    die();
    std::uint64_t used = 0;
    for (const auto& [path, bytes] : disk_.image()) used += bytes.size();
    disk_.set_capacity(used + (100u << 10));
    open();
    expect_commits(Sequence{3});
}

/// Segments of another size, from an opening with other options, are read and later removed.
TEST_F(SegmentsTest, TheSizeMayChangeBetweenOpenings) {
    open();
    commit_many(40);
    die();
    options_.segment_bytes = 32u << 10;
    open();
    commit_many(40);
    expect_commits(Sequence{80});
    journal_->recycle(last_);
    commit_many(40);
    options_.segment_bytes = 256u << 10;
    const Mark mark = journal_->mark_of(Sequence{80});
    die();
    open({mark});
    commit(Durability::synced, 100'000);
    EXPECT_EQ(entries(Sequence{80}).size(), 41u);
}

/// Files that a crash left unfinished are removed; files that are not the journal's are kept.
TEST_F(SegmentsTest, LeftoversArePutAway) {
    open();
    commit_many(3);
    die();
    disk_.open(std::string(directory) + "/000077.log", OpenFile::create_new)
        ->write_at(0, Buffer(5000, '\0'));
    disk_.open(std::string(directory) + "/notes.txt", OpenFile::create_new)->write_at(0, "mine");
    open();
    const auto files = segment_files();
    EXPECT_THAT(files, ::testing::Not(::testing::Contains("000077.log")));
    EXPECT_THAT(files, ::testing::Contains("notes.txt"));
    expect_commits(Sequence{3});
}

/// The names of segments have no meaning: their headers say what they are.
TEST_F(SegmentsTest, FilesMayBeRenamed) {
    open();
    commit_many(40);
    die();
    const auto files = segment_files();
    ASSERT_GE(files.size(), 3u);
    const auto path = [](const std::string& name) { return std::string(directory) + "/" + name; };
    disk_.rename(path(files[0]), path("x.log"));
    disk_.rename(path(files[1]), path(files[0]));
    disk_.rename(path(files[2]), path(files[1]));
    disk_.rename(path("x.log"), path(files[2]));
    open();
    expect_commits(Sequence{40});
}

/// Room must be reserved before a commit is appended; appending never finds the disk full.
TEST_F(SegmentsTest, AppendingWithoutRoomIsABug) {
    open();
    journal_->reserve(10);
    EXPECT_DEATH(journal_->append(Sequence{1}, Durability::synced, Buffer(9000, 'x')),
                 "broken invariant");
}

/// A log function may ask the database. Segments are given back while the caller holds locks, so
/// the journal's own thread logs later what could not be reused.
TEST_F(SegmentsTest, AFileThatCannotBeReusedIsLoggedWithoutLocks) {
    support::FailingFiles files{disk_};
    journal_ = Journal::open(files, directory, identity_, {}, Journal::Mode::read_write, options_);
    last_ = journal_->recovery().last;
    commit_many(60);
    journal_->run_background();
    log_.clear();
    files.fail(support::FailingFiles::Call::open, 1, ErrorCode::io_error);
    journal_->recycle(journal_->durable());
    ASSERT_TRUE(files.has_failed());
    EXPECT_THAT(log_, testing::IsEmpty());
    journal_->run_background();
    EXPECT_THAT(log_, testing::Contains(testing::HasSubstr("not recycled")));
    journal_.reset();  // before the files
}

}  // namespace
}  // namespace amphora::journal
