// Slow work of a consumer, outside of the writers' turn.

#include "events/consumers.hpp"

#include <atomic>
#include <set>
#include <stdexcept>
#include <thread>

namespace amphora::market {
namespace {

class PreparationTest : public ConsumerTest {};

TEST_F(PreparationTest, WorkIsMadeAtOnceAndAppliedInOrder) {
    std::atomic<int> inside{0};
    std::atomic<int> most{0};
    std::vector<std::string> applied;
    quick_.workers = 4;
    const Commit last = [&] {
        Commit commit{};
        for (int id = 1; id <= 40; ++id) commit = visit(id);
        return commit;
    }();
    const Subscription drawing = db().consume(
        "drawing", inserts(visits),
        [&](const Snapshot& now, const Change& change) {
            const int others = ++inside;
            for (int seen = most; others > seen && !most.compare_exchange_weak(seen, others);) {
            }
            // The first ones take longest.
            std::this_thread::sleep_for(
                std::chrono::milliseconds{id_of(change).size() == 1 ? 8 : 2});
            --inside;
            const auto visited = now.find(visits, Id{change.id()});
            return std::make_unique<std::string>(visited ? id_of(change) : "not there");
        },
        [&](Transaction& tx, const Change& change, std::unique_ptr<std::string>& picture) {
            EXPECT_EQ(*picture, id_of(change));
            count(tx, id_of(change));
            applied.push_back(id_of(change));
        },
        quick_);
    ASSERT_TRUE(drawing.await(last, 20s));
    ASSERT_EQ(applied.size(), 40u);
    for (int id = 1; id <= 40; ++id) {
        EXPECT_EQ(applied[static_cast<std::size_t>(id) - 1], std::to_string(id));
        EXPECT_EQ(counted(std::to_string(id)), 1);
    }
    EXPECT_GT(most, 1);
    EXPECT_LE(most, 4);
}

/// Changes that come quickly one after the other share a snapshot only if it shows all of them.
TEST_F(PreparationTest, ItsSnapshotShowsTheChange) {
    std::atomic<int> missing{0};
    const Subscription drawing = db().consume(
        "drawing", inserts(visits),
        [&](const Snapshot& now, const Change& change) {
            if (!now.find(visits, Id{change.id()})) ++missing;
            return 1;
        },
        [](Transaction&, const Change&, int&) {});
    for (int id = 1; id <= 100; ++id) ASSERT_TRUE(drawing.await(visit(id), 20s));
    EXPECT_EQ(missing, 0);
}

/// Others commit while the work is made.
TEST_F(PreparationTest, ItDoesNotHoldUpWriters) {
    std::atomic<bool> may_end{false};
    std::atomic<bool> is_inside{false};
    const Subscription slow = db().consume(
        "slow", inserts(visits),
        [&](const Snapshot&, const Change&) {
            is_inside = true;
            while (!may_end) std::this_thread::sleep_for(1ms);
            return 1;
        },
        [](Transaction& tx, const Change& change, int&) { count(tx, id_of(change)); });
    const Commit first = visit(1);
    while (!is_inside) std::this_thread::sleep_for(1ms);
    Commit last{};
    for (int id = 2; id <= 50; ++id) last = visit(id);
    EXPECT_FALSE(slow.await(first, 0ms));
    may_end = true;
    ASSERT_TRUE(slow.await(last, 20s));
    for (int id = 1; id <= 50; ++id) EXPECT_EQ(counted(std::to_string(id)), 1);
}

TEST_F(PreparationTest, WhatItThrowsIsAnAttempt) {
    std::atomic<int> attempts{0};
    std::atomic<int> attempts_of_seven{0};
    for (int id = 1; id <= 9; ++id) visit(id);
    const Subscription drawing = db().consume(
        "drawing", inserts(visits),
        [&](const Snapshot&, const Change& change) {
            if (id_of(change) == "5") {
                ++attempts;
                throw std::runtime_error{"no picture"};
            }
            if (id_of(change) == "7" && ++attempts_of_seven < 3) throw std::runtime_error{"later"};
            return 1;
        },
        [](Transaction& tx, const Change& change, int&) { count(tx, id_of(change)); }, quick_);
    ASSERT_TRUE(drawing.await(visit(10), 20s));
    EXPECT_EQ(attempts, 5);
    EXPECT_EQ(attempts_of_seven, 3);
    for (int id = 1; id <= 10; ++id) EXPECT_EQ(counted(std::to_string(id)), id == 5 ? 0 : 1) << id;
    const auto letters = db().dead_letters("drawing");
    ASSERT_EQ(letters.size(), 1u);
    EXPECT_EQ(letters[0].error, "no picture");
}

/// Stopped with much in hand, again and again.
TEST_F(PreparationTest, WhatWasPreparedAndNotAppliedIsPreparedAgain) {
    for (int id = 1; id <= 60; ++id) visit(id);
    std::atomic<int> prepared{0};
    const auto prepare = [&](const Snapshot&, const Change& change) {
        ++prepared;
        std::this_thread::sleep_for(1ms);
        return id_of(change);
    };
    const auto apply = [](Transaction& tx, const Change& change, const std::string& work) {
        EXPECT_EQ(work, id_of(change));
        count(tx, work);
    };
    for (int round = 0; round < 5; ++round) {
        const Subscription drawing =
            db().consume("drawing", inserts(visits), prepare, apply, quick_);
        std::this_thread::sleep_for(5ms);
    }
    const Subscription drawing = db().consume("drawing", inserts(visits), prepare, apply, quick_);
    ASSERT_TRUE(drawing.await(visit(61), 20s));
    for (int id = 1; id <= 61; ++id) EXPECT_EQ(counted(std::to_string(id)), 1) << id;
}

TEST_F(PreparationTest, ADeadLetterIsPreparedAgain) {
    std::atomic<bool> fails{true};
    quick_.attempts_max = 1;
    visit(1);
    const Subscription drawing = db().consume(
        "drawing", inserts(visits),
        [&](const Snapshot&, const Change& change) {
            if (fails) throw std::runtime_error{"no picture"};
            return id_of(change);
        },
        [](Transaction& tx, const Change&, const std::string& work) { count(tx, work); }, quick_);
    ASSERT_TRUE(drawing.await(visit(2), 20s));
    fails = false;
    for (const DeadLetter& letter : db().dead_letters()) {
        EXPECT_TRUE(db().replay_dead_letter(letter.id));
    }
    while (!db().dead_letters().empty()) std::this_thread::sleep_for(1ms);
    EXPECT_EQ(counted("1"), 1);
    EXPECT_EQ(counted("2"), 1);
}

}  // namespace
}  // namespace amphora::market
