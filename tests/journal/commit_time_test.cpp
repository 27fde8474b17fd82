// The times of commits, and restores to a time, when the clock is wrong or is set.

#include "base/clock.hpp"
#include "journal/archive/copied_chain.hpp"
#include "journal/archive/segment_copy.hpp"
#include "journal/live/commit_clock.hpp"
#include "journal/segment/segment_header.hpp"
#include "journal_fixture.hpp"

namespace amphora::journal {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr std::int64_t second = 1'000'000;
constexpr std::int64_t hour = 3'600 * second;
constexpr std::int64_t day = 24 * hour;
constexpr std::int64_t year_2026 = 56 * 365 * day;
constexpr std::int64_t year_2300 = 330 * 365 * day;

/// A wall clock that a test sets, and an uptime that advances as it should.
struct SetClock final : Clock {
    std::int64_t wall_us = year_2026;
    std::int64_t up_us = day;
    std::int64_t now_us() const noexcept override { return wall_us; }
    std::int64_t steady_ms() const noexcept override { return 0; }
    std::int64_t uptime_ms() const noexcept override { return up_us / 1000; }
    void pass(std::int64_t us) {
        wall_us += us;
        up_us += us;
    }
};

class CommitTimeTest : public JournalOnDisk {
  protected:
    static constexpr const char* archive = "archive";

    CommitTimeTest() { make_archive(disk_, archive); }

    Sequence commit_at(std::int64_t wall_us) {
        clock_.wall_us = wall_us;
        return commit();
    }
    std::vector<std::int64_t> times(Sequence after = {}) {
        std::vector<std::int64_t> found;
        for (const Entry& entry : entries(after)) found.push_back(entry.time_us);
        return found;
    }
    void close_and_open() {
        journal_->close();
        open();
    }
    void archive_all() {
        for (const SegmentExtent& segment : journal_->segments()) {
            copy_segment(disk_, segment, archive, [](std::uint64_t) {});
        }
    }
    Sequence restored_to(std::int64_t time_us) {
        const std::string place = archive;
        const CopiedChain past =
            open_copies(disk_, {&place, 1}, {.identity = identity_, .last = {}, .marks = {}},
                        {.sequence = std::nullopt, .time_us = time_us});
        Sequence last{};
        past.journal->replay(Sequence{}, [&](const Entry& entry) {
            EXPECT_EQ(entry.sequence, next(last));
            last = entry.sequence;
        });
        EXPECT_EQ(past.successor.prior.sequence, last);
        return last;
    }
    [[nodiscard]] std::vector<std::string> lines_of_the_clock() const {
        std::vector<std::string> lines;
        for (const std::string& line : log_) {
            if (line.starts_with("clock:")) lines.push_back(line);
        }
        return lines;
    }

    SetClock clock_;
    const ClockInUse in_use_{clock_};
};

/// The wall clock is set back during the day. Commit times stay the same until the clock has caught
/// up; while the journal is open they never decrease. The next opening begins with the clock.
TEST_F(CommitTimeTest, NeverFallsWhileOpenAndComesBackToTheClock) {
    open();
    commit_at(10 * second);
    commit_at(4 * second);
    close_and_open();
    commit_at(3 * second);
    commit_at(2 * second);
    commit_at(20 * second);
    const std::vector<std::int64_t> expected{10 * second, 10 * second, 3 * second, 3 * second,
                                             20 * second};
    EXPECT_EQ(times(), expected);
    die();
    open();
    EXPECT_EQ(times(), expected);
    EXPECT_TRUE(findings().empty());
}

/// One run of the program had a clock in the year 2300. Restores to times before and after it end
/// at the right commit.
TEST_F(CommitTimeTest, OneRunInTheFutureSpoilsNoRestore) {
    open();
    for (int i = 0; i < 20; ++i) commit_at(year_2026 + i * second);
    close_and_open();
    for (int i = 0; i < 20; ++i) commit_at(year_2300 + i * second);
    close_and_open();
    for (int i = 0; i < 40; ++i) commit_at(year_2026 + day + i * second);
    archive_all();
    EXPECT_EQ(restored_to(year_2026 - second), Sequence{0});
    EXPECT_EQ(restored_to(year_2026 + 4 * second), Sequence{5});
    EXPECT_EQ(restored_to(year_2026 + hour), Sequence{20});
    EXPECT_EQ(restored_to(year_2026 + day), Sequence{41});
    EXPECT_EQ(restored_to(year_2026 + day + 30 * second + 1), Sequence{71});
    EXPECT_EQ(restored_to(year_2300 + day), Sequence{80});
}

/// The clock was set back between two openings, so a moment is in both: the later one counts, and
/// keeps all of the earlier. Commits of one time are taken together.
TEST_F(CommitTimeTest, AMomentThatLiesInTwoOpeningsIsTheLaterOne) {
    open();
    for (int i = 0; i < 10; ++i) commit_at(year_2026 + i * second);
    close_and_open();
    for (int i = 0; i < 20; ++i) commit_at(year_2026 + 5 * second + i / 2 * second);
    archive_all();
    EXPECT_EQ(restored_to(year_2026 + 4 * second), Sequence{5});
    EXPECT_EQ(restored_to(year_2026 + 5 * second), Sequence{12});
    EXPECT_EQ(restored_to(year_2026 + 8 * second), Sequence{18});
}

/// Damage after the moment does not prevent a restore to it. Damage that may hide a commit made by
/// then does.
TEST_F(CommitTimeTest, DamageCountsWhereItMayHideACommit) {
    options_.segment_bytes = 128u << 10;
    open();
    for (int i = 0; i < 60; ++i) commit_at(year_2026 + i * second);
    archive_all();
    const auto copies = disk_.list(archive);
    ASSERT_GT(copies.size(), 3u);
    const std::string path = std::string(archive) + "/" + copies[2];
    const auto header = decode_header(disk_.content(path).substr(0, header_bytes), path);
    ASSERT_TRUE(header);
    const std::uint64_t before = number(header->prior.sequence);
    disk_.damage(path, header_bytes + 2 * block_bytes + 100, "damage");  // in its third commit
    const auto restored_to_commit = [&](std::uint64_t commit) {
        return restored_to(year_2026 + (static_cast<std::int64_t>(commit) - 1) * second);
    };
    EXPECT_EQ(restored_to_commit(before - 1), Sequence{before - 1});
    EXPECT_EQ(restored_to_commit(before + 1), Sequence{before + 1});
    message_of(ErrorCode::corrupt, [&] { restored_to_commit(before + 2); });
    message_of(ErrorCode::corrupt, [&] { restored_to_commit(before + 3); });
    disk_.remove(path);
    EXPECT_EQ(restored_to_commit(before - 1), Sequence{before - 1});
    message_of(ErrorCode::foreign_piece, [&] { restored_to_commit(before + 1); });
}

/// A jump of the clock is reported once, in either direction. A small correction, or a machine that
/// slept, is not reported.
TEST_F(CommitTimeTest, AJumpIsToldOnce) {
    open();
    commit();
    clock_.pass(10 * day);
    commit();
    clock_.wall_us += hour - second;
    commit();
    EXPECT_THAT(lines_of_the_clock(), IsEmpty());
    clock_.wall_us += 2 * hour;
    commit();
    commit();
    EXPECT_THAT(lines_of_the_clock(), ElementsAre(HasSubstr("was set from")));
    clock_.wall_us -= 3 * hour;
    commit();
    clock_.pass(second);
    commit();
    EXPECT_THAT(lines_of_the_clock(),
                ElementsAre(HasSubstr("do not fall before"), HasSubstr("keep the last time")));
}

/// At opening the clock can only be compared with the last commit.
TEST_F(CommitTimeTest, AnOpeningTellsAClockThatIsBehindItsCommits) {
    open();
    commit_at(year_2300);
    log_.clear();
    clock_.wall_us = year_2300 - hour;
    close_and_open();
    clock_.wall_us = year_2300 + 300 * day;
    close_and_open();
    EXPECT_THAT(lines_of_the_clock(), IsEmpty());
    clock_.wall_us = year_2026;
    close_and_open();
    EXPECT_THAT(lines_of_the_clock(),
                ElementsAre(AllOf(HasSubstr("it is 2025-12-"), HasSubstr("was set back"))));
    commit();
    log_.clear();
    clock_.wall_us = year_2300;
    close_and_open();
    EXPECT_THAT(lines_of_the_clock(), ElementsAre(HasSubstr("more than a year")));
}

}  // namespace
}  // namespace amphora::journal
