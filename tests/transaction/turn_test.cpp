// The writer's turn as threads meet it.

#include "support/engine_vessel.hpp"

#include <atomic>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace amphora::transaction {
namespace {

using support::code_of;
using support::comes_true;
using support::EngineVessel;
using support::find;

constexpr TreeId rows = TreeId::relational;
constexpr TreeId docs = TreeId::documents;

/// Long enough to see that something does not happen by itself.
constexpr std::chrono::milliseconds a_while{100};

/// Waiting for oneself is an error, and does not happen.
TEST(TurnTest, NamesADeadlockWithItself) {
    EngineVessel vessel;
    const Commit commit = vessel.put(rows, "a", "1");
    auto writing = vessel.begin();
    EXPECT_EQ(code_of([&] { static_cast<void>(vessel.engine->begin({.timeout = a_while})); }),
              ErrorCode::would_deadlock);
    EXPECT_EQ(code_of([&] { vessel.engine->await_delivered(rows, commit, Deadline{a_while}); }),
              ErrorCode::would_deadlock);
    std::thread{[&] {
        EXPECT_EQ(code_of([&] { static_cast<void>(vessel.engine->begin({.timeout = a_while})); }),
                  ErrorCode::timeout);
        EXPECT_TRUE(vessel.engine->await_delivered(rows, commit, Deadline{}));
    }}.join();
    writing.reset();
    EXPECT_TRUE(vessel.engine->await_delivered(rows, commit, Deadline{}));
    EXPECT_EQ(vessel.put(rows, "a", "2").sequence, Sequence{2});
}

/// The thread that ends another one may have the turn for which that one waits.
TEST(TurnTest, AWaitCanBeStopped) {
    EngineVessel vessel;
    auto writing = vessel.begin();
    std::stop_source stop;
    std::vector<std::thread> waiting;
    for (int i = 0; i < 3; ++i) {
        waiting.emplace_back([&] {
            EXPECT_EQ(code_of([&] {
                          static_cast<void>(vessel.engine->begin({.stop = stop.get_token()}));
                      }),
                      ErrorCode::timeout);
        });
    }
    std::this_thread::sleep_for(a_while / 10);
    stop.request_stop();
    for (std::thread& each : waiting) each.join();
    std::thread{[&] {
        EXPECT_EQ(
            code_of([&] { static_cast<void>(vessel.engine->begin({.stop = stop.get_token()})); }),
            ErrorCode::timeout);
    }}.join();
    writing.reset();
    // Nobody has to wait.
    EXPECT_NE(vessel.engine->begin({.stop = stop.get_token()}), nullptr);
}

/// A transaction moves to another thread with everything it has, the writer's turn included; the
/// thread that began it may then wait for its own next turn.
TEST(TurnTest, ATransactionMovesBetweenThreads) {
    EngineVessel vessel;
    auto writing = vessel.begin();
    writing->put(rows, "a", "begun here");
    std::atomic<bool> used{false};
    std::thread other{[&, moved = std::move(writing)]() mutable {
        moved->put(docs, "b", "ended there");
        used = true;
        EXPECT_EQ(code_of([&] { static_cast<void>(vessel.engine->begin({.timeout = a_while})); }),
                  ErrorCode::would_deadlock);
        vessel.engine->commit(std::move(moved));
    }};
    ASSERT_TRUE(comes_true([&] { return used.load(); }));
    EXPECT_EQ(vessel.put(rows, "c", "next").sequence, Sequence{2});
    other.join();
    EXPECT_EQ(find(*vessel.engine->snapshot(), rows, "a"), "begun here");
}

/// The thread that used it last has ended. A new thread is another one, even if the system gives it
/// the same address.
TEST(TurnTest, AThreadThatHasEndedIsNobodyElse) {
    EngineVessel vessel;
    std::unique_ptr<WriteTransaction> writing;
    std::thread{[&] { writing = vessel.begin(); }}.join();
    for (int i = 0; i < 10; ++i) {
        std::thread{[&] {
            EXPECT_EQ(code_of([&] {
                          static_cast<void>(
                              vessel.engine->begin({.timeout = std::chrono::milliseconds{1}}));
                      }),
                      ErrorCode::timeout);
        }}.join();
    }
    vessel.engine->rollback(std::move(writing));
}

/// First come, first served; a waiter that gives up leaves the queue unchanged.
TEST(TurnTest, TurnsAreTakenInTheOrderOfAsking) {
    EngineVessel vessel;
    auto holding = vessel.begin();
    std::vector<std::thread> threads;
    std::mutex mutex;
    std::vector<int> order;
    std::atomic<int> gave_up{0};
    for (int i = 0; i < 8; ++i) {
        const bool impatient = i % 3 == 1;
        std::atomic<bool> asking{false};
        threads.emplace_back([&, i, impatient] {
            asking = true;
            if (impatient) {
                EXPECT_EQ(
                    code_of([&] { static_cast<void>(vessel.engine->begin({.timeout = a_while})); }),
                    ErrorCode::timeout);
                ++gave_up;
                return;
            }
            auto writing = vessel.begin();
            {
                const std::lock_guard lock{mutex};
                order.push_back(i);
            }
            writing->put(rows, std::to_string(i), "x");
            vessel.engine->commit(std::move(writing));
        });
        ASSERT_TRUE(comes_true([&] { return asking.load(); }));
        std::this_thread::sleep_for(std::chrono::milliseconds{5});  // into the queue
    }
    ASSERT_TRUE(comes_true([&] { return gave_up == 3; }));
    vessel.engine->rollback(std::move(holding));
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(order, (std::vector<int>{0, 2, 3, 5, 6}));
}

}  // namespace
}  // namespace amphora::transaction
