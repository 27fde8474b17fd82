#include "journal_fixture.hpp"

namespace amphora::journal {
namespace {

/// Parts of another database, of another moment or of a copy are refused, with a message that names
/// them and says what to do.
class PiecesTest : public JournalOnDisk {
  protected:
    void expect_refused(std::vector<Mark> marks, const std::string& words) {
        const auto before = disk_.image();
        const std::string message =
            message_of(ErrorCode::foreign_piece, [&] { open(std::move(marks)); });
        EXPECT_THAT(message, ::testing::HasSubstr(words));
        EXPECT_THAT(message, ::testing::HasSubstr("put back"));
        EXPECT_EQ(disk_.image(), before);  // nothing was changed
    }
};

TEST_F(PiecesTest, AJournalOfAnotherDatabase) {
    open();
    die();
    identity_.database.bytes[5] = 99;
    expect_refused({}, "belongs to database");
}

TEST_F(PiecesTest, AJournalFromBeforeARestore) {
    open();
    die();
    identity_.timeline.bytes[5] = 99;
    expect_refused({}, "belongs to timeline");
}

TEST_F(PiecesTest, ATreeAheadOfTheJournal) {
    open();
    commit_many(3);
    const auto older = disk_.image();
    commit_many(20);
    const Mark mark = journal_->mark_of(last_);
    die();
    disk_.load(older);
    expect_refused({mark}, "the journal is older than the tree");
}

TEST_F(PiecesTest, ATreeOlderThanTheOldestCommit) {
    open();
    commit_many(60);
    const Mark mark = journal_->mark_of(Sequence{60});
    journal_->recycle(Sequence{60});
    commit();
    die();
    expect_refused({mark, Mark{}}, "the tree is older than the journal");
    open({mark});
}

/// The database was copied, and both copies were used: their commits have the same numbers and
/// epochs, and differ.
TEST_F(PiecesTest, ATreeOfACopy) {
    open();
    commit_many(3);
    die();
    const auto copied = disk_.image();
    open();
    commit_many(3);
    const Mark here = journal_->mark_of(Sequence{5});
    die();
    disk_.load(copied);
    open();
    commit_many(3);
    const Mark there = journal_->mark_of(Sequence{5});
    EXPECT_EQ(here.epoch, there.epoch);
    EXPECT_NE(here.chain, there.chain);
    die();
    expect_refused({here}, "two copies of the database");
    open({there});
}

/// The journal files of both copies are mixed.
TEST_F(PiecesTest, SegmentsOfTwoCopies) {
    open();
    commit_many(3);
    die();
    const auto copied = disk_.image();
    open();
    commit_many(3);
    die();
    const auto here = disk_.image();
    disk_.load(copied);
    open();
    commit_many(40);
    die();
    auto mixed = disk_.image();
    for (const auto& [path, bytes] : here) {
        if (!copied.contains(path)) mixed[path + ".of-the-copy.log"] = bytes;
    }
    disk_.load(mixed);
    expect_refused({}, "has number");
}

/// A segment in the middle is missing: harmless if the trees have its commits, otherwise it is
/// named.
TEST_F(PiecesTest, AMissingSegment) {
    open();
    commit_many(60);
    const Mark late = journal_->mark_of(Sequence{55});
    die();
    const auto files = segment_files();
    ASSERT_GE(files.size(), 5u);
    disk_.remove(std::string(directory) + "/" + files[2]);
    expect_refused({Mark{}}, "segments are missing");
    open({late});
    expect_commits(Sequence{60}, Sequence{55});
}

/// An empty journal folder is not taken for a new one.
TEST_F(PiecesTest, NoSegmentsAtAll) {
    for (const std::string& name : segment_files()) {
        disk_.remove(std::string(directory) + "/" + name);
    }
    message_of(ErrorCode::corrupt, [&] { open(); });
}

/// `create` starts again where it was interrupted, but never over a journal that has been used.
TEST_F(PiecesTest, CreateNeverOverwritesAUsedJournal) {
    Journal::create(disk_, directory, identity_);
    open();
    commit();
    die();
    message_of(ErrorCode::foreign_piece, [&] { Journal::create(disk_, directory, identity_); });
    open();
    expect_commits(Sequence{1});
}

/// Opening read-only changes nothing, finds everything that can be read, and takes no commits.
TEST_F(PiecesTest, ReadOnlyChangesNothing) {
    open();
    commit_many(30);
    commit(Durability::written);
    const auto before = disk_.image();
    const auto looker =
        Journal::open(disk_, directory, identity_, {}, Journal::Mode::read_only, options_);
    EXPECT_EQ(looker->recovery().last, Sequence{31});
    EXPECT_EQ(looker->mark_of(Sequence{7}), journal_->mark_of(Sequence{7}));
    Sequence expected{};
    looker->replay(Sequence{}, [&](const Entry& entry) {
        expected = next(expected);
        EXPECT_EQ(entry.sequence, expected);
        EXPECT_EQ(entry.record, record_of(expected));
    });
    EXPECT_EQ(expected, Sequence{31});
    looker->check([](const std::string& finding) { ADD_FAILURE() << finding; });
    message_of(ErrorCode::read_only, [&] { looker->reserve(1); });
    EXPECT_EQ(disk_.image(), before);
    commit();  // the writer continues
}

}  // namespace
}  // namespace amphora::journal
