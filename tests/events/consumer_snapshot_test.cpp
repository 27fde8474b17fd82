// Consumers that read everything first, in chunks, while others write.

#include "database/system_access.hpp"
#include "events/consumers.hpp"
#include "events/feed_place.hpp"

#include <atomic>
#include <map>
#include <random>
#include <stdexcept>
#include <thread>

namespace amphora::market {
namespace {

class ConsumerSnapshotTest : public ConsumerTest {
  protected:
    ConsumerSnapshotTest() { quick_.start = FeedStart::snapshot; }

    /// Everything that is stored, as text by key.
    [[nodiscard]] std::map<std::string, std::string> stored() {
        std::map<std::string, std::string> all;
        const Snapshot now = db().snapshot();
        for (const DocumentView visit : now.scan(visits)) {
            all[to_json(BsonView{*visit.find("_id")})] = to_json(visit);
        }
        for (const RowView& row : now.scan(names)) {
            const Record record = row.record();
            all[to_string(record["name"])] = to_string(record["times"]);
        }
        return all;
    }

    std::mutex mutex_;
    std::map<std::string, std::string> copy_;  ///< made of changes alone
    std::uint64_t reads_ = 0;

    /// Keeps the copy, and finds out whether a change is missing or comes twice.
    [[nodiscard]] ChangeHandler copying() {
        return [this](Transaction&, const Change& change) {
            const std::lock_guard lock{mutex_};
            const std::string key =
                change.is_row() ? to_string(change.key()["name"]) : to_json(change.id().view());
            const bool is_known = copy_.contains(key);
            const bool is_new =
                change.kind() == ChangeKind::read || change.kind() == ChangeKind::insert;
            EXPECT_NE(is_known, is_new) << to_string(change.kind()) << " " << key;
            if (change.kind() == ChangeKind::read) ++reads_;
            if (change.kind() == ChangeKind::erase) {
                copy_.erase(key);
            } else {
                copy_[key] = change.is_row() ? to_string(change.row_after()->record()["times"])
                                             : to_json(*change.document_after());
            }
        };
    }
    [[nodiscard]] Subscription run() {
        return db().consume("copying", {changes(visits), changes(names)}, copying(), quick_);
    }
};

TEST_F(ConsumerSnapshotTest, EverythingComesOnceWhileOthersWrite) {
    fill(1, 6000);
    std::atomic<bool> stop{false};
    std::thread writer{[&] {
        std::mt19937 random{7};  // NOLINT(*-msc51-cpp) the same numbers each time
        int next = 6001;
        while (!stop) {
            // Which the consumer passes: a chunk may be as of such a commit.
            db().write([](Transaction& tx) { tx.insert(baskets, {}); },
                       {.durability = Durability::written});
            db().write(
                [&](Transaction& tx) {
                    for (int i = 0; i < 5; ++i) {
                        const int id = static_cast<int>(random() % 6000) + 1;
                        if (random() % 4 == 0) {
                            tx.erase(visits, Id{id});
                            tx.erase(names, name_of(id));
                        } else {
                            tx.put(visits, {{"_id", id}, {"customer_id", std::int64_t(random())}});
                            tx.put(names, Record{{"name", name_of(id)},
                                                 {"times", static_cast<int>(random() % 1000)}});
                        }
                    }
                    tx.insert(visits, {{"_id", next}});
                    tx.insert(names, Record{{"name", name_of(next)}, {"times", 0}});
                    ++next;
                },
                {.durability = Durability::written});
        }
    }};
    {
        // Interrupted again and again.
        for (int round = 0; round < 8; ++round) {
            const Subscription copying = run();
            std::this_thread::sleep_for(15ms);
        }
        const Subscription copying = run();
        for (int i = 0; i < 20'000 && !copying.report().reading.empty(); ++i) {
            std::this_thread::sleep_for(1ms);
        }
        EXPECT_EQ(copying.report().reading, "");
        stop = true;
        writer.join();
        ASSERT_TRUE(copying.await(db().snapshot().commit_seen(), 20s));
    }
    const auto expected = stored();
    EXPECT_EQ(copy_, expected);
    EXPECT_GT(reads_, 6000u);
}

/// The database is opened again within the snapshot.
TEST_F(ConsumerSnapshotTest, ASnapshotIsTakenUpAfterAnOpening) {
    fill(1, 3000);
    quick_.batch_changes_max = 100;
    std::atomic<int> until{500};
    const auto handler = [&, copy = copying()](Transaction& tx, const Change& change) {
        if (--until < 0) throw std::runtime_error{"enough"};
        copy(tx, change);
    };
    quick_.backoff = 10s;
    quick_.backoff_max = 10s;
    int openings = 0;
    for (; openings < 100 && copy_.size() < 6000; ++openings) {
        until = 500;
        const Subscription copying =
            db().consume("copying", {changes(visits), changes(names)}, handler, quick_);
        for (int i = 0; i < 1000 && until >= 0 && copying.report().lag_commits != 0; ++i) {
            std::this_thread::sleep_for(1ms);
        }
        for (int i = 0; i < 200 && until >= 0; ++i) std::this_thread::sleep_for(1ms);
        db_->close();
        db_.reset();
    }
    EXPECT_EQ(copy_, stored());
    EXPECT_EQ(reads_, 6000u);
    EXPECT_GT(openings, 5);
}

TEST_F(ConsumerSnapshotTest, AnEmptyDatabaseIsReadAtOnce) {
    const Subscription copying = run();
    const Commit commit = visit(1);
    ASSERT_TRUE(copying.await(commit, 20s));
    EXPECT_EQ(copy_, stored());
}

/// A change without `read` among its kinds is always shown.
TEST_F(ConsumerSnapshotTest, WhatIsNotReadIsShownFromTheBeginning) {
    fill(1, 10);
    std::atomic<int> updated{0};
    const Subscription copying = db().consume(
        "copying", {changes(visits), updates(names)},
        [&](Transaction&, const Change& change) {
            if (change.is_row()) ++updated;
        },
        quick_);
    const Commit last = db().write([](Transaction& tx) {
        tx.update(names, name_of(3), Record{{"times", 9}});
    });
    ASSERT_TRUE(copying.await(last, 20s));
    EXPECT_EQ(updated, 1);
}

TEST_F(ConsumerSnapshotTest, OtherSelectionsMayStartAgain) {
    fill(1, 50);
    {
        const Subscription copying = db().consume(
            "counting", inserts(visits),
            [](Transaction& tx, const Change& change) { count(tx, id_of(change)); }, quick_);
        ASSERT_TRUE(copying.await(visit(51), 20s));
    }
    quick_.changed = ChangedSelections::starts_again;
    const auto handler = [](Transaction& tx, const Change& change) { count(tx, id_of(change)); };
    EXPECT_EQ(code_of([&] { return db().consume("counting", changes(visits), handler, quick_); }),
              ErrorCode::invalid_argument);
    quick_.reset = [](Transaction& tx) {
        tx.erase_all(baskets, Document{});
        for (int id = 1; id <= 51; ++id) tx.erase(names, std::to_string(id));
    };
    const Subscription counting = db().consume("counting", changes(visits), handler, quick_);
    ASSERT_TRUE(counting.await(visit(52), 20s));
    for (int id = 1; id <= 52; ++id) EXPECT_EQ(counted(std::to_string(id)), 1) << id;
}

/// The changes after the consumer's position are gone.
TEST_F(ConsumerSnapshotTest, AConsumerWithAResetStartsAgainAtAGap) {
    fill(1, 20);
    const auto handler = [](Transaction& tx, const Change& change) { count(tx, id_of(change)); };
    {
        const Subscription counting = db().consume("counting", inserts(visits), handler, quick_);
        ASSERT_TRUE(counting.await(visit(21), 20s));
    }
    // As after a repair: the position is of a timeline that nobody knows.
    detail::SystemAccess::allow_writes(db());
    db().write([](Transaction& tx) {
        tx.update(Table{"amphora.consumers"}, "counting",
                  Record{{"position", "00000000000000000000000000000001:5"}});
    });
    EXPECT_EQ(code_of([&] { return db().consume("counting", inserts(visits), handler, quick_); }),
              ErrorCode::unknown_position);
    quick_.reset = [](Transaction& tx) {
        tx.erase_all(baskets, Document{});
        for (int id = 1; id <= 21; ++id) tx.erase(names, std::to_string(id));
    };
    const Subscription counting = db().consume("counting", inserts(visits), handler, quick_);
    ASSERT_TRUE(counting.await(visit(22), 20s));
    for (int id = 1; id <= 22; ++id) EXPECT_EQ(counted(std::to_string(id)), 1) << id;
}

/// A change that fails within a snapshot, with partitions and without.
TEST_F(ConsumerSnapshotTest, AReadThatFailsIsHandledLater) {
    fill(1, 30);
    for (const bool has_partitions : {true, false}) {
        const std::string name = has_partitions ? "partitions" : "none";
        quick_.partition_by = has_partitions ? "_id" : "";
        quick_.attempts_max = 2;
        std::atomic<int> failures{3};
        const Subscription counting = db().consume(
            name, inserts(visits),
            [&, name](Transaction& tx, const Change& change) {
                count(tx, name + id_of(change));
                if (id_of(change) == "7" && failures-- > 0) throw std::runtime_error{"no"};
            },
            quick_);
        ASSERT_TRUE(counting.await(visit(has_partitions ? 31 : 32), 20s));
        std::string dead;
        for (int i = 0; i < 10'000 && dead.empty(); ++i) {
            for (const DeadLetter& letter : db().dead_letters(name)) {
                if (letter.state == DeadLetterState::dead) dead = letter.id;
            }
            std::this_thread::sleep_for(1ms);
        }
        failures = 0;
        EXPECT_TRUE(db().replay_dead_letter(dead));
        while (!db().dead_letters(name).empty()) std::this_thread::sleep_for(1ms);
        for (int id = 1; id <= 31; ++id) EXPECT_EQ(counted(name + std::to_string(id)), 1) << id;
    }
}

TEST(FeedPlace, HasATextForm) {
    using events::FeedPlace;
    const FeedPosition position{{1, 2, 3}, Sequence{7}, 4};
    for (const FeedPlace& place :
         {FeedPlace{position}, FeedPlace{position, events::SnapshotPlace{"users", ""}},
          FeedPlace{position, events::SnapshotPlace{"a/b@c", std::string{"\0\xff\x10", 3}}},
          FeedPlace{position, events::SnapshotPlace{"a/again", "", true}}}) {
        EXPECT_EQ(events::place_of(events::to_text(place)), place) << events::to_text(place);
    }
    for (const char* text : {"", "@users/00", "01020300000000000000000000000000:7@users",
                             "01020300000000000000000000000000:7@users/0",
                             "01020300000000000000000000000000:7@users/0G"}) {
        EXPECT_EQ(code_of([&] { return events::place_of(text); }), ErrorCode::invalid_argument);
    }
}

}  // namespace
}  // namespace amphora::market
