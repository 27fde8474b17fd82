#include "journal/segment/segment_header.hpp"
#include "journal_fixture.hpp"
#include "support/random.hpp"

#include <chrono>

namespace amphora::journal {
namespace {

/// Bits flip. Everything with proof of durability is either read unchanged or reported as corrupt,
/// with file and offset. Only an unproven tail may be cut, and the cut is reported.
class DamageTest : public JournalOnDisk {
  protected:
    void flip(const std::string& path, std::uint64_t offset, int bit) {
        Buffer byte = disk_.content(path).substr(offset, 1);
        byte[0] = static_cast<char>(byte[0] ^ (1 << bit));
        disk_.damage(path, offset, byte);
    }
    [[nodiscard]] std::string newest() {
        std::string path;
        std::uint64_t highest = 0;
        for (const auto& [name, bytes] : disk_.image()) {
            if (const auto header = decode_header(Bytes(bytes).substr(0, header_bytes), name);
                header && header->number > highest) {
                highest = header->number;
                path = name;
            }
        }
        return path;
    }
};

/// Any single bit in the segments of a closed journal is flipped. Either all commits are read, or
/// the damage is named: never fewer commits, never others.
TEST_F(DamageTest, NoFlippedBitLosesAProvenCommit) {
    support::Random random;
    open();
    commit_many(25);
    for (int i = 0; i < 10; ++i) append(Durability::buffered, 900);
    journal_->await_durable(last_);
    journal_->close();
    die();
    const auto intact = disk_.image();
    const Sequence last = last_;
    std::uint64_t named = 0, unharmed = 0;
    const auto end =
        std::chrono::steady_clock::now() + std::chrono::seconds(2 * support::test_scale());
    while (std::chrono::steady_clock::now() < end &&
           named + unharmed < 3000 * support::test_scale()) {
        const auto& [path, bytes] =
            *std::next(intact.begin(), static_cast<long>(random() % intact.size()));
        const std::uint64_t at = random() % bytes.size();
        disk_.load(intact);
        flip(path, at, static_cast<int>(random() % 8));
        try {
            open();
            ASSERT_EQ(journal_->recovery().last, last)
                << path << " offset " << at << ", " << random.seed_text();
            expect_commits(last);
            ++unharmed;
        } catch (const Error& error) {
            ASSERT_EQ(error.code(), ErrorCode::corrupt) << error.what();
            ASSERT_THAT(error.what(), ::testing::HasSubstr("journal/00000"));
            ASSERT_THAT(error.what(), ::testing::HasSubstr("offset "));
            ++named;
        }
        journal_.reset();
    }
    EXPECT_GT(named, 0u);
    EXPECT_GT(unharmed, 0u);
}

/// The disk exchanges two blocks: that of the last commit, which nothing proves yet, and an unused
/// one after it. The commit verifies and links to the one before it, so it is no unfinished write.
TEST_F(DamageTest, AMovedFrameIsNoTornTail) {
    open();
    commit_many(5);
    die();
    const std::string path = newest();
    const std::uint64_t last = header_bytes + 4 * block_bytes;
    const Buffer frame = disk_.content(path).substr(last, block_bytes);
    disk_.damage(path, last, Buffer(block_bytes, '\0'));
    disk_.damage(path, last + 3 * block_bytes, frame);
    const std::string message = message_of(ErrorCode::corrupt, [&] { open(); });
    EXPECT_THAT(message, ::testing::HasSubstr("the frame after commit 4"));
    EXPECT_THAT(message, ::testing::HasSubstr(std::to_string(last + 3 * block_bytes)));
}

/// The last commit before a crash was torn: it is cut, and the cut is reported. The commit before
/// it is not proven any more, but it is complete and stays.
TEST_F(DamageTest, ATornTailIsCutAndReported) {
    open();
    commit_many(5);
    die();
    const std::string path = newest();
    flip(path, header_bytes + 4 * block_bytes + 200, 3);
    open();
    EXPECT_EQ(journal_->recovery().last, Sequence{4});
    EXPECT_GT(journal_->recovery().bytes_cut, 400u);
    EXPECT_THAT(journal_->recovery().cut_place,
                ::testing::MatchesRegex("journal/00000.\\.log, offset [0-9]+"));
    expect_commits(Sequence{4});
}

/// The same damage, but a later frame, an idle mark or a tree says that the commit was durable.
TEST_F(DamageTest, ProofTurnsATornTailIntoDamage) {
    open();
    commit_many(5);
    const Mark mark = journal_->mark_of(Sequence{5});
    die();
    const std::string path = newest();
    const auto intact = disk_.image();
    const std::uint64_t fourth = header_bytes + 3 * block_bytes + 200;
    flip(path, fourth, 3);
    EXPECT_THAT(message_of(ErrorCode::corrupt, [&] { open(); }),
                ::testing::HasSubstr("last good commit is 3"));

    disk_.load(intact);
    flip(path, fourth + block_bytes, 3);
    EXPECT_THAT(message_of(ErrorCode::corrupt, [&] { open({mark}); }),
                ::testing::HasSubstr("last good commit is 4"));

    disk_.load(intact);
    open();
    commit();
    journal_->run_background();  // an idle mark
    die();
    flip(newest(), header_bytes + block_bytes + 100, 0);
    message_of(ErrorCode::corrupt, [&] { open(); });
}

/// A file that has lost its end, and with it whole frames, has nothing after them that could prove
/// that they were durable. But it is shorter than it was made.
TEST_F(DamageTest, ALostEndIsNotATornTail) {
    open();
    commit_many(5);
    die();
    const std::string path = newest();
    auto image = disk_.image();
    for (const std::uint64_t bytes :
         {image.at(path).size() - 1, header_bytes + 2 * block_bytes, header_bytes}) {
        image.at(path).resize(bytes);
        disk_.load(image);
        EXPECT_THAT(message_of(ErrorCode::corrupt, [&] { open(); }),
                    ::testing::AllOf(::testing::HasSubstr("its end is missing"),
                                     ::testing::HasSubstr("offset " + std::to_string(bytes))));
    }
}

/// If one of the two copies of a header is unreadable, the other is used. If both are, the segment
/// is named and not forgotten, although nothing links to the newest one.
TEST_F(DamageTest, AHeaderIsKeptTwice) {
    open();
    commit_many(5);
    die();
    const std::string path = newest();
    const auto intact = disk_.image();
    disk_.damage(path, 0, Buffer(block_bytes, 'd'));
    open();
    expect_commits(Sequence{5});
    journal_.reset();
    disk_.load(intact);
    disk_.damage(path, 0, Buffer(header_bytes, 'd'));
    EXPECT_THAT(message_of(ErrorCode::corrupt, [&] { open(); }),
                ::testing::HasSubstr("header of the newest segment"));
}

/// A segment of a later version of the library is refused by name and not changed.
TEST_F(DamageTest, ALaterFormatIsNamed) {
    open();
    die();
    const std::string path = newest();
    SegmentHeader header = *decode_header(disk_.content(path).substr(0, header_bytes), path);
    disk_.damage(path, 0, encode(header, format_newest + 1));
    message_of(ErrorCode::newer_format, [&] { open(); });
}

/// `check` reads everything again while the journal is open, and names what was damaged since.
TEST_F(DamageTest, CheckFindsWhatRotsMeanwhile) {
    open();
    commit_many(40);
    EXPECT_TRUE(findings().empty());
    flip(std::string(directory) + "/" + segment_files()[1], header_bytes + 2 * block_bytes + 50, 1);
    ASSERT_EQ(findings().size(), 1u);
    EXPECT_THAT(findings()[0], ::testing::HasSubstr("offset"));
    flip(newest(), 100, 1);
    flip(newest(), block_bytes + 100, 1);
    EXPECT_EQ(findings().size(), 2u);
}

}  // namespace
}  // namespace amphora::journal
