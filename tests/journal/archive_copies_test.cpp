// Copies of segments in an archive. A copy stays in the archive, and the copies together give the
// one history that there was.

#include "journal/archive/archive.hpp"
#include "journal/archive/archiver.hpp"
#include "journal/archive/copied_chain.hpp"
#include "journal/archive/segment_catalog.hpp"
#include "journal/archive/segment_copy.hpp"
#include "journal/journal_fixture.hpp"

#include <fmt/format.h>

namespace amphora::journal {
namespace {

class ArchiveCopiesTest : public JournalOnDisk {
  protected:
    static constexpr const char* archive = "archive";

    ArchiveCopiesTest() { make_archive(disk_, archive); }

    void copy(const SegmentExtent& segment) {
        copied_ += copy_segment(disk_, segment, archive, [](std::uint64_t) {}) ? 1 : 0;
    }
    /// Like a copy by hand: includes the segment that is being written.
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

/// A database that is opened often and seldom written closes segments without commits. When the
/// commits before them are archived, the journal may reuse these segments.
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

/// A process died, and its journal is archived read-only. The archive has the last commits,
/// although nothing proves yet that they are durable. It also has commits that an opening copied
/// before it died.
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

/// On a full disk the copying of a segment fails at some byte, again and again. Between the
/// attempts the room must be free for others, such as the database itself if the archive is on its
/// disk.
TEST_F(ArchiveCopiesTest, HalfACopyDoesNotKeepTheDiskFull) {
    open();
    commit_many(3);
    disk_.fail_at(2, support::Fate::disk_full);
    message_of(ErrorCode::disk_full, [&] { copy_all(); });
    EXPECT_EQ(disk_.list(archive), std::vector<std::string>{});
    copy_all();
    EXPECT_EQ(last_archived(), Sequence{3});
}

/// A feed begins with the catalog that belongs to a segment. The power fails at any call.
TEST_F(ArchiveCopiesTest, NoCopyIsWithoutItsCatalog) {
    open();
    commit_many(3);
    const ArchivedCatalogs catalogs{
        .ancestors = {{make_uuid(), Sequence{0}, Ancestor::End::restored}},
        .as_of = [](Sequence commit) { return Buffer(5000, static_cast<char>(number(commit))); }};
    const SegmentExtent segment = journal_->segments().front();
    bool is_whole = false;
    for (std::uint64_t change = 1; !is_whole; ++change) {
        const std::string place = fmt::format("archive-{}", change);
        make_archive(disk_, place);
        const auto copy_it = [&] {
            copy_segment(
                disk_, segment, place, [](std::uint64_t) {}, &catalogs);
        };
        const auto expect_catalogs = [&](std::size_t least) {
            const std::vector<SegmentCopy> copies = find_copies(disk_, {&place, 1}, identity_);
            EXPECT_GE(copies.size(), least);
            for (const SegmentCopy& copy : copies) {
                const SegmentCatalog found = read_segment_catalog(disk_, copy);
                EXPECT_EQ(found.catalog, catalogs.as_of(segment.prior));
                EXPECT_EQ(found.ancestors, catalogs.ancestors);
            }
        };
        disk_.fail_at(change, support::Fate::power_cut);
        try {
            copy_it();
            disk_.plan_nothing();
            is_whole = true;
        } catch (const Error&) {
            disk_.restart();
        }
        expect_catalogs(0);
        copy_it();
        expect_catalogs(1);
    }
}

/// If nothing is written after an opening, the next opening replaces its segment, beginning from
/// the same segment before it. If the replaced segment was already copied, its copy must not
/// separate the earlier commits from the later ones.
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
