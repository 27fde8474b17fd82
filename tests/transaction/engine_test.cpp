#include "support/engine_vessel.hpp"

#include "base/clock.hpp"

#include <atomic>
#include <future>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <vector>

namespace amphora::transaction {
namespace {

using support::code_of;
using support::comes_true;
using support::Content;
using support::content_of;
using support::EngineVessel;
using support::find;

constexpr TreeId rows = TreeId::relational;
constexpr TreeId docs = TreeId::documents;

/// Long enough to see that something does not happen by itself.
constexpr std::chrono::milliseconds a_while{100};

/// A sign-up writes the user and its log line: readers see both or neither, the transaction itself
/// sees its own writes at once, and delivery changes nothing of what is seen.
TEST(EngineTest, CommitsToBothTreesAtOnce) {
    EngineVessel vessel;
    const auto before = vessel.engine->snapshot();
    auto writing = vessel.begin();
    writing->put(rows, "user", "Kim");
    writing->put(docs, "log", "signup");
    EXPECT_EQ(find(*writing, rows, "user"), "Kim");
    EXPECT_EQ(find(*vessel.engine->snapshot(), rows, "user"), std::nullopt);
    const Commit commit = vessel.engine->commit(std::move(writing));
    EXPECT_EQ(commit, (Commit{Epoch{1}, Sequence{1}}));

    const auto after = vessel.engine->snapshot();
    EXPECT_EQ(after->commit_seen(), commit);
    EXPECT_EQ(find(*before, rows, "user"), std::nullopt);
    for (int delivered = 0; delivered < 2; ++delivered) {
        EXPECT_EQ(find(*after, rows, "user"), "Kim");
        EXPECT_EQ(find(*after, docs, "log"), "signup");
        EXPECT_EQ(find(*vessel.engine->snapshot(), docs, "log"), "signup");
        EXPECT_EQ(find(*before, docs, "log"), std::nullopt);
        vessel.vessel.deliver_all();
    }
    const auto statistics = vessel.engine->statistics();
    EXPECT_EQ(statistics.commits, 1u);
    EXPECT_EQ(statistics.snapshots, 2u);
    EXPECT_EQ(statistics.reads, 10u) << "of snapshots, also of those that have ended";
    EXPECT_EQ(vessel.engine->commit_times().count(), 1u);
}

/// A transaction that ends without commit, however it ends, leaves nothing and gives up its turn.
TEST(EngineTest, ARolledBackTransactionLeavesNoTrace) {
    EngineVessel vessel;
    vessel.put(rows, "a", "1");
    auto writing = vessel.begin();
    writing->put(rows, "a", "2");
    writing->erase(rows, "a");
    vessel.engine->rollback(std::move(writing));
    {
        const auto forgotten = vessel.begin();
        forgotten->put(rows, "a", "3");
    }
    EXPECT_EQ(vessel.put(rows, "b", "1").sequence, Sequence{2});
    EXPECT_EQ(content_of(*vessel.engine->snapshot(), rows), (Content{{"a", "1"}, {"b", "1"}}));
}

/// `UPDATE t SET k = k + 1` walks over rows while it writes them; it must not meet the rows that it
/// has just written.
TEST(EngineTest, ACursorSeesTheWriteSetAsOfItsOwnStart) {
    EngineVessel vessel;
    for (const char* const key : {"b", "d", "f"}) vessel.put(rows, key, "old");
    vessel.vessel.deliver_all();
    auto writing = vessel.begin();
    writing->put(rows, "h", "mine");
    const auto cursor = writing->cursor(rows, "a", {});
    std::string seen;
    for (cursor->seek_first(); cursor->valid(); cursor->next()) {
        ASSERT_LT(seen.size(), 20u) << "it chases its own rows";
        seen += std::string{cursor->key()} + '=' + std::string{cursor->value()} + ' ';
        const std::string following{static_cast<char>(cursor->key()[0] + 1)};
        writing->put(rows, following, "new");
        writing->put(rows, "d", "changed");
        writing->erase(rows, "f");
    }
    EXPECT_EQ(seen, "b=old d=old f=old h=mine ");
    EXPECT_EQ(content_of(*writing, rows), (Content{{"b", "old"},
                                                   {"c", "new"},
                                                   {"d", "changed"},
                                                   {"e", "new"},
                                                   {"g", "new"},
                                                   {"h", "mine"},
                                                   {"i", "new"}}));
}

/// What a statement throws that changes its mind.
struct Undone {};

/// A statement that fails in the middle is undone, earlier statements of the transaction stay, and
/// an older cursor continues to show what it showed.
TEST(EngineTest, AFailedStatementLeavesNoTrace) {
    EngineVessel vessel;
    vessel.put(rows, "a", "committed");
    auto writing = vessel.begin();
    writing->put(rows, "b", "before");
    const auto failing = [&] {
        writing->put(rows, "a", "x");
        writing->put(rows, "b", "x");
        writing->erase(rows, "b");
        writing->publish("x", {});
        throw Undone{};
    };
    EXPECT_THROW(atomically(*writing, failing), Undone);
    EXPECT_EQ(content_of(*writing, rows), (Content{{"a", "committed"}, {"b", "before"}}));
    atomically(*writing, [&] { writing->put(rows, "c", "after"); });
    const auto outer = writing->savepoint();
    writing->put(rows, "d", "1");
    const auto cursor = writing->cursor(rows, "a", {});
    const auto inner = writing->savepoint();
    writing->put(rows, "d", "2");
    writing->rollback_to(inner);
    EXPECT_EQ(find(*writing, rows, "d"), "1");
    writing->rollback_to(outer);
    EXPECT_EQ(find(*writing, rows, "d"), std::nullopt);
    writing->put(rows, "e", "written after the savepoint was taken back");
    std::string keys;
    for (cursor->seek_first(); cursor->valid(); cursor->next()) keys += cursor->key();
    EXPECT_EQ(keys, "abc");
    vessel.engine->commit(std::move(writing));
    EXPECT_EQ(content_of(*vessel.engine->snapshot(), rows).size(), 4u);
    const auto remains = vessel.vessel.journal->remains();
    EXPECT_EQ(outbox::Record(remains.entries.back().record, Sequence{2}).events(), 0u);
}

/// A cursor may outlive its transaction and its snapshot; what it reads from stays alive with it.
TEST(EngineTest, ACursorHoldsWhatItReadsFromAlive) {
    EngineVessel vessel;
    vessel.put(docs, "a", "1");
    auto of_snapshot = vessel.engine->snapshot()->cursor(docs, {}, {});
    auto writing = vessel.begin();
    writing->put(docs, "b", "2");
    auto of_transaction = writing->cursor(docs, {}, {});
    vessel.engine->commit(std::move(writing));
    vessel.put(docs, "a", "3");
    vessel.vessel.deliver_all();
    of_snapshot->seek_last();
    EXPECT_EQ(of_snapshot->key(), "a");
    EXPECT_EQ(of_snapshot->value(), "1");
    of_transaction->seek_last();
    EXPECT_EQ(of_transaction->value(), "2");
    of_transaction->previous();
    EXPECT_EQ(of_transaction->value(), "1");
}

/// The next writer runs while the sync of the last one is still running. What it learned from the
/// unsynced commit (a value, a duplicate, that there is nothing to do) must not be returned before
/// that commit is safe.
TEST(EngineTest, NothingLeavesBeforeWhatItReadIsVisible) {
    EngineVessel vessel;
    vessel.vessel.journal->hold_syncs();
    auto first = std::async(std::launch::async, [&] { vessel.put(rows, "a", "unsynced"); });
    ASSERT_TRUE(comes_true([&] { return vessel.vessel.outbox->published() == Sequence{1}; }));
    EXPECT_EQ(find(*vessel.engine->snapshot(), rows, "a"), std::nullopt)
        << "a snapshot shows only what is visible";

    std::vector<std::future<void>> dependents;
    dependents.push_back(std::async(std::launch::async, [&] {
        auto empty = vessel.begin();
        EXPECT_EQ(find(*empty, rows, "a"), "unsynced");
        EXPECT_EQ(vessel.engine->commit(std::move(empty)).sequence, Sequence{1});
    }));
    dependents.push_back(std::async(std::launch::async, [&] {
        auto duplicate = vessel.begin();
        EXPECT_EQ(find(*duplicate, rows, "a"), "unsynced");
        duplicate->put(rows, "b", "x");
        vessel.engine->rollback(std::move(duplicate));
    }));
    dependents.push_back(std::async(std::launch::async, [&] {
        auto full = vessel.begin();
        full->put(docs, "c", "x");
        vessel.vessel.journal->fill_disk();
        EXPECT_EQ(code_of([&] { vessel.engine->commit(std::move(full)); }), ErrorCode::disk_full);
    }));
    for (auto& dependent : dependents) {
        EXPECT_EQ(dependent.wait_for(a_while), std::future_status::timeout);
    }
    EXPECT_EQ(first.wait_for(a_while), std::future_status::timeout);
    vessel.vessel.journal->release_syncs();
    first.get();
    for (auto& dependent : dependents) dependent.get();
}

/// The sync failed: the fate of its commits is unknown, reads continue from what was visible,
/// writes are refused until the database is opened again, and opening decides.
TEST(EngineTest, AfterAFailedSyncReadsContinueAndWritesDoNot) {
    EngineVessel vessel;
    vessel.put(rows, "a", "1");
    const auto held = vessel.engine->snapshot();
    vessel.vessel.journal->hold_syncs();
    auto unknown = std::async(std::launch::async,
                              [&] { return code_of([&] { vessel.put(rows, "a", "2"); }); });
    ASSERT_TRUE(comes_true([&] { return vessel.vessel.outbox->published() == Sequence{2}; }));
    auto reader = std::async(std::launch::async, [&] {
        auto writing = vessel.begin();
        EXPECT_EQ(find(*writing, rows, "a"), "2");
        return code_of([&] { vessel.engine->rollback(std::move(writing)); });
    });
    ASSERT_EQ(reader.wait_for(a_while), std::future_status::timeout);
    vessel.vessel.journal->fail_next_sync();
    vessel.vessel.journal->release_syncs();
    EXPECT_EQ(unknown.get(), ErrorCode::outcome_unknown);
    EXPECT_EQ(reader.get(), ErrorCode::outcome_unknown);

    EXPECT_EQ(find(*held, rows, "a"), "1");
    EXPECT_EQ(find(*vessel.engine->snapshot(), rows, "a"), "1");
    EXPECT_EQ(code_of([&] { vessel.begin(); }), ErrorCode::needs_reopen);

    vessel.reopen(vessel.kill());
    EXPECT_EQ(find(*vessel.engine->snapshot(), rows, "a"), "2");
    EXPECT_EQ(vessel.put(rows, "a", "3"), (Commit{Epoch{2}, Sequence{3}}));
}

/// What no commit could hold is refused at the statement, and the transaction continues unchanged.
TEST(EngineTest, RefusesAtTheStatementWhatNoCommitCouldHold) {
    EngineVessel vessel{support::Vessel::quiet(), {.commit_bytes_max = 10'000}};
    auto writing = vessel.begin();
    writing->put(rows, "a", std::string(6'000, 'a'));
    EXPECT_EQ(code_of([&] { writing->put(rows, "b", std::string(6'000, 'b')); }),
              ErrorCode::transaction_too_large);
    EXPECT_EQ(code_of([&] { writing->publish(std::string(6'000, 'b'), {}); }),
              ErrorCode::transaction_too_large);
    EXPECT_EQ(code_of([&] { writing->put(rows, std::string(600, 'k'), "v"); }),
              ErrorCode::value_too_large);
    EXPECT_EQ(code_of([&] { writing->erase(rows, {}); }), ErrorCode::value_too_large);
    writing->put(docs, "c", std::string(3'000, 'c'));
    vessel.engine->commit(std::move(writing));
    EXPECT_EQ(content_of(*vessel.engine->snapshot(), rows).size(), 1u);

    // Statements that are undone again and again do not fill the memory either.
    auto stubborn = vessel.begin();
    EXPECT_EQ(code_of([&] {
                  for (int i = 0; i < 100; ++i) {
                      try {
                          atomically(*stubborn, [&] {
                              stubborn->put(rows, "a", std::string(6'000, 'a'));
                              throw Undone{};
                          });
                      } catch (const Undone&) {
                      }
                  }
              }),
              ErrorCode::transaction_too_large);
}

/// While the documents' backlog is full a transaction can do everything except put documents.
TEST(EngineTest, AFullBacklogOfDocumentsRefusesOnlyDocuments) {
    auto options = support::Vessel::quiet();
    options.pending_bytes_max = 200'000;
    options.stalled_ms = 20;
    EngineVessel vessel{options};
    vessel.vessel.documents.stall();
    vessel.put(docs, "big", std::string(300'000, 'd'));
    ASSERT_TRUE(comes_true([&] {
        auto writing = vessel.begin();
        return code_of([&] { writing->put(docs, "more", "d"); }) == ErrorCode::documents_stalled;
    }));
    auto writing = vessel.begin();
    writing->put(rows, "a", "1");
    writing->erase(docs, "big");
    vessel.engine->commit(std::move(writing));
    EXPECT_EQ(find(*vessel.engine->snapshot(), docs, "big"), std::nullopt);
    vessel.vessel.documents.resume();
    ASSERT_TRUE(
        comes_true([&] { return !code_of([&] { vessel.put(docs, "again", "d"); }).has_value(); }));
}

/// A snapshot past the age limit throws by name at its next call, also through a cursor made
/// before. What was read from it stays readable memory until it is destroyed.
TEST(EngineTest, ASnapshotPastItsAgeLimitExpires) {
    class SetClock final : public Clock {
      public:
        std::int64_t now_us() const noexcept override { return ms * 1000; }
        std::int64_t steady_ms() const noexcept override { return ms; }
        std::atomic<std::int64_t> ms{1'000'000};
    } clock;
    const ClockInUse use{clock};
    EngineVessel vessel{support::Vessel::quiet(), {.snapshot_age_ms_max = 1000}};
    vessel.put(rows, "a", "1");
    const auto snapshot = vessel.engine->snapshot();
    const auto cursor = snapshot->cursor(rows, "a", {});
    cursor->seek_first();
    clock.ms += 1000;
    Buffer scratch;
    const auto value = snapshot->find(rows, "a", scratch);
    EXPECT_EQ(vessel.engine->statistics().snapshot_oldest_ms, 1000u);
    clock.ms += 1;
    for (int i = 0; i < 50; ++i) vessel.put(rows, "a", std::to_string(i));
    vessel.vessel.deliver_all();
    EXPECT_EQ(*value, "1");
    EXPECT_EQ(cursor->value(), "1");
    EXPECT_EQ(code_of([&] { find(*snapshot, rows, "a"); }), ErrorCode::snapshot_expired);
    EXPECT_EQ(code_of([&] { static_cast<void>(snapshot->cursor(rows, {}, {})); }),
              ErrorCode::snapshot_expired);
    EXPECT_EQ(code_of([&] { cursor->next(); }), ErrorCode::snapshot_expired);
    EXPECT_EQ(find(*vessel.engine->snapshot(), rows, "a"), "49") << "a new one is young";
}

/// The view that is kept for the next snapshot must not pin what a tree has replaced.
TEST(EngineTest, NothingIsPinnedWhereNobodyReads) {
    EngineVessel vessel;
    for (int i = 0; i < 10; ++i) {
        vessel.put(docs, "a", std::to_string(i));
        static_cast<void>(vessel.engine->snapshot());
        vessel.vessel.deliver_all();
        EXPECT_TRUE(comes_true([&] { return vessel.vessel.documents.statistics().readers == 0; }));
    }
    EXPECT_EQ(vessel.vessel.outbox->statistics().trees[1].reader_bytes, 0u);
    EXPECT_EQ(vessel.engine->statistics().snapshots, 0u);
}

/// A commit that was not synced and was lost in a crash is gone, even if its number was given
/// again. A wait for it says so, even after the journal has recycled both.
TEST(EngineTest, ALostCommitIsNamedLost) {
    EngineVessel vessel;
    const Commit safe = vessel.put(rows, "a", "safe");
    vessel.vessel.journal->hold_syncs();
    const Commit lost = vessel.put(rows, "a", "lost", Durability::written);
    auto remains = vessel.vessel.journal->remains();
    remains.entries.resize(remains.durable);
    vessel.kill();
    vessel.vessel.relational.cut_power(*std::make_unique<std::mt19937_64>());
    // The relay may have delivered it unnoticed while the vessel was being killed.
    ASSERT_LE(vessel.vessel.relational.delivered().sequence, safe.sequence);
    vessel.reopen(remains);
    const auto lost_code = [&](const Commit& commit) {
        return code_of([&] { vessel.engine->await_delivered(rows, commit, Deadline{}); });
    };
    EXPECT_EQ(lost_code(lost), ErrorCode::commit_lost);
    EXPECT_EQ(lost_code(safe), std::nullopt);
    const Commit again = vessel.put(rows, "a", "again");
    EXPECT_EQ(again.sequence, lost.sequence);
    EXPECT_GT(again.epoch, lost.epoch);
    for (int i = 0; i < 20; ++i) vessel.put(rows, "b", "x");
    EXPECT_EQ(lost_code(lost), ErrorCode::commit_lost);
    vessel.vessel.outbox->close();
    vessel.reopen(vessel.kill());
    EXPECT_EQ(lost_code(lost), ErrorCode::commit_lost);
    EXPECT_EQ(lost_code(safe), std::nullopt);
    EXPECT_EQ(lost_code(again), std::nullopt);
    EXPECT_EQ(lost_code({Epoch{99}, Sequence{1}}), ErrorCode::commit_lost);
    EXPECT_EQ(lost_code({vessel.vessel.outbox->epoch(), Sequence{999}}), ErrorCode::commit_lost);
    EXPECT_EQ(lost_code({}), std::nullopt);
}

/// One thread closes the database while another commits. The journal must not be closed while a
/// commit is on its way into it, which ended the process: the commit gets in before, or not at all.
TEST(EngineTest, ClosingWaitsForTheCommitThatIsBeingPublished) {
    EngineVessel vessel;
    std::promise<void> arrived, released;
    vessel.vessel.journal->on_reserve([&] {
        arrived.set_value();
        released.get_future().wait();
    });
    auto committing =
        std::async(std::launch::async, [&] { return vessel.put(rows, "user", "Kim"); });
    arrived.get_future().wait();
    auto closing = std::async(std::launch::async, [&] {
        vessel.engine->close();
        return vessel.vessel.outbox->published();
    });
    EXPECT_EQ(closing.wait_for(a_while), std::future_status::timeout);
    released.set_value();
    EXPECT_EQ(closing.get(), Sequence{1});
    EXPECT_EQ(committing.get().sequence, Sequence{1});

    vessel.vessel.journal->on_reserve({});
    EXPECT_EQ(code_of([&] { vessel.put(rows, "user", "Lee"); }), ErrorCode::transaction_closed);
    EXPECT_EQ(vessel.vessel.outbox->published(), Sequence{1});
}

/// The first observer comes while a commit waits for its sync. A snapshot does not show the commit, so
/// it must be told; nobody has asked it for its spaces.
TEST(EngineTest, ACommitThatIsUnderWayIsTold) {
    EngineVessel vessel;
    vessel.put(rows, "user", "Kim");
    vessel.vessel.journal->hold_syncs();
    auto committing =
        std::async(std::launch::async, [&] { return vessel.put(rows, "user", "Lee"); });
    ASSERT_TRUE(comes_true([&] { return vessel.vessel.outbox->published() == Sequence{2}; }));
    std::vector<Sequence> told;
    vessel.engine->on_commit(
        [&](Sequence sequence, std::optional<std::span<const SpaceId>> spaces) {
            told.push_back(sequence);
            EXPECT_EQ(spaces.has_value(), sequence != Sequence{2});
        });
    EXPECT_EQ(find(*vessel.engine->snapshot(), rows, "user"), "Kim");
    vessel.vessel.journal->release_syncs();
    EXPECT_EQ(committing.get().sequence, Sequence{2});
    vessel.put(rows, "user", "Park");
    EXPECT_EQ(told, (std::vector{Sequence{2}, Sequence{3}}));
}

/// Waiting for a delivery ends with the time allowed.
TEST(EngineTest, WaitingForADeliveryHasATimeLimit) {
    EngineVessel vessel;
    vessel.vessel.documents.stall();
    const Commit commit = vessel.put(docs, "a", "1");
    EXPECT_FALSE(vessel.engine->await_delivered(docs, commit, Deadline{a_while}));
    vessel.vessel.documents.resume();
    EXPECT_TRUE(vessel.engine->await_delivered(docs, commit, Deadline{}));
    EXPECT_EQ(vessel.vessel.documents.content().at("a"), "1");
}

/// Programs say "for ever" by the longest time that there is. Added to the clock unchanged, it was
/// in the past, and the wait was over before it began.
TEST(EngineTest, TheLongestTimeoutIsLong) {
    constexpr auto for_ever = std::chrono::milliseconds::max();
    EngineVessel vessel;
    const Commit commit = vessel.put(docs, "log", "signup");
    EXPECT_TRUE(vessel.engine->await_delivered(docs, commit, Deadline{for_ever}));
    auto holder = vessel.begin();
    auto next = std::async(std::launch::async,
                           [&] { return vessel.engine->begin({.timeout = for_ever}) != nullptr; });
    EXPECT_EQ(next.wait_for(std::chrono::milliseconds{200}), std::future_status::timeout);
    vessel.engine->rollback(std::move(holder));
    EXPECT_TRUE(next.get());
    const Commit later = vessel.put(rows, "user", "Kim");
    static_cast<void>(
        vessel.engine->await_delivered(rows, later, Deadline{std::chrono::milliseconds::min()}));
}

}  // namespace
}  // namespace amphora::transaction
