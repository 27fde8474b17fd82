#include "journal/recovery/salvage.hpp"
#include "journal/segment/segment_header.hpp"
#include "journal_fixture.hpp"

#include <gmock/gmock.h>

namespace amphora::journal {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// A journal that cannot be opened any more still contains most of its commits.
class SalvageTest : public JournalOnDisk {
  protected:
    void SetUp() override {
        open();
        commit_many(40);  // in several segments
        die();
        ASSERT_GT(segment_files().size(), 3u);
    }
    [[nodiscard]] std::string segment(std::size_t place) {
        return std::string(directory) + "/" + segment_files()[place];
    }
    std::vector<std::uint64_t> replayed(const SalvagedJournal& journal, Sequence first) {
        std::vector<std::uint64_t> found;
        journal.replay(first, [&](const Entry& entry) {
            EXPECT_EQ(entry.record, record_of(entry.sequence));
            found.push_back(number(entry.sequence));
        });
        return found;
    }
};

TEST_F(SalvageTest, ASoundJournalIsReadWhole) {
    const SalvagedJournal journal{disk_, directory, identity_};
    EXPECT_EQ(journal.last(), Sequence{40});
    EXPECT_EQ(journal.begin_of_run(Sequence{40}), Sequence{1});
    EXPECT_EQ(replayed(journal, Sequence{31}).size(), 10u);
    EXPECT_THAT(journal.gaps(Sequence{}), IsEmpty());
}

/// Frames after a damaged frame are read, too, and the gap has a name. A tree that holds the
/// commits up to one after the gap must not be given those before it, because the gap may have
/// overwritten them.
TEST_F(SalvageTest, AGapParts) {
    disk_.damage(segment(1), header_bytes + 2 * block_bytes + 100, "damage");
    const SalvagedJournal journal{disk_, directory, identity_};
    const Sequence first = journal.begin_of_run(Sequence{40});
    const Sequence lost{number(first) - 1};
    EXPECT_GT(lost, Sequence{1});
    EXPECT_EQ(journal.begin_of_run(Sequence{number(lost) - 1}), Sequence{1});
    EXPECT_EQ(journal.begin_of_run(lost), first) << "the lost one itself has no run";
    EXPECT_THAT(journal.gaps(Sequence{}), ElementsAre(HasSubstr(std::to_string(number(lost)))));
    EXPECT_EQ(replayed(journal, Sequence{1}).size(), 39u);
}

/// Both copies of a header are lost: the segment is identified by its frames.
TEST_F(SalvageTest, FramesSpeakForTheirSegment) {
    disk_.damage(segment(1), 0, Buffer(header_bytes, 'd'));
    const SalvagedJournal journal{disk_, directory, identity_};
    EXPECT_EQ(replayed(journal, Sequence{1}).size(), 40u);
}

/// The frame of the last commit is gone without a trace, and the mark after it is not: the commit is
/// known to have existed.
TEST_F(SalvageTest, AMarkProvesTheCommitBeforeIt) {
    open();
    const Sequence last = commit();
    journal_->run_background();  // writes the mark
    die();
    const std::string words = "commit " + std::to_string(number(last)) + " ";
    std::size_t damaged = 0;
    for (const std::string& name : segment_files()) {
        const std::string path = std::string(directory) + "/" + name;
        const std::size_t at = disk_.content(path).find(words);
        if (at == std::string::npos) continue;
        disk_.damage(path, at / block_bytes * block_bytes, Buffer(block_bytes, '\0'));
        ++damaged;
    }
    ASSERT_EQ(damaged, 1u);
    const SalvagedJournal journal{disk_, directory, identity_};
    EXPECT_EQ(journal.last(), Sequence{number(last) - 1});
    EXPECT_EQ(journal.last_known(), last);
}

/// Frames that an opening cut, and whose sequences were used again, are not salvaged.
TEST_F(SalvageTest, WhatWasCutStaysCut) {
    open();
    append(Durability::buffered);
    journal_->run_background();
    die();
    open();
    commit_many(3);
    die();
    const SalvagedJournal journal{disk_, directory, identity_};
    EXPECT_EQ(journal.last(), last_);
    EXPECT_EQ(replayed(journal, Sequence{1}).size(), number(last_));
}

}  // namespace
}  // namespace amphora::journal
