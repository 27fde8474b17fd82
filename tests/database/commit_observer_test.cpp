// Callbacks for user interfaces: what has changed, as of which commit.

#include "support/code_of.hpp"
#include "support/scratch_directory.hpp"

#include <amphora/amphora.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <set>
#include <stdexcept>
#include <thread>

namespace amphora {
namespace {

using std::chrono_literals::operator""s;
using std::chrono_literals::operator""ms;
using support::code_of;
using testing::ElementsAre;

constexpr Schema schema{"window", R"sql(
CREATE TABLE users (user_id BIGINT PRIMARY KEY, name TEXT);
CREATE INDEX users_by_name ON users (name);
CREATE TABLE orders (number BIGINT PRIMARY KEY);
CREATE COLLECTION logs (note TEXT);
)sql"};
constexpr Table users{"users"};
constexpr Table orders{"orders"};
constexpr Collection logs{"logs"};

class CommitObserverTest : public testing::Test {
  protected:
    /// Takes what is told, and waits for it.
    struct Told {
        std::mutex mutex;
        std::condition_variable changed;
        std::vector<Committed> all;

        void operator()(const Committed& committed) {
            const std::lock_guard lock{mutex};
            all.push_back(committed);
            changed.notify_all();
        }
        [[nodiscard]] bool await(const Commit& commit) {
            std::unique_lock lock{mutex};
            return changed.wait_for(lock, 20s, [&] {
                return !all.empty() && all.back().commit.sequence >= commit.sequence;
            });
        }
    };
    Commit add_user(std::int64_t id) {
        return db_.write([&](Transaction& tx) {
            tx.put(users, Record{{"user_id", id}, {"name", "Kim"}});
        });
    }

    Database db_ = Database::temporary(schema);
};

TEST_F(CommitObserverTest, NamesWhatHasChangedAsOfACommit) {
    Told told;
    const CommitObserver observer =
        db_.on_commit({"users", "logs"}, [&](const Committed& changed) { told(changed); });
    const Commit first = add_user(1);
    ASSERT_TRUE(told.await(first));
    EXPECT_EQ(told.all.back().commit, first);
    EXPECT_THAT(told.all.back().names, ElementsAre("users"));
    // Others, and what is rolled back, are not told.
    db_.write([](Transaction& tx) { tx.insert(orders, Record{{"number", 1}}); });
    {
        Transaction dropped = db_.begin();
        dropped.erase(users, 1);
    }
    const Commit both = db_.write([](Transaction& tx) {
        tx.erase(users, 1);
        tx.insert(orders, Record{{"number", 2}});
        tx.insert(logs, {{"note", "gone"}});
    });
    ASSERT_TRUE(told.await(both));
    EXPECT_EQ(told.all.size(), 2u);
    EXPECT_THAT(told.all.back().names, ElementsAre("logs", "users"));
}

/// A snapshot that is taken in the callback shows the commit.
TEST_F(CommitObserverTest, ASnapshotShowsWhatIsTold) {
    std::atomic<std::int64_t> missing{0};
    Told told;
    const CommitObserver observer = db_.on_commit({}, [&](const Committed& changed) {
        const Snapshot now = db_.snapshot();
        if (now.commit_seen().sequence < changed.commit.sequence) ++missing;
        told(changed);
    });
    Commit last{};
    for (int id = 1; id <= 200; ++id) {
        last = db_.write(
            [&](Transaction& tx) {
                tx.put(users, Record{{"user_id", id}});
            },
            {.durability = Durability::buffered});
    }
    ASSERT_TRUE(told.await(last));
    EXPECT_EQ(missing, 0);
}

TEST_F(CommitObserverTest, CommitsThatComeMeanwhileAreToldTogether) {
    Told told;
    std::atomic<bool> may_return{false};
    const CommitObserver observer = db_.on_commit({"users"}, [&](const Committed& changed) {
        while (!may_return) std::this_thread::sleep_for(1ms);
        told(changed);
    });
    Commit last{};
    for (int id = 1; id <= 100; ++id) last = add_user(id);  // no writer waits for the callback
    may_return = true;
    ASSERT_TRUE(told.await(last));
    EXPECT_LE(told.all.size(), 3u);
}

TEST_F(CommitObserverTest, SeveralAreToldAndEachUntilItIsStopped) {
    Told one;
    Told other;
    CommitObserver stopped = db_.on_commit({"users"}, [&](const Committed& all) { one(all); });
    const CommitObserver observer =
        db_.on_commit({"users"}, [&](const Committed& all) { other(all); });
    const Commit first = add_user(1);
    ASSERT_TRUE(one.await(first));
    ASSERT_TRUE(other.await(first));
    stopped.stop();
    const std::size_t told = one.all.size();
    ASSERT_TRUE(other.await(add_user(2)));
    EXPECT_EQ(one.all.size(), told);
}

TEST_F(CommitObserverTest, ACallbackMayStopItselfAndThrow) {
    std::atomic<int> calls{0};
    std::optional<CommitObserver> observer;
    std::mutex mutex;
    {
        const std::lock_guard lock{mutex};
        observer = db_.on_commit({"users"}, [&](const Committed&) {
            const std::lock_guard wait{mutex};
            ++calls;
            observer->stop();
            throw std::runtime_error{"no window"};
        });
    }
    Told told;
    const CommitObserver second = db_.on_commit({}, [&](const Committed& all) { told(all); });
    ASSERT_TRUE(told.await(add_user(1)));
    ASSERT_TRUE(told.await(add_user(2)));
    EXPECT_EQ(calls, 1);
}

TEST_F(CommitObserverTest, WhatMakesNoSenseIsRefused) {
    EXPECT_EQ(code_of([&] { return db_.on_commit({"nothing"}, [](const Committed&) {}); }),
              ErrorCode::no_such_table);
    EXPECT_EQ(code_of([&] { return db_.on_commit({}, {}); }), ErrorCode::invalid_argument);
    const CommitObserver observer = db_.on_commit({}, [](const Committed&) {});
    db_.close();
    EXPECT_EQ(code_of([&] { return db_.on_commit({}, [](const Committed&) {}); }),
              ErrorCode::transaction_closed);
}

/// From many threads, while observers come and go.
TEST_F(CommitObserverTest, ManyThreads) {
    std::atomic<bool> stop{false};
    std::vector<std::thread> threads;
    for (int thread = 0; thread < 2; ++thread) {
        threads.emplace_back([&, thread] {
            for (int id = 0; !stop; ++id) {
                db_.write(
                    [&](Transaction& tx) {
                        tx.put(users, Record{{"user_id", std::int64_t{1000} * thread + id % 100}});
                    },
                    {.durability = Durability::buffered});
            }
        });
    }
    for (int round = 0; round < 50; ++round) {
        Told told;
        const CommitObserver observer =
            db_.on_commit({"users"}, [&](const Committed& all) { told(all); });
        EXPECT_TRUE(told.await(db_.snapshot().commit_seen()));
    }
    stop = true;
    for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace amphora
