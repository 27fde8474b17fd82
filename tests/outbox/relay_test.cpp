#include "support/vessel.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

namespace amphora::outbox {
namespace {

using support::comes_true;
using support::Content;
using support::Vessel;

RelayStatistics of(const Vessel& vessel, TreeId tree) {
    return vessel.outbox->statistics().trees[index_of(tree)];
}

/// A commit changes both trees. Each gets its own part, the newest value of each key, and the mark
/// that says so.
TEST(RelayTest, DeliversEachTreeItsPartWithTheMark) {
    Vessel vessel;
    vessel.commit({{"a", "1"}, {"b", "1"}}, {{"doc", "one"}});
    vessel.commit({{"a", "2"}, {"b", std::nullopt}});
    const Sequence last = vessel.commit({}, {{"doc", std::nullopt}, {"other", "x"}});
    vessel.deliver_all();
    EXPECT_EQ(vessel.relational.content(), (Content{{"a", "2"}}));
    EXPECT_EQ(vessel.documents.content(), (Content{{"other", "x"}}));
    EXPECT_EQ(vessel.relational.delivered(), vessel.journal->mark_of(last));
    EXPECT_EQ(vessel.documents.delivered(), vessel.journal->mark_of(last));
    EXPECT_EQ(of(vessel, TreeId::relational).window.commits, 3u);
    EXPECT_EQ(of(vessel, TreeId::relational).pending_entries, 0u);
}

/// For those that must keep what the delivery replaces.
TEST(RelayTest, SaysBeforeADeliveryThatItComes) {
    const Vessel* vessel = nullptr;
    std::array<std::vector<std::uint64_t>, trees_count> applied;
    OutboxOptions options = Vessel::quiet();
    options.before_delivery = [&](TreeId tree) {
        const auto& coming = tree == TreeId::relational ? vessel->relational : vessel->documents;
        applied[index_of(tree)].push_back(coming.applies());
    };
    Vessel made{options};
    vessel = &made;
    made.commit({{"a", "1"}}, {{"doc", "one"}});
    made.deliver_all();
    made.commit({{"a", "2"}});
    made.deliver_all();
    EXPECT_EQ(applied[index_of(TreeId::relational)], (std::vector<std::uint64_t>{0, 1}));
    EXPECT_EQ(applied[index_of(TreeId::documents)].at(0), 0u);
}

/// A tree must never hold what a power cut could take out of the journal: the relay waits for the
/// sync, however urgent the delivery is.
TEST(RelayTest, DeliversOnlyWhatIsDurable) {
    Vessel vessel;
    vessel.journal->hold_syncs();
    const Sequence written = vessel.commit({{"a", "1"}}, {}, Durability::written);
    EXPECT_FALSE(vessel.deliver(TreeId::relational, written, 150));
    EXPECT_EQ(vessel.relational.applies(), 0u);
    vessel.journal->release_syncs();
    EXPECT_TRUE(vessel.deliver(TreeId::relational, written));
    EXPECT_EQ(vessel.relational.content().at("a"), "1");
}

/// A request for more than there is, as recovery makes one when one tree has more than was read so
/// far. The relay looks, finds nothing and sleeps. The request must not keep a later one from
/// waking it, even if the commits since then change nothing in its tree.
TEST(RelayTest, WakesForAWishThatCameBeforeItsCommits) {
    Vessel vessel;
    EXPECT_FALSE(vessel.deliver(TreeId::documents, Sequence{3}, 50));
    for (int i = 0; i < 3; ++i) vessel.commit({{"a", std::to_string(i)}});
    EXPECT_TRUE(vessel.deliver(TreeId::documents, Sequence{3}));
    EXPECT_EQ(vessel.documents.delivered().sequence, Sequence{3});
}

/// A document store that has to be reopened takes nothing more. A thread that waits for it gets an
/// error at once, instead of waiting for ever. Rows can still be written.
TEST(RelayTest, NobodyWaitsForATreeThatHasToBeReopened) {
    Vessel vessel;
    vessel.documents.fail_next(1'000'000, ErrorCode::needs_reopen);
    const Sequence first = vessel.commit({{"a", "1"}}, {{"doc", "one"}});
    const auto begin = std::chrono::steady_clock::now();
    try {
        static_cast<void>(vessel.deliver(TreeId::documents, first, 20'000));
        ADD_FAILURE() << "waiting was in vain, and nobody said so";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::needs_reopen);
    }
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds{15});
    const Sequence second = vessel.commit({{"a", "2"}});
    EXPECT_TRUE(vessel.deliver(TreeId::relational, second));

    vessel.relational.fail_next(1'000'000, ErrorCode::needs_reopen);
    const Sequence third = vessel.commit({{"a", "3"}});
    EXPECT_THROW(static_cast<void>(vessel.deliver(TreeId::relational, third)), Error);
    EXPECT_THROW(vessel.commit({{"a", "4"}}), Error) << "rows would pile up for ever";
}

/// No thread waits for delivery, but a full table is delivered.
TEST(RelayTest, DeliversATableThatIsFull) {
    auto options = Vessel::quiet();
    options.seal_bytes = 4000;
    options.batch_bytes_max = 0;
    Vessel vessel{options};
    for (int i = 0; i < 100; ++i) vessel.commit({{std::to_string(i), std::string(100, 'v')}});
    EXPECT_TRUE(comes_true([&] { return vessel.relational.applies() >= 3; }));
    EXPECT_EQ(vessel.documents.applies(), 0u) << "it had nothing to do";
}

/// No thread waits and little is written, but it is delivered after its time.
TEST(RelayTest, DeliversATableThatIsOld) {
    auto options = Vessel::quiet();
    options.seal_age_ms = 30;
    Vessel vessel{options};
    vessel.commit({}, {{"a", "1"}});
    EXPECT_TRUE(comes_true([&] { return vessel.documents.applies() == 1; }));
    vessel.commit({}, {{"a", "2"}});
    EXPECT_TRUE(comes_true([&] { return vessel.documents.applies() == 2; }));
    EXPECT_EQ(vessel.relational.applies(), 0u);
}

/// A tree that refuses for a while gets everything afterwards, once; the statistics say what is
/// wrong meanwhile, and the log says it once.
TEST(RelayTest, TriesAgainUntilTheTreeTakesIt) {
    Vessel vessel;
    vessel.documents.fail_next(5, ErrorCode::disk_full);
    vessel.commit({{"row", "1"}}, {{"doc", "1"}});
    std::thread waiter{[&] { vessel.deliver_all(); }};
    EXPECT_TRUE(comes_true([&] { return of(vessel, TreeId::documents).failures >= 2; }));
    EXPECT_THAT(of(vessel, TreeId::documents).state, testing::HasSubstr("retrying: an injected"));
    waiter.join();
    EXPECT_EQ(vessel.documents.content(), (Content{{"doc", "1"}}));
    EXPECT_EQ(vessel.documents.applies(), 1u);
    EXPECT_TRUE(comes_true([&] { return of(vessel, TreeId::documents).state == "idle"; }));
    // The log is written outside of the lock and may come after the new state.
    EXPECT_TRUE(comes_true([&] { return vessel.logged().size() >= 2; }));
    EXPECT_THAT(vessel.logged(),
                testing::ElementsAre(testing::HasSubstr("delivery to the documents tree failed"),
                                     testing::HasSubstr("takes deliveries again")));
}

/// Tables in the queue after a slow delivery are delivered together, but never more than the bound
/// allows and never a part of one.
TEST(RelayTest, DeliversQueuedTablesTogether) {
    auto options = Vessel::quiet();
    options.seal_bytes = 1000;
    options.batch_bytes_max = 5000;
    Vessel vessel{options};
    vessel.relational.stall();
    for (int i = 0; i < 300; ++i) {
        vessel.commit({{"key" + std::to_string(i % 50), std::string(100, 'v')}});
    }
    const auto tables = of(vessel, TreeId::relational).pending_tables;
    EXPECT_GT(tables, 20u);
    vessel.relational.resume();
    vessel.deliver_all();
    EXPECT_LT(vessel.relational.applies(), tables / 2);
    EXPECT_GT(vessel.relational.applies(), 5u);
    EXPECT_EQ(vessel.relational.content().size(), 50u);
}

/// A journal segment may be recycled only when a power cut can no longer take its commits out of
/// either tree; the document tree holds new changes in memory for a while.
TEST(RelayTest, RecyclesOnlyWhatBothTreesHold) {
    Vessel vessel;
    for (int i = 0; i < 40; ++i) {
        vessel.commit({{"row", std::to_string(i)}}, {{std::to_string(i), "doc"}});
    }
    vessel.deliver_all();
    EXPECT_EQ(vessel.journal->remains().oldest, Sequence{1})
        << "the documents were delivered, but a power cut could take them";

    std::mt19937_64 random{7};
    auto remains = vessel.kill();
    vessel.documents.cut_power(random);
    vessel.open(std::move(remains));
    vessel.deliver_all();
    EXPECT_EQ(vessel.documents.content().size(), 40u);

    vessel.outbox->close();
    EXPECT_EQ(vessel.journal->remains().oldest, Sequence{41});
}

/// A consumer that has not read a commit keeps the journal from recycling it.
TEST(RelayTest, KeepsWhatAConsumerStillNeeds) {
    Vessel vessel;
    const auto hold = vessel.journal->hold({.name = "consumer a"}, Sequence{16});
    for (int i = 0; i < 40; ++i) vessel.commit({{"row", std::to_string(i)}});
    vessel.outbox->close();
    EXPECT_EQ(vessel.journal->remains().oldest, Sequence{17});
}

/// Rows alone are written, for a long time. The document tree has nothing to do, but its mark must
/// move, or the journal would grow to its bound.
TEST(RelayTest, MovesTheMarkOfATreeThatHasNothingToDo) {
    auto options = Vessel::quiet();
    options.seal_bytes = 2000;
    options.journal_bytes_max = 40'000;
    Vessel vessel{options};
    for (int i = 0; i < 3000; ++i) {
        static_cast<void>(vessel.outbox->admit(Deadline{}));
        vessel.commit({{std::to_string(i % 10), std::string(100, 'v')}});
        ASSERT_LT(vessel.journal->bytes_live(), 110'000u);
    }
    EXPECT_GT(number(vessel.documents.delivered().sequence), 2000u);
    EXPECT_TRUE(vessel.documents.content().empty());
}

/// Each small commit takes a whole block of the journal. The growth of the journal decides when the
/// trees are asked to hold, not the size of the commits.
TEST(RelayTest, HoldsByWhatTheJournalTakes) {
    auto options = Vessel::quiet();
    options.seal_bytes = 2000;
    options.journal_bytes_max = 16'000'000;
    Vessel vessel{options};
    vessel.journal->weigh(100);
    std::uint64_t most = 0;
    for (int i = 0; i < 3000; ++i) {
        vessel.commit({{std::to_string(i % 10), std::string(100, 'v')}});
        if (i % 10 == 0) vessel.deliver_all();
        most = std::max(most, vessel.journal->bytes_live());
    }
    EXPECT_GT(most, options.journal_bytes_max / 4);
    EXPECT_LT(most, options.journal_bytes_max / 2);
}

/// When nothing happens any more, the trees are asked to hold what they have, so that little must
/// be read again after a later crash.
TEST(RelayTest, HoldsWhenIdle) {
    auto options = Vessel::quiet();
    options.hold_idle_ms = 50;
    Vessel vessel{options};
    const Sequence last = vessel.commit({}, {{"a", "1"}});
    vessel.deliver_all();
    EXPECT_TRUE(comes_true([&] { return vessel.documents.held().sequence == last; }));
    EXPECT_EQ(vessel.documents.holds(), 1u);
}

/// What is delivered leaves the writers' bound even if a reader still holds the memory, and leaves
/// the memory with the reader.
TEST(RelayTest, CountsWhatReadersHoldApart) {
    Vessel vessel;
    vessel.commit({{"a", std::string(300'000, 'v')}});
    auto held = vessel.outbox->pending(TreeId::relational);
    EXPECT_GE(of(vessel, TreeId::relational).pending_bytes, 300'000u);
    EXPECT_EQ(of(vessel, TreeId::relational).reader_bytes, 0u);
    vessel.deliver_all();
    EXPECT_TRUE(comes_true([&] { return of(vessel, TreeId::relational).reader_bytes >= 300'000; }));
    EXPECT_EQ(of(vessel, TreeId::relational).pending_bytes, 0u);
    held.reset();
    EXPECT_EQ(of(vessel, TreeId::relational).reader_bytes, 0u);
}

/// After the journal failed nothing more is delivered that it may have lost; what was delivered
/// stays readable and every new commit is refused by name.
TEST(RelayTest, StopsWhereTheJournalFailed) {
    Vessel vessel;
    vessel.commit({{"a", "1"}});
    vessel.deliver_all();
    vessel.journal->fail_next_sync();
    try {
        vessel.commit({{"a", "2"}});
        FAIL() << "the sync failed, the commit did not";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::outcome_unknown);
    }
    EXPECT_THROW(vessel.deliver(TreeId::relational, Sequence{2}), Error);
    EXPECT_EQ(vessel.relational.content().at("a"), "1");
    for (const auto& command : std::vector<std::function<void()>>{
             [&] { static_cast<void>(vessel.outbox->admit(Deadline{})); },
             [&] {
                 vessel.commit({{"a", "3"}});
             }}) {
        try {
            command();
            FAIL() << "a write succeeded after the journal had failed";
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), ErrorCode::needs_reopen);
        }
    }
    vessel.outbox->close();
    vessel.open(vessel.kill());
    vessel.deliver_all();
    EXPECT_EQ(vessel.relational.content().at("a"), "2") << "the frame had reached the disk";
}

}  // namespace
}  // namespace amphora::outbox
