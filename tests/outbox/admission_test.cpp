#include "support/code_of.hpp"
#include "support/message_of.hpp"
#include "support/vessel.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <string>
#include <thread>

namespace amphora::outbox {
namespace {

using support::code_of;
using support::comes_true;
using support::Vessel;

Admission admit(Vessel& vessel, int ms = 30) {
    return vessel.outbox->admit(Deadline{std::chrono::milliseconds{ms}});
}

/// After a recovery that copied much, the segment that is being written can fill the journal's
/// bound alone. Both trees hold all of it, so nothing is to be delivered, and the segment ends only
/// when more is written: writers must not be stopped by it.
TEST(AdmissionTest, ASegmentThatIsNotFullYetStopsNobodyOnceAllIsHeld) {
    auto options = Vessel::quiet();
    options.journal_bytes_max = 10'000;
    Vessel vessel{options};
    for (int i = 0; i < 5; ++i) {
        vessel.commit({{"a", std::string(2000, 'r')}}, {{"b", std::string(2000, 'd')}});
    }
    ASSERT_GT(vessel.journal->bytes_live(), options.journal_bytes_max);
    for (int i = 0; i < 10; ++i) {
        const Admission admission = admit(vessel, 10'000);
        EXPECT_EQ(admission[TreeId::relational].admits, Admits::everything) << i;
        EXPECT_EQ(admission[TreeId::documents].admits, Admits::everything) << i;
        vessel.commit({{"a", std::string(2000, 'r')}}, {{"b", std::string(2000, 'd')}});
    }
}

/// The document store is stuck. Rows are still written until the journal itself is full. Documents
/// are refused at half of that, then only removals may use the reserve, and then everything is
/// refused by name.
TEST(AdmissionTest, AStalledDocumentTreeStopsNoRowsBeforeTheJournalsBound) {
    auto options = Vessel::quiet();
    options.journal_bytes_max = 100'000;
    options.journal_reserve_bytes = 20'000;
    options.stalled_ms = 20;
    Vessel vessel{options};
    vessel.documents.stall();

    std::uint64_t documents_refused_at = 0;
    std::uint64_t rows_refused_at = 0;
    std::uint64_t all_refused_at = 0;
    for (int i = 0; i < 2000 && all_refused_at == 0; ++i) {
        const std::uint64_t bytes = vessel.journal->bytes_live();
        Admission admission;
        try {
            admission = admit(vessel, rows_refused_at == 0 ? 10'000 : 1);
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), ErrorCode::outbox_full);
            all_refused_at = bytes;
            break;
        }
        const TreeAdmission rows = admission[TreeId::relational];
        const TreeAdmission docs = admission[TreeId::documents];
        if (docs.admits != Admits::everything && documents_refused_at == 0) {
            documents_refused_at = bytes;
            EXPECT_EQ(docs.admits, Admits::removals);
            EXPECT_EQ(docs.code, ErrorCode::documents_stalled);
            EXPECT_EQ(rows.admits, Admits::everything);
        }
        if (rows.admits != Admits::everything && rows_refused_at == 0) {
            rows_refused_at = bytes;
            EXPECT_EQ(rows.admits, Admits::removals);
            EXPECT_EQ(code_of([&] { vessel.outbox->refuse(TreeId::relational, rows); }),
                      ErrorCode::outbox_full);
        }
        vessel.commit({{"row" + std::to_string(i), std::string(300, 'r')}},
                      documents_refused_at == 0
                          ? support::Writes{{std::to_string(i), std::string(300, 'd')}}
                          : support::Writes{});
    }
    EXPECT_GE(documents_refused_at, 50'000u);
    EXPECT_LT(documents_refused_at, 52'000u);
    EXPECT_GE(rows_refused_at, 100'000u);
    EXPECT_LT(rows_refused_at, 102'000u);
    EXPECT_GE(all_refused_at, 120'000u);

    // It recovers by itself.
    vessel.documents.resume();
    EXPECT_TRUE(admit(vessel, 10'000).is_free());
    vessel.deliver_all();
    EXPECT_GT(vessel.documents.content().size(), 50u);
}

/// Each tree has its own bound in memory; the documents' bound does not concern writers of rows.
TEST(AdmissionTest, BoundsTheMemoryOfEachTree) {
    auto options = Vessel::quiet();
    options.pending_bytes_max = 500'000;
    options.pending_reserve_bytes = 300'000;
    options.stalled_ms = 20;
    Vessel vessel{options};
    vessel.documents.stall();
    vessel.relational.stall();
    vessel.commit({}, {{"a", std::string(600'000, 'd')}});
    ASSERT_TRUE(comes_true([&] { return !admit(vessel).is_free(); }));
    // Waits while the tree is at work, not any more when it is stalled.
    ASSERT_TRUE(comes_true([&] {
        const auto before = std::chrono::steady_clock::now();
        const Admission admission = admit(vessel, 10'000);
        EXPECT_EQ(admission[TreeId::relational].admits, Admits::everything);
        EXPECT_EQ(admission[TreeId::documents].admits, Admits::removals);
        EXPECT_EQ(admission[TreeId::documents].code, ErrorCode::documents_stalled);
        return std::chrono::steady_clock::now() - before < std::chrono::milliseconds{100};
    }));
    vessel.commit({{"a", std::string(600'000, 'r')}});
    EXPECT_EQ(admit(vessel)[TreeId::relational].admits, Admits::removals);
    EXPECT_EQ(admit(vessel)[TreeId::relational].code, ErrorCode::outbox_full);
    vessel.commit({{"b", std::string(300'000, 'r')}});
    EXPECT_EQ(code_of([&] { admit(vessel); }), ErrorCode::outbox_full);

    std::thread waiter{
        [&] { EXPECT_EQ(admit(vessel, 20'000)[TreeId::relational].admits, Admits::everything); }};
    vessel.relational.resume();
    waiter.join();
}

/// The disk is full: this is reported before anything is promised, removals still work, and
/// everything works when there is room again.
TEST(AdmissionTest, NamesAFullDiskAndHeals) {
    Vessel vessel;
    vessel.relational.have_room(tree::Tree::Room::removals_only);
    ASSERT_TRUE(comes_true([&] { return !admit(vessel).is_free(); }));
    const TreeAdmission rows = admit(vessel)[TreeId::relational];
    EXPECT_EQ(rows.admits, Admits::removals);
    EXPECT_EQ(code_of([&] { vessel.outbox->refuse(TreeId::relational, rows); }),
              ErrorCode::disk_full);
    EXPECT_EQ(admit(vessel)[TreeId::documents].admits, Admits::everything);

    vessel.relational.have_room(tree::Tree::Room::none);
    ASSERT_TRUE(
        comes_true([&] { return code_of([&] { admit(vessel); }) == ErrorCode::disk_full; }));

    vessel.relational.have_room(tree::Tree::Room::enough);
    EXPECT_TRUE(comes_true([&] { return vessel.outbox->admission().is_free(); }));
}

/// Journal and trees share one disk: room that was promised to a tree that makes no progress is
/// left to it by the others.
TEST(AdmissionTest, WhatIsPromisedToOneTreeIsLeftAloneByTheOthers) {
    auto options = Vessel::quiet();
    options.next_segment_bytes = 100'000;
    Vessel vessel{options};
    vessel.documents.stall();
    vessel.commit({}, {{"a", std::string(3'000'000, 'd')}});
    vessel.relational.have_disk(3'200'000);
    ASSERT_TRUE(
        comes_true([&] { return admit(vessel)[TreeId::relational].admits == Admits::removals; }));
    EXPECT_EQ(admit(vessel)[TreeId::relational].code, ErrorCode::disk_full);
    EXPECT_GE(vessel.journal->left_free(), 3'000'000u);

    vessel.relational.have_disk(6'000'000);
    EXPECT_TRUE(
        comes_true([&] { return admit(vessel)[TreeId::relational].admits == Admits::everything; }));
    vessel.relational.have_disk(3'200'000);
    vessel.documents.resume();
    EXPECT_TRUE(comes_true([&] { return admit(vessel).is_free(); }));
}

/// A map that is full except for a few changes. Pending work has its place in it; removals need
/// little more. If more is pending than has room, its delivery makes room, and is waited for.
TEST(AdmissionTest, RemovalsNeedLittleRoomInAdditionToPending) {
    auto options = Vessel::quiet();
    options.wait_ms_max = 20'000;
    Vessel vessel{options};
    const auto commit_rows = [&](int from) {
        support::Writes rows;
        for (int i = from; i < from + 200; ++i) rows[std::to_string(i)] = "row";
        vessel.commit(rows);
    };
    vessel.relational.have_room_for(350);
    commit_rows(0);
    EXPECT_EQ(admit(vessel)[TreeId::relational].admits, Admits::removals);
    EXPECT_EQ(admit(vessel)[TreeId::relational].code, ErrorCode::disk_full);
    EXPECT_EQ(vessel.relational.applies(), 0u) << "a delivery would have made no room for puts";

    vessel.relational.have_room_for(600);
    commit_rows(200);
    commit_rows(400);
    vessel.relational.have_room_for(350);
    EXPECT_EQ(admit(vessel, 20'000)[TreeId::relational].admits, Admits::removals);
    EXPECT_GE(vessel.relational.applies(), 1u);
}

/// What a delivery needs is estimated, and the estimate is larger than what it takes. A disk with
/// most of its room free was called full for as long as enough was pending.
TEST(AdmissionTest, ADiskThatIsFullForWhatIsPendingIsWaitedFor) {
    auto options = Vessel::quiet();
    options.wait_ms_max = 20'000;
    Vessel vessel{options};
    support::Writes rows;
    for (int i = 0; i < 300; ++i) rows[std::to_string(i)] = "row";
    vessel.relational.have_room_for(500);
    vessel.commit(rows);
    EXPECT_TRUE(admit(vessel, 20'000).is_free());
    EXPECT_GE(vessel.relational.applies(), 1u);
}

/// The message says what is free, what is needed for what, and the option that decides.
TEST(AdmissionTest, AFullDiskSaysWhatWasNeeded) {
    auto options = Vessel::quiet();
    options.next_segment_bytes = 40u << 20;
    Vessel vessel{options};
    vessel.relational.have_disk(10u << 20);
    const Admission admission = admit(vessel);
    ASSERT_EQ(admission[TreeId::relational].admits, Admits::removals);
    try {
        vessel.outbox->refuse(TreeId::relational, admission[TreeId::relational]);
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::disk_full);
        EXPECT_THAT(error.what(), testing::HasSubstr("10.0 MiB of the disk are free"));
        EXPECT_THAT(error.what(), testing::HasSubstr("40.2 MiB are needed"));
        EXPECT_THAT(error.what(), testing::HasSubstr("a smaller segment_bytes"));
    }
}

/// One large commit could need more than the room that is kept in addition to what is pending: its
/// room is tested separately, before it is promised.
TEST(AdmissionTest, ALargeCommitAsksForItsOwnRoom) {
    Vessel vessel;
    EXPECT_TRUE(admit(vessel).is_free());
    vessel.documents.have_room(tree::Tree::Room::removals_only);
    EXPECT_EQ(code_of([&] {
                  vessel.commit({}, {{"a", std::string(2'000'000, 'd')}});
              }),
              ErrorCode::disk_full);
    EXPECT_EQ(vessel.outbox->published(), Sequence{});
    support::Writes removals;
    for (int i = 0; i < 2000; ++i) removals[std::to_string(i)] = std::nullopt;
    EXPECT_EQ(vessel.commit({}, removals), Sequence{1});
}

support::Writes removals(int count) {
    support::Writes all;
    for (int i = 0; i < count; ++i) all[std::to_string(i)] = std::nullopt;
    return all;
}

/// If almost nothing is free each commit counts, however small: an acknowledged one has its place
/// for certain.
TEST(AdmissionTest, ASmallCommitCountsWhereLittleIsLeft) {
    Vessel vessel{Vessel::quiet()};
    vessel.relational.have_room_for(500);
    for (int each = 0; each < 5; ++each) vessel.commit(removals(100));
    EXPECT_EQ(code_of([&] { vessel.commit(removals(100)); }), ErrorCode::disk_full);
    EXPECT_EQ(vessel.outbox->published(), Sequence{5});
    EXPECT_EQ(vessel.commit({}, {{"a", "not in that tree"}}), Sequence{6});
    vessel.deliver_all();
    EXPECT_EQ(vessel.commit(removals(200)), Sequence{7});
    vessel.deliver_all();
    EXPECT_EQ(code_of([&] { vessel.commit(removals(501)); }), ErrorCode::disk_full);
}

/// Where even removals are refused and nothing is pending, no delivery gives back the space of
/// removed entries. A refused caller asks the tree for it.
TEST(AdmissionTest, ARefusalOnAFullDiskMakesTheTreesReclaim) {
    Vessel vessel{Vessel::quiet()};
    vessel.documents.have_room(tree::Tree::Room::none);
    EXPECT_EQ(code_of([&] { vessel.commit({}, {{"a", std::nullopt}}); }), ErrorCode::disk_full);
    EXPECT_TRUE(comes_true([&] { return vessel.documents.reclaims() > 0; }));
}

/// Delivered work is no longer pending, but it is on the disk. Puts that were delivered as fast as
/// they came were admitted for 200 ms without a test of the disk, which is several megabytes.
TEST(AdmissionTest, WhatIsDeliveredCountsUntilTheDiskIsLookedAt) {
    Vessel vessel{Vessel::quiet()};
    vessel.documents.have_disk(200u << 20);
    const auto commits_until_refused = [&] {
        for (int i = 0; i < 20; ++i) {
            const auto refusal = code_of([&] {
                vessel.commit({}, {{std::to_string(i), std::string(100'000, 'd')}});
                vessel.deliver_all();
            });
            if (refusal == ErrorCode::disk_full) return i;
            if (i == 0) vessel.documents.have_disk(0);
        }
        return 20;
    };
    const int refused = commits_until_refused();
    EXPECT_GE(refused, 2);
    EXPECT_LE(refused, 7) << "half of the slack, 512 KiB, and one more";
}

/// Removing continues there without an end: a writer that was admitted to remove a few things has
/// room for that; otherwise what is pending is delivered first.
TEST(AdmissionTest, AnyoneAdmittedToRemoveHasRoom) {
    auto options = Vessel::quiet();
    options.wait_ms_max = 20'000;
    Vessel vessel{options};
    vessel.relational.have_room_for(350);
    for (int i = 0; i < 40; ++i) {
        EXPECT_EQ(admit(vessel, 20'000)[TreeId::relational].admits, Admits::removals);
        EXPECT_NO_THROW(vessel.commit(removals(60)));
    }
}

/// A consumer is slow, or does not run. What is kept only for it has a bound of its own.
class FeedBoundTest : public ::testing::Test {
  protected:
    static OutboxOptions options() {
        auto options = Vessel::quiet();
        options.journal_bytes_max = 20'000;
        options.journal_reserve_bytes = 10'000;
        options.feed_bytes_max = 60'000;
        options.wait_ms_max = 2000;
        options.stalled_ms = 1;
        options.hold_idle_ms = 1;
        return options;
    }
    void commit(int times) {
        for (int i = 0; i < times; ++i) {
            vessel_.commit({{"a", std::string(500, 'r')}}, {{"b", std::string(500, 'd')}});
        }
        vessel_.deliver_all();
        ASSERT_TRUE(comes_true([&] {
            const OutboxStatistics now = vessel_.outbox->statistics();
            return std::ranges::all_of(now.trees, [](const RelayStatistics& tree) {
                return tree.progress.held == tree.progress.published;
            });
        }));
        // A relay recycles after that.
        ASSERT_TRUE(comes_true([&] {
            const journal::JournalBytes bytes = vessel_.journal->bytes();
            return bytes.closed == bytes.for_feeds;
        }));
    }
    std::string refusal(TreeId tree) {
        return support::message_of(ErrorCode::feed_full,
                                   [&] { vessel_.outbox->refuse(tree, admit(vessel_)[tree]); });
    }
    TreeAdmission admitted(TreeId tree, FeedBound feeds = FeedBound::counts) {
        return vessel_.outbox->admit(Deadline{std::chrono::milliseconds{30}}, feeds)[tree];
    }

    Vessel vessel_{options()};
};

TEST_F(FeedBoundTest, WhatIsKeptForAConsumerDoesNotFillTheOutbox) {
    const auto hold = vessel_.journal->hold({.name = "consumer figures"}, Sequence{});
    commit(48);
    EXPECT_GT(vessel_.journal->bytes_for_feeds(), 2 * options().journal_bytes_max);
    EXPECT_TRUE(admit(vessel_).is_free());
}

/// At the bound the slowest is named. Removals continue, and so do commits that do not count, until
/// the journal has what it may have at most. When the consumer has moved on, writers continue.
TEST_F(FeedBoundTest, AtTheBoundWritersHearWhoIsSlow) {
    const auto quick = vessel_.journal->hold({.name = "consumer quick"}, Sequence{40});
    const auto hold = vessel_.journal->hold(
        {.name = "consumer figures", .remedy = "run it, or drop it"}, Sequence{3});
    commit(72);
    for (const TreeId tree : trees_all) {
        EXPECT_EQ(admitted(tree).admits, Admits::removals);
        EXPECT_EQ(admitted(tree).code, ErrorCode::feed_full);
        EXPECT_THAT(refusal(tree),
                    testing::AllOf(testing::HasSubstr("consumer figures, which has read up to "
                                                      "commit 3 and lags by 69 commits"),
                                   testing::HasSubstr("run it, or drop it, or open the database "
                                                      "with a larger feed_bytes_max")));
        EXPECT_EQ(admitted(tree, FeedBound::ignored).admits, Admits::everything);
    }

    commit(32);
    EXPECT_EQ(code_of([&] { admit(vessel_); }), ErrorCode::feed_full) << "not even removals";
    EXPECT_EQ(admitted(TreeId::documents, FeedBound::ignored).admits, Admits::everything);

    hold->move(Sequence{104}, Sequence{104});
    EXPECT_THAT(refusal(TreeId::relational), testing::HasSubstr("consumer quick"));
    quick->move(Sequence{104}, Sequence{104});
    EXPECT_TRUE(admit(vessel_).is_free());
}

/// A consumer that works at its backlog is worth a short wait; one that stands still is not.
TEST_F(FeedBoundTest, WritersWaitOnlyForAConsumerThatMoves) {
    const auto hold = vessel_.journal->hold({.name = "consumer figures"}, Sequence{});
    commit(72);
    std::this_thread::sleep_for(std::chrono::milliseconds{5});  // longer than stalled_ms
    const auto before = std::chrono::steady_clock::now();
    EXPECT_FALSE(admit(vessel_, 10'000).is_free());
    EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds{1});
}

/// One that may be skipped loses its place as soon as the bound is reached, and writers continue.
/// The log says which one it was.
TEST_F(FeedBoundTest, AFeedThatMayBeSkippedStopsNobody) {
    const auto feed = vessel_.journal->cursor(
        {.name = "a slow feed", .remedy = "read on", .when_full = FeedFull::skip});
    commit(72);
    EXPECT_TRUE(admit(vessel_).is_free());
    EXPECT_EQ(code_of([&] { static_cast<void>(feed->next()); }), ErrorCode::feed_gap);
    EXPECT_THAT(
        vessel_.logged(),
        testing::Contains(testing::HasSubstr("a slow feed loses its place after commit 0")));
}

/// A slower one holds on, so skipping another one would free nothing.
TEST_F(FeedBoundTest, AFeedIsNotSkippedForAnother) {
    const auto hold = vessel_.journal->hold({.name = "consumer figures"}, Sequence{});
    const auto feed = vessel_.journal->cursor(
        {.name = "a slow feed", .remedy = "read on", .when_full = FeedFull::skip});
    ASSERT_TRUE(feed->seek(Sequence{}) == journal::JournalCursor::Seek::found);
    commit(72);
    EXPECT_THAT(refusal(TreeId::relational), testing::HasSubstr("consumer figures"));
    EXPECT_TRUE(feed->next().has_value());
}

/// A copy is made of the journal's segments, so recycling pauses. A reader that moves on meanwhile
/// releases segments that were left for it alone. They stay until the copy is made.
TEST(AdmissionTest, APauseKeepsWhatAReaderReleases) {
    auto options = Vessel::quiet();
    options.hold_idle_ms = 1;
    Vessel vessel{options};
    const auto cursor = vessel.journal->cursor();
    for (int i = 0; i < 20; ++i) vessel.commit({{"a", "row"}}, {{"b", "document"}});
    vessel.deliver_all();
    ASSERT_TRUE(comes_true([&] { return vessel.journal->bytes_for_feeds() > 0; }));
    const std::uint64_t live = vessel.journal->bytes_live();
    {
        const RecyclingPause pause{*vessel.outbox, Keeper::backup};
        while (cursor->next()) {
        }
        EXPECT_EQ(vessel.journal->bytes_live(), live);
    }
    EXPECT_LT(vessel.journal->bytes_live(), live);
    EXPECT_EQ(vessel.journal->bytes().unneeded, 0u);
}

/// No room for the journal's next segment: the commit is refused, nothing of it is visible, and the
/// next one gets the same sequence.
TEST(AdmissionTest, ARefusedCommitLeavesNoTrace) {
    Vessel vessel;
    vessel.commit({{"a", "1"}});
    vessel.journal->fill_disk();
    EXPECT_EQ(code_of([&] { vessel.commit({{"a", "2"}}); }), ErrorCode::disk_full);
    EXPECT_EQ(vessel.outbox->published(), Sequence{1});
    vessel.journal->empty_disk();
    EXPECT_EQ(vessel.commit({{"b", "1"}}), Sequence{2});
    vessel.deliver_all();
    EXPECT_EQ(vessel.relational.content(), (support::Content{{"a", "1"}, {"b", "1"}}));
}

}  // namespace
}  // namespace amphora::outbox
