#include "journal/journal_cursor.hpp"
#include "journal/segment/segment_header.hpp"
#include "journal_fixture.hpp"

#include <gmock/gmock.h>

#include <chrono>
#include <deque>
#include <thread>

namespace amphora::journal {
namespace {

using More = JournalCursor::More;
using Seek = JournalCursor::Seek;
using support::Fate;

constexpr std::chrono::milliseconds no_time{0};
constexpr std::chrono::milliseconds long_enough{30'000};

/// A reader follows the journal, as the change feed does.
class CursorTest : public JournalOnDisk {
  protected:
    /// What the outbox does: recycles now, and again when a cursor has released a segment.
    void recycle(Sequence sequence) {
        recycled_ = sequence;
        journal_->recycle(sequence);
    }
    void recycle_when_released() {
        journal_->on_hold_released([this] { journal_->recycle(recycled_); });
    }
    /// Reads all that is given now, and compares it with what was committed. Returns the last.
    Sequence read_all(JournalCursor& cursor) {
        while (const auto entry = cursor.next()) {
            EXPECT_EQ(entry->sequence, cursor.position());
            EXPECT_EQ(entry->record, record_of(entry->sequence, entry->record.size()));
            EXPECT_LE(entry->sequence, journal_->durable());
        }
        return cursor.position();
    }
    /// Reads one commit that must be there.
    static Sequence read_one(JournalCursor& cursor) {
        const auto entry = cursor.next();
        EXPECT_TRUE(entry.has_value());
        return entry ? entry->sequence : Sequence{};
    }
    /// A journal of this many closed segments, and some commits in the one that is written.
    void fill_segments(std::uint64_t segments) {
        while (journal_->statistics().segments_live <= segments) commit(Durability::synced, 4000);
        commit(Durability::synced, 4000);
    }
    std::uint64_t segments_live() { return journal_->statistics().segments_live; }

    Sequence recycled_{};
};

/// At any moment a reader may begin at any commit. Each gets exactly the commits after it, in
/// order, with the epoch, the time and the chain value that the journal has for them, over segments
/// of several openings; and what is committed later, too.
TEST_F(CursorTest, GivesEveryCommitAfterItsPositionInOrder) {
    for (int opening = 0; opening < 3; ++opening) {
        open();
        for (int i = 0; i < 30; ++i) commit(Durability::synced, 1500);
    }
    ASSERT_GT(segments_live(), 4u);
    std::vector<std::unique_ptr<JournalCursor>> cursors;
    for (std::uint64_t after = 0; after <= number(last_); ++after) {
        cursors.push_back(journal_->cursor());
        ASSERT_EQ(cursors.back()->seek(Sequence{after}), Seek::found);
        EXPECT_EQ(cursors.back()->position(), Sequence{after});
    }
    Epoch epoch{};
    std::int64_t time_us = 0;
    while (const auto entry = cursors.front()->next()) {
        EXPECT_GE(entry->epoch, epoch);
        if (entry->epoch == epoch) {
            EXPECT_GE(entry->time_us, time_us);
        }
        EXPECT_EQ(entry->chain, journal_->mark_of(entry->sequence).chain);
        EXPECT_EQ(entry->epoch, journal_->mark_of(entry->sequence).epoch);
        epoch = entry->epoch;
        time_us = entry->time_us;
    }
    EXPECT_EQ(epoch, journal_->recovery().epoch);
    for (int i = 0; i < 30; ++i) commit(Durability::synced, 1500);
    for (std::uint64_t after = 0; after < cursors.size(); ++after) {
        if (after != 0 && after + 1 != cursors.size()) {
            EXPECT_EQ(read_one(*cursors[after]), Sequence{after + 1});
        }
        EXPECT_EQ(read_all(*cursors[after]), last_) << after;
    }
}

/// The disk may lose what is written and not synced. So may what a reader tells others about, and
/// therefore it gets nothing of it, although other transactions see it.
TEST_F(CursorTest, NeverGivesWhatIsOnlyWritten) {
    open();
    const auto cursor = journal_->cursor();
    commit();
    const Sequence synced = last_;
    commit(Durability::written);
    append(Durability::buffered);
    journal_->await_visible(last_);
    EXPECT_EQ(journal_->visible(), last_);
    EXPECT_EQ(read_all(*cursor), synced);
    EXPECT_EQ(cursor->await(Deadline{no_time}), More::not_yet);
    EXPECT_EQ(cursor->seek(last_), Seek::not_durable);
    EXPECT_EQ(cursor->position(), synced);

    journal_->run_background();
    EXPECT_EQ(cursor->await(Deadline{no_time}), More::now);
    EXPECT_EQ(read_all(*cursor), last_);

    // With an earlier commit still to be read, the frame after it is not given either.
    commit();
    const Sequence before = last_;
    commit(Durability::written);
    EXPECT_EQ(read_one(*cursor), before);
    EXPECT_FALSE(cursor->next().has_value());
}

/// A frame whose sync failed may be on the disk or not, and the pages look clean. Readers end with
/// what was durable before it, and are told that nothing more will come.
TEST_F(CursorTest, GivesNothingOfAFailedSync) {
    open();
    commit_many(3);
    const Sequence durable = last_;
    const auto cursor = journal_->cursor();
    disk_.fail_at(2, Fate::sync_error);  // after the write
    message_of(ErrorCode::outcome_unknown, [&] { commit(); });
    EXPECT_EQ(cursor->await(Deadline{no_time}), More::now);
    EXPECT_EQ(read_all(*cursor), durable);
    EXPECT_EQ(cursor->await(Deadline{long_enough}), More::never);
    EXPECT_EQ(read_all(*cursor), durable);
}

/// Both stores hold everything, and the outbox recycles. What a slow reader has not read stays,
/// until it has read it or ends. The journal says how much that is.
TEST_F(CursorTest, HoldsWhatItHasNotRead) {
    open();
    recycle_when_released();
    fill_segments(6);
    const std::uint64_t before = segments_live();
    auto slow = journal_->cursor();
    auto quick = journal_->cursor();
    ASSERT_EQ(read_all(*quick), last_);
    EXPECT_EQ(journal_->statistics().bytes.for_feeds, 0u) << "the trees need them";

    recycle(last_);
    EXPECT_EQ(segments_live(), before);
    const JournalStatistics held = journal_->statistics();
    ASSERT_EQ(held.feeds.size(), 2u);
    EXPECT_EQ(held.feeds[0].after, Sequence{});
    EXPECT_EQ(held.feeds[0].commits, number(last_));
    EXPECT_GE(held.feeds[0].bytes, held.bytes.for_feeds);
    EXPECT_EQ(held.bytes.for_feeds, journal_->bytes_closed());
    EXPECT_GT(held.bytes.for_feeds, 0u);
    EXPECT_EQ(held.recycled, Sequence{});

    // It moves on, and gives up one segment after the other.
    std::uint64_t live = before;
    while (const auto entry = slow->next()) {
        EXPECT_EQ(entry->record, record_of(entry->sequence, 4000));
        EXPECT_EQ(journal_->statistics().feeds.at(0).after, entry->sequence);
        EXPECT_LE(segments_live(), live);
        EXPECT_LE(journal_->statistics().recycled, slow->position());
        live = segments_live();
    }
    EXPECT_EQ(slow->position(), last_);
    EXPECT_EQ(segments_live(), 1u);
    EXPECT_EQ(journal_->bytes_for_feeds(), 0u);

    // Its end has the same effect, and so has a move to a later commit.
    fill_segments(3);
    recycle(last_);
    EXPECT_GE(segments_live(), 4u);
    ASSERT_EQ(quick->seek(last_), Seek::found);
    EXPECT_GE(segments_live(), 4u);
    slow.reset();
    EXPECT_EQ(segments_live(), 1u);
    EXPECT_EQ(journal_->statistics().feeds.at(0).after, last_);
    quick.reset();
    EXPECT_TRUE(journal_->statistics().feeds.empty());
}

/// While recycling pauses, because a copy is made of the segments, a reader that moves on or ends
/// gives up nothing. The caller of `recycle` is told that it may ask again, and decides.
TEST_F(CursorTest, RecyclesNothingItself) {
    open();
    fill_segments(3);
    int released = 0;
    journal_->on_hold_released([&] { ++released; });
    auto cursor = journal_->cursor();
    read_all(*cursor);
    ASSERT_EQ(cursor->seek(Sequence{}), Seek::found);
    EXPECT_EQ(released, 0) << "the trees need them";
    journal_->recycle(last_);
    const std::uint64_t live = segments_live();
    read_all(*cursor);
    EXPECT_GE(released, 2);
    cursor.reset();
    EXPECT_EQ(segments_live(), live);
    EXPECT_EQ(journal_->bytes_for_feeds(), 0u);
    EXPECT_GT(journal_->bytes().unneeded, 0u);
    journal_->recycle(last_);
    EXPECT_EQ(segments_live(), 1u);
    EXPECT_EQ(journal_->bytes_for_feeds(), 0u);
}

/// Segment files are used again as soon as they are recycled. A reader in the middle of a segment,
/// or at its end with its file still open, never gets bytes of a file's next life.
TEST_F(CursorTest, ReadsNoFileThatIsUsedAgain) {
    open();
    const auto cursor = journal_->cursor();
    for (int round = 0; round < 200; ++round) {
        commit(Durability::synced, 3000);
        journal_->recycle(last_);
        if (round % 7 == 0) {
            ASSERT_EQ(read_all(*cursor), last_);
        } else if (round % 3 == 0) {
            const Sequence expected = next(cursor->position());
            ASSERT_EQ(read_one(*cursor), expected);
        }
    }
    EXPECT_GT(number(journal_->statistics().recycled), 100u);
    EXPECT_LT(segment_files().size(), 12u) << "files are used again";
    ASSERT_EQ(read_all(*cursor), last_);
}

/// A position is refused by name if what comes after it is gone, or if it was never reached. The
/// reader then stays where it is.
TEST_F(CursorTest, RefusesAPositionThatIsRecycled) {
    open();
    fill_segments(3);
    journal_->recycle(last_);
    const Sequence oldest = journal_->statistics().recycled;
    ASSERT_GT(oldest, Sequence{1});
    const auto cursor = journal_->cursor();
    EXPECT_EQ(cursor->position(), oldest) << "begins before the oldest commit";
    EXPECT_EQ(cursor->seek(Sequence{number(oldest) - 1}), Seek::recycled);
    EXPECT_EQ(cursor->seek(Sequence{}), Seek::recycled);
    EXPECT_EQ(cursor->seek(next(last_)), Seek::not_durable);
    EXPECT_EQ(cursor->position(), oldest);
    EXPECT_EQ(cursor->seek(last_), Seek::found);
    EXPECT_FALSE(cursor->next().has_value());
    EXPECT_EQ(cursor->seek(oldest), Seek::found);
    EXPECT_EQ(read_one(*cursor), next(oldest));
    EXPECT_EQ(cursor->seek(Sequence{}), Seek::recycled);
    EXPECT_EQ(read_all(*cursor), last_);
}

/// A damaged frame is named with file and offset, at each attempt. What comes before it is given,
/// and what comes after it is not.
TEST_F(CursorTest, NamesDamage) {
    open();
    commit_many(5);
    const SegmentExtent segment = journal_->segments().back();
    commit();
    const Sequence damaged = last_;
    commit_many(5);
    const auto cursor = journal_->cursor();
    disk_.damage(segment.path, to_block(segment.end) + 100, "X");
    for (std::uint64_t at = 1; at < number(damaged); ++at) {
        EXPECT_EQ(read_one(*cursor), Sequence{at});
    }
    for (int attempt = 0; attempt < 2; ++attempt) {
        EXPECT_THAT(message_of(ErrorCode::corrupt, [&] { (void)cursor->next(); }),
                    testing::HasSubstr("journal/000002.log, offset " + std::to_string(segment.end) +
                                       ": a frame that was durable"));
        EXPECT_EQ(cursor->position(), Sequence{number(damaged) - 1});
    }
    // A frame is verified as a whole, so the reader cannot step over it.
    ASSERT_EQ(cursor->seek(damaged), Seek::found);
    message_of(ErrorCode::corrupt, [&] { (void)cursor->next(); });
}

/// A file that cannot be opened for the moment is no damage. The next call continues.
TEST_F(CursorTest, ContinuesAfterAFailedRead) {
    open();
    fill_segments(2);
    const auto cursor = journal_->cursor();
    const std::uint64_t first_end = number(journal_->segments().front().last);
    for (std::uint64_t at = 1; at <= first_end; ++at) read_one(*cursor);
    const Sequence position = cursor->position();
    disk_.stop(Fate::kill);
    message_of(ErrorCode::io_error, [&] { (void)cursor->next(); });
    EXPECT_EQ(cursor->position(), position);
    disk_.restart();
    EXPECT_EQ(read_all(*cursor), last_);
}

/// After the end of the journal a reader gets what was durable by then, which is everything, and
/// learns that no more will come. It recycles nothing any more.
TEST_F(CursorTest, ReadsToTheEndOfAClosedJournal) {
    open();
    fill_segments(2);
    const auto cursor = journal_->cursor();
    append(Durability::written);
    journal_->recycle(last_);
    journal_->close();
    const std::uint64_t live = segments_live();
    EXPECT_EQ(cursor->await(Deadline{long_enough}), More::now);
    EXPECT_EQ(read_all(*cursor), last_);
    EXPECT_EQ(cursor->await(Deadline{long_enough}), More::never);
    EXPECT_EQ(cursor->seek(Sequence{}), Seek::found);
    EXPECT_EQ(read_all(*cursor), last_);
    EXPECT_EQ(segments_live(), live);
}

/// A journal that is opened to look at it gives the commits that have no proof of durability, too:
/// its recovery counts them, and the next opening keeps them.
TEST_F(CursorTest, ReadsAJournalThatIsOnlyLookedAt) {
    open();
    fill_segments(3);
    commit_many(2);
    die();
    const auto looker =
        Journal::open(disk_, directory, identity_, {}, Journal::Mode::read_only, options_);
    const auto cursor = looker->cursor();
    EXPECT_EQ(cursor->await(Deadline{long_enough}), More::now);
    std::uint64_t expected = 0;
    while (const auto entry = cursor->next()) {
        EXPECT_EQ(entry->sequence, Sequence{++expected});
        EXPECT_EQ(entry->record, record_of(entry->sequence, entry->record.size()));
    }
    EXPECT_EQ(Sequence{expected}, last_);
    EXPECT_EQ(cursor->await(Deadline{long_enough}), More::never);
    for (std::uint64_t after = 0; after < expected; ++after) {
        ASSERT_EQ(cursor->seek(Sequence{after}), Seek::found);
        EXPECT_EQ(read_one(*cursor), Sequence{after + 1});
    }
    EXPECT_EQ(cursor->seek(next(last_)), Seek::not_durable);
    EXPECT_EQ(looker->statistics().bytes.for_feeds, 0u);
}

/// Several readers sleep until there is something for them. Each is woken by the commit, and by
/// nothing else; one of them can also be called away, before it sleeps or while it does.
TEST_F(CursorTest, WakesThoseWhoWait) {
    open();
    std::deque<std::unique_ptr<JournalCursor>> cursors;
    for (int i = 0; i < 4; ++i) cursors.push_back(journal_->cursor());
    cursors[0]->wake();
    EXPECT_EQ(cursors[0]->await(Deadline{long_enough}), More::not_yet);
    EXPECT_EQ(cursors[1]->await(Deadline{no_time}), More::not_yet);
    {
        const std::jthread sleeper{
            [&] { EXPECT_EQ(cursors[0]->await(Deadline{long_enough}), More::not_yet); }};
        cursors[0]->wake();
    }
    {
        std::vector<std::jthread> sleepers;
        for (const auto& cursor : cursors) {
            sleepers.emplace_back([&] {
                EXPECT_EQ(cursor->await(Deadline{long_enough}), More::now);
                EXPECT_EQ(read_one(*cursor), Sequence{1});
            });
        }
        commit();
    }
    {
        const std::jthread sleeper{
            [&] { EXPECT_EQ(cursors[0]->await(Deadline{long_enough}), More::never); }};
        journal_->close();
    }
}

}  // namespace
}  // namespace amphora::journal
