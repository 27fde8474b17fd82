// Copies of segments in an archive: what was there once stays there, and what is put together again
// from them is the one past that there was.

#include "journal/archive.hpp"
#include "journal/archiver.hpp"
#include "journal/copied_chain.hpp"
#include "journal/journal_fixture.hpp"
#include "journal/segment_copy.hpp"

namespace amphora::journal {
namespace {

class ArchiveCopiesTest : public JournalOnDisk {
  protected:
    static constexpr const char* archive = "archive";

    ArchiveCopiesTest() { make_archive(disk_, archive); }

    void copy(const SegmentExtent& segment) {
        copied_ += copy_segment(disk_, segment, archive, [](std::uint64_t) {}) ? 1 : 0;
    }
    /// As by hand: the segment that is being written, too.
    void copy_all() {
        for (const SegmentExtent& segment : journal_->segments()) copy(segment);
    }
    [[nodiscard]] Sequence last_archived() {
        const std::vector<ArchivedRun> runs = list_archive(disk_, archive);
        EXPECT_EQ(runs.size(), 1u) << "the copies do not connect";
        return runs.empty() ? Sequence{} : runs.back().last;
    }

    int copied_ = 0;
};

/// A database that is opened again and again, and seldom written, closes segments without commits.
/// As soon as the commits before them are archived the journal may use them again.
TEST_F(ArchiveCopiesTest, AnEmptySegmentIsNotMissed) {
    open();
    commit_many(3);
    journal_->close();
    open();
    journal_->close();
    open();
    ASSERT_EQ(journal_->segments().size(), 4u);
    Archiver archiver{disk_, *journal_,
                      ArchiverOptions{.directory = archive, .timeline = identity_, .log = {}},
                      [&](Sequence archived) { journal_->recycle(archived); }};
    EXPECT_NO_THROW(archiver.finish());
    EXPECT_EQ(archiver.problem(), "");
    EXPECT_EQ(last_archived(), Sequence{3});
}

/// A copy that was made while its segment was the last may hold commits that the next opening wrote
/// into the segment after it, because nothing proved them there. Until that segment is archived it
/// is the only copy that has them.
TEST_F(ArchiveCopiesTest, ACopyIsNotReplacedByAShorterOne) {
    open();
    commit_many(3);
    copy_all();
    EXPECT_EQ(last_archived(), Sequence{3});
    die();
    open();
    copy(journal_->segments().front());
    copy(journal_->segments()[1]);
    EXPECT_EQ(last_archived(), Sequence{3});
    copy_all();
    EXPECT_EQ(last_archived(), Sequence{3});
}

/// A process died, and somebody archives what it left, only looking: the last commits are in it,
/// although nothing proves yet that they are durable. So are those that an opening has copied and
/// died.
TEST_F(ArchiveCopiesTest, WhatAKilledDatabaseHoldsIsArchivedWhole) {
    const auto look = [&] {
        die();
        journal_ =
            Journal::open(disk_, directory, identity_, {}, Journal::Mode::read_only, options_);
        copy_all();
        EXPECT_EQ(journal_->segments().back().last, last_);
        EXPECT_EQ(last_archived(), last_);
    };
    open();
    commit_many(3);
    look();
    open();
    look();
    const Mark mark = journal_->mark_of(last_);
    open({mark});
    journal_->recycle(Sequence{2});
    look();
    open({mark});
    commit();
    look();
    open({mark});
    expect_commits(Sequence{4}, mark.sequence);
}

/// On a full disk a segment is copied up to some place, again and again. In between, the room must
/// be there for others: for the database itself, if the archive is on its disk.
TEST_F(ArchiveCopiesTest, HalfACopyDoesNotKeepTheDiskFull) {
    open();
    commit_many(3);
    disk_.fail_at(2, support::Fate::disk_full);
    message_of(ErrorCode::disk_full, [&] { copy_all(); });
    EXPECT_EQ(disk_.list(archive), std::vector<std::string>{});
    copy_all();
    EXPECT_EQ(last_archived(), Sequence{3});
}

/// An opening that nothing was written after is made over by the next one, from the segment before
/// it. If it was copied meanwhile, its copy must not part what comes before it from what follows.
TEST_F(ArchiveCopiesTest, ASegmentThatWasReplacedDoesNotPartThePast) {
    open();
    commit_many(3);
    die();
    open();
    copy_all();
    die();
    open();
    ASSERT_EQ(journal_->segments().size(), 3u) << "nothing was replaced";
    commit_many(2);
    copy_all();
    EXPECT_EQ(last_archived(), Sequence{5});

    const std::string place = archive;
    journal_ =
        open_copies(disk_, {&place, 1}, {.identity = identity_, .last = last_, .marks = {}}, {})
            .journal;
    expect_commits(Sequence{5});
}

}  // namespace
}  // namespace amphora::journal
