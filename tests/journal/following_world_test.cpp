#include "interrupted_files.hpp"
#include "journal/following/followed_journal.hpp"
#include "journal/following/overtaken.hpp"
#include "journal/journal_cursor.hpp"
#include "support/lossy_disk.hpp"
#include "support/random.hpp"

#include <amphora/error.hpp>

#include <gtest/gtest.h>

#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace amphora::journal {
namespace {

/// An owner that commits, recycles, dies and opens again, and a follower that reads its files. The
/// owner acts inside the follower's calls: before each call to the file system, and in the middle
/// of each reading. So every order of their steps occurs, in one thread, from one seed.
class Owner {
  public:
    Owner(support::LossyDisk& disk, support::Random& random) : disk_{disk}, random_{random} {
        identity.database.bytes[0] = 3;
        disk_.make_directory(directory);
        Journal::create(disk_, directory, identity);
        open();
    }

    static constexpr const char* directory = "db/journal";

    void act() {
        switch (random_() % 12) {
            case 0:
                return deliver();
            case 1:
                journal_->recycle(mark.sequence);
                return;
            case 2:
                journal_->run_background();
                return;
            case 3:
                if (random_.once_in(6)) end();
                return;
            default:
                return commit();
        }
    }

    /// What its LIVE page says: an observer reads the epoch before and after everything else.
    [[nodiscard]] Epoch epoch() const { return journal_->recovery().epoch; }
    [[nodiscard]] Sequence visible() const { return journal_->visible(); }
    /// Of the commits up to `visible`, the last one that is in the files.
    [[nodiscard]] Sequence written_up_to(Sequence visible) const {
        while (visible > floor_ && durabilities_[number(visible) - 1] == Durability::buffered) {
            visible = Sequence{number(visible) - 1};
        }
        return visible;
    }
    /// None: there is no such commit.
    [[nodiscard]] std::optional<Buffer> record(Sequence sequence) const {
        if (number(sequence) > history_.size()) return std::nullopt;
        return history_[number(sequence) - 1];
    }

    Identity identity;
    Mark mark;  ///< of the older tree
    std::uint64_t openings = 0;
    std::uint64_t commits = 0;

  private:
    void open() {
        for (;;) {
            if (random_.once_in(3)) disk_.fail_at(1 + random_() % 14, support::Fate::kill);
            try {
                journal_ = Journal::open(disk_, directory, identity, std::vector{mark},
                                         Journal::Mode::read_write,
                                         {.segment_bytes = 64u << 10,
                                          .first_segment_bytes = 32u << 10,
                                          .reserve_bytes = 0,
                                          .background = Background::manual});
                disk_.plan_nothing();
                if (!disk_.stopped()) break;
                journal_.reset();  // killed after everything that must not fail
            } catch (const Error&) {
                if (!disk_.stopped()) throw;
            }
            disk_.restart();
        }
        ++openings;
        const Sequence last = journal_->recovery().last;
        ASSERT_GE(last, floor_);
        history_.resize(number(last));
        durabilities_.resize(number(last));
        floor_ = last;
    }
    /// Of the process, in an orderly way or not; the page cache stays.
    void end() {
        if (random_.once_in(3)) journal_->close();
        journal_.reset();
        open();
    }
    void commit() {
        for (std::uint64_t i = 1 + random_() % 4; i > 0; --i) {
            const Sequence sequence{history_.size() + 1};
            Buffer record = std::to_string(random_());
            record.resize(record.size() + random_() % (random_.once_in(10) ? 20'000 : 600), 'x');
            const auto durability = static_cast<Durability>(random_() % 3);
            journal_->reserve(record.size());
            history_.push_back(record);
            durabilities_.push_back(durability);
            journal_->append(sequence, durability, std::move(record));
            ++commits;
        }
        if (!random_.once_in(4)) journal_->await_visible(Sequence{history_.size()});
    }
    void deliver() {
        const std::uint64_t lag = number(journal_->durable()) - number(mark.sequence);
        if (lag == 0) return;
        mark = journal_->mark_of(Sequence{number(mark.sequence) + 1 + random_() % lag});
    }

    support::LossyDisk& disk_;
    support::Random& random_;
    std::unique_ptr<Journal> journal_;
    std::vector<Buffer> history_;  ///< by sequence, from 1
    std::vector<Durability> durabilities_;
    Sequence floor_{};  ///< what the last opening found
};

class FollowingWorldTest : public ::testing::Test {
  protected:
    void expect_true(const Entry& entry, Sequence expected, Sequence limit) {
        ASSERT_EQ(entry.sequence, expected);
        ASSERT_LE(entry.sequence, limit) << "not visible yet";
        const auto truth = owner_->record(entry.sequence);
        ASSERT_TRUE(truth.has_value()) << "commit " << number(expected) << " does not exist";
        ASSERT_EQ(entry.record, *truth) << "commit " << number(expected) << " is another one";
        ++entries_;
    }
    void expect_all(Sequence reached, Sequence limit, Sequence written) {
        ASSERT_LE(reached, limit);
        ASSERT_GE(reached, written) << "commits are missing that were in the files";
    }

    /// One look, as an observer makes it.
    void look() {
        const Epoch epoch = owner_->epoch();
        const Mark mark = owner_->mark;
        const Sequence limit = owner_->visible();
        const Sequence written = owner_->written_up_to(limit);
        const auto journal =
            FollowedJournal::open(files_, Owner::directory, owner_->identity, mark, limit);
        if (journal->recovery().epoch != epoch) return;  // opened again meanwhile
        expect_all(journal->visible(), limit, written);
        Sequence expected = mark.sequence;
        journal->replay(mark.sequence, [&](const Entry& entry) {
            expected = next(expected);
            expect_true(entry, expected, limit);
        });
        ASSERT_EQ(expected, journal->visible());
        ++looks_;
        const auto cursor = journal->cursor();
        if (cursor->seek(expected) != JournalCursor::Seek::found) return;
        for (std::uint64_t steps = random_() % 12; steps > 0 && !HasFatalFailure(); --steps) {
            refresh(*journal, *cursor);
        }
    }
    void refresh(FollowedJournal& journal, JournalCursor& cursor) {
        if (random_.once_in(4)) owner_->act();
        const Sequence limit = owner_->visible();
        const Sequence written = owner_->written_up_to(limit);
        std::vector<Buffer> records;
        const Sequence before = journal.visible();
        Sequence expected = before;
        const Sequence reached = journal.advance(limit, [&](const Entry& entry) {
            expected = next(expected);
            ASSERT_EQ(entry.sequence, expected);
            records.emplace_back(entry.record);
        });
        for (std::size_t i = 0; i < records.size(); ++i) {
            const Sequence sequence{number(before) + 1 + i};
            expect_true({.sequence = sequence, .record = records[i]}, sequence, limit);
        }
        // Also where the owner has been opened again: then it has kept exactly these commits.
        if (limit > before) expect_all(reached, limit, written);
        ++refreshes_;
        if (random_.once_in(2)) return;
        for (Sequence at = cursor.position(); const auto entry = cursor.next();) {
            at = next(at);
            expect_true(*entry, at, reached);
        }
        ASSERT_EQ(cursor.position(), reached);
    }

    void interrupt() {
        if (!acts_ || !random_.once_in(rate_)) return;
        for (auto left = random_() % 8; left > 0; --left) owner_->act();
    }

    support::Random random_;
    support::LossyDisk disk_{random_()};
    std::optional<Owner> owner_;
    std::uint64_t rate_ = 1;
    bool acts_ = false;
    InterruptedFiles files_{
        disk_, [this] { interrupt(); },
        [this](std::size_t bytes) { return acts_ ? random_() % (bytes + 1) : bytes; }};
    std::uint64_t looks_ = 0, refreshes_ = 0, overtaken_ = 0, entries_ = 0;
};

/// Each commit that a follower gives is the one that was committed, none is after the limit, and
/// all that were written before the limit was read are there; or else it says that it was overtaken.
TEST_F(FollowingWorldTest, GivesWhatWasCommittedOrSaysThatItWasOvertaken) {
    for (std::uint64_t world = 0; world < 12 * support::test_scale(); ++world) {
        owner_.reset();
        disk_.load({});
        owner_.emplace(disk_, random_);
        rate_ = 1 + random_() % 60;
        for (int i = 0; i < 60 && !HasFatalFailure(); ++i) {
            for (auto j = random_() % 10; j > 0; --j) owner_->act();
            acts_ = true;
            try {
                look();
            } catch (const Overtaken&) {
                ++overtaken_;
            }
            acts_ = false;
        }
        if (HasFailure()) {
            ADD_FAILURE() << random_.seed_text();
            return;
        }
    }
    std::printf("looks %zu, refreshes %zu, overtaken %zu, commits read %zu\n", looks_, refreshes_,
                overtaken_, entries_);
    EXPECT_GT(looks_, 50u);
    EXPECT_GT(refreshes_, 100u);
    EXPECT_GT(overtaken_, 20u);
}

}  // namespace
}  // namespace amphora::journal
