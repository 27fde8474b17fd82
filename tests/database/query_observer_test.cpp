// Observed queries: the result, and how it changes, as of which commit.

#include "support/code_of.hpp"
#include "support/comes_true.hpp"
#include "typed.hpp"

#include <amphora/amphora.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <mutex>
#include <optional>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace amphora {
namespace {

using std::chrono_literals::operator""ms;
using support::code_of;
using support::comes_true;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr Schema schema{"window", R"sql(
CREATE TABLE users (user_id BIGINT PRIMARY KEY, points INT NOT NULL);
CREATE INDEX users_by_points ON users (points);
CREATE TABLE orders (number BIGINT PRIMARY KEY);
CREATE COLLECTION notes (points INT);
)sql"};
constexpr Table users{"users"};
constexpr Table orders{"orders"};
constexpr Collection notes{"notes"};

std::int64_t key_of(const Record& row) {
    return row["user_id"].as<std::int64_t>();
}
std::int64_t key_of(const Document& document) {
    return document.find("_id")->as_int64().value();
}
std::int64_t points_of(const Record& row) {
    return row["points"].as<std::int64_t>();
}
std::int64_t points_of(const Document& document) {
    return document.find("points")->as_int64().value();
}

using Points = std::map<std::int64_t, std::int64_t>;

/// What differences make when they are applied one after the other.
class Told {
  public:
    template <class State>
    void apply(const Differences<State>& differences) {
        const std::lock_guard lock{mutex_};
        ++calls_;
        if (differences.error) {
            errors_.push_back(differences.error->code());
            EXPECT_TRUE(differences.empty());
            return;
        }
        wholes_ += differences.is_whole ? 1 : 0;
        if (differences.is_whole) now_.clear();
        for (const State& state : differences.removed) {
            EXPECT_EQ(known(state), points_of(state)) << "removed";
            now_.erase(key_of(state));
        }
        for (const auto& [before, after] : differences.changed) {
            EXPECT_EQ(key_of(before), key_of(after));
            EXPECT_EQ(known(before), points_of(before)) << "changed";
            now_[key_of(after)] = points_of(after);
        }
        for (const State& state : differences.added) {
            EXPECT_FALSE(now_.contains(key_of(state))) << "added";
            now_[key_of(state)] = points_of(state);
        }
        EXPECT_LT(commit_.sequence, differences.commit.sequence);
        commit_ = differences.commit;
        history_.emplace_back(commit_.sequence, now_);
    }
    [[nodiscard]] Points now() {
        const std::lock_guard lock{mutex_};
        return now_;
    }
    [[nodiscard]] int calls() {
        const std::lock_guard lock{mutex_};
        return calls_;
    }
    [[nodiscard]] int wholes() {
        const std::lock_guard lock{mutex_};
        return wholes_;
    }
    [[nodiscard]] std::vector<ErrorCode> errors() {
        const std::lock_guard lock{mutex_};
        return errors_;
    }
    [[nodiscard]] std::vector<std::pair<Sequence, Points>> history() {
        const std::lock_guard lock{mutex_};
        return history_;
    }

  private:
    template <class State>
    std::optional<std::int64_t> known(const State& state) {
        const auto found = now_.find(key_of(state));
        return found == now_.end() ? std::nullopt : std::optional{found->second};
    }
    std::mutex mutex_;
    Points now_;
    Commit commit_;
    int calls_ = 0;
    int wholes_ = 0;
    std::vector<ErrorCode> errors_;
    std::vector<std::pair<Sequence, Points>> history_;
};

class QueryObserverTest : public testing::Test {
  protected:
    [[nodiscard]] CommitObserver observe_rows(Told& told, const Conditions& conditions = {},
                                              const ObserveOptions& options = {}) {
        return db_.observe(
            users, conditions,
            [&told](const Differences<Record>& differences) { told.apply(differences); }, options);
    }
    [[nodiscard]] CommitObserver observe_documents(Told& told, const Document& filter = {}) {
        return db_.observe(notes, filter, [&told](const Differences<Document>& differences) {
            told.apply(differences);
        });
    }
    Commit put(std::int64_t id, std::int64_t points) {
        return db_.write(
            [&](Transaction& tx) {
                tx.put(users, Record{{"user_id", id}, {"points", points}});
                tx.put(notes, {{"_id", id}, {"points", points}});
            },
            {.durability = Durability::written});
    }
    Commit erase(std::int64_t id) {
        return db_.write(
            [&](Transaction& tx) {
                tx.erase(users, id);
                tx.erase(notes, Id{id});
            },
            {.durability = Durability::written});
    }

    Options options_ = [this] {
        Options options;
        options.log = [this](const std::string& line) {
            const std::lock_guard lock{logging_};
            log_ += line + "\n";
        };
        return options;
    }();
    std::mutex logging_;
    std::string log_;
    Database db_ = Database::temporary(schema, options_);
};

TEST_F(QueryObserverTest, TellsTheResultAndThenItsDifferences) {
    put(1, 10);
    put(2, 60);
    Told rows;
    Told documents;
    const CommitObserver first = observe_rows(rows, where("points") >= 50);
    const CommitObserver second =
        observe_documents(documents, {{"points", Document{{"$gte", 50}}}});
    for (Told* const told : {&rows, &documents}) {
        EXPECT_TRUE(comes_true([&] { return told->now() == Points{{2, 60}}; }));
        EXPECT_EQ(told->wholes(), 1);
    }
    put(1, 70);  // comes in
    put(2, 80);  // changes
    put(3, 90);  // is new
    put(4, 1);   // is not selected
    put(2, 2);   // leaves
    erase(3);
    put(5, 55);
    for (Told* const told : {&rows, &documents}) {
        EXPECT_TRUE(comes_true([&] { return told->now() == Points{{1, 70}, {5, 55}}; }));
        EXPECT_EQ(told->wholes(), 1);
    }
}

/// Also an empty result is told once.
TEST_F(QueryObserverTest, NothingIsToldWhileTheResultIsTheSame) {
    Told told;
    const CommitObserver observer = observe_rows(told, where("points") > 50);
    ASSERT_TRUE(comes_true([&] { return told.calls() == 1; }));
    put(1, 1);
    db_.write([](Transaction& tx) { tx.insert(orders, Record{{"number", 1}}); });
    put(2, 51);
    ASSERT_TRUE(comes_true([&] { return told.now() == Points{{2, 51}}; }));
    EXPECT_EQ(told.calls(), 2);
}

TEST_F(QueryObserverTest, DifferencesAreInTheOrderOfTheKeys) {
    for (const int id : {300, 5, 70}) put(id, 1000 - id);
    std::mutex mutex;
    std::vector<std::int64_t> added;
    const CommitObserver observer =
        db_.observe(users, where("points") > 0, [&](const Differences<Record>& differences) {
            const std::lock_guard lock{mutex};
            for (const Record& row : differences.added) added.push_back(key_of(row));
        });
    ASSERT_TRUE(comes_true([&] {
        const std::lock_guard lock{mutex};
        return added.size() == 3;
    }));
    EXPECT_THAT(added, ElementsAre(5, 70, 300));
}

/// Several threads write, and what is told is compared with what they have written, commit by
/// commit.
TEST_F(QueryObserverTest, TheDifferencesMakeTheQueryAsOfEachCommit) {
    struct Written {
        std::int64_t id;
        std::optional<std::int64_t> points;
    };
    std::mutex mutex;
    std::map<Sequence, std::vector<Written>> commits;
    Told rows;
    Told documents;
    const CommitObserver first = observe_rows(rows, where("points") >= 50);
    const CommitObserver second =
        observe_documents(documents, {{"points", Document{{"$gte", 50}}}});
    std::vector<std::thread> threads;
    for (unsigned thread = 0; thread < 3; ++thread) {
        threads.emplace_back([&, thread] {
            std::mt19937 random{thread};
            for (int round = 0; round < 300; ++round) {
                std::vector<Written> written;
                const Commit commit = db_.write(
                    [&](Transaction& tx) {
                        for (int i = 0; i < 3; ++i) {
                            const auto id = static_cast<std::int64_t>(random() % 200);
                            const auto points = static_cast<std::int64_t>(random() % 100);
                            if (random() % 4 == 0) {
                                tx.erase(users, id);
                                tx.erase(notes, Id{id});
                                written.push_back({id, std::nullopt});
                            } else {
                                tx.put(users, Record{{"user_id", id}, {"points", points}});
                                tx.put(notes, {{"_id", id}, {"points", points}});
                                written.push_back({id, points});
                            }
                        }
                    },
                    {.durability = Durability::buffered});
                const std::lock_guard lock{mutex};
                auto& all = commits[commit.sequence];
                all.insert(all.end(), written.begin(), written.end());
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
    const auto fold = [&](Sequence last) {
        Points points;
        for (const auto& [sequence, written] : commits) {
            if (sequence > last) break;
            for (const Written& each : written) {
                points.erase(each.id);
                if (each.points && *each.points >= 50) points[each.id] = *each.points;
            }
        }
        return points;
    };
    const Points last = fold(commits.rbegin()->first);
    for (Told* const told : {&rows, &documents}) {
        EXPECT_TRUE(comes_true([&] { return told->now() == last; }));
        for (const auto& [sequence, points] : told->history()) {
            EXPECT_EQ(points, fold(sequence)) << number(sequence);
        }
        EXPECT_EQ(told->wholes(), 1);
        EXPECT_GT(told->calls(), 5);
    }
}

/// The second commit comes while the query is run for the first one. It is told without a third.
TEST_F(QueryObserverTest, ACommitWhileTheQueryRunsIsTold) {
    db_.write([](Transaction& tx) {
        for (int id = 0; id < 3000; ++id) {
            tx.insert(users, Record{{"user_id", id}, {"points", 1}});
        }
    });
    Told told;
    const CommitObserver observer = observe_rows(told);
    for (int round = 2; round < 30; ++round) {
        put(1, round);
        std::this_thread::sleep_for(std::chrono::microseconds{200 * (round % 10)});
        put(2, round);
        EXPECT_TRUE(comes_true(
            [&] {
                const Points now = told.now();
                return now.contains(2) && now.at(1) == round && now.at(2) == round;
            },
            5))
            << round;
    }
}

/// An error, and then everything, when it fits again.
TEST_F(QueryObserverTest, AResultThatIsTooLargeIsAnErrorUntilItFits) {
    for (int id = 1; id <= 40; ++id) put(id, 1);
    Told told;
    const CommitObserver observer = observe_rows(told, {}, {.result_bytes_max = 1000});
    ASSERT_TRUE(comes_true([&] { return told.calls() == 1; }));
    EXPECT_THAT(told.errors(), ElementsAre(ErrorCode::result_too_large));
    for (int id = 3; id <= 40; ++id) erase(id);
    ASSERT_TRUE(comes_true([&] { return told.now() == Points{{1, 1}, {2, 1}}; }));
    EXPECT_EQ(told.errors().size(), 1u) << "told once";
    EXPECT_EQ(told.wholes(), 1);
    for (int id = 3; id <= 40; ++id) put(id, 1);
    ASSERT_TRUE(comes_true([&] { return told.errors().size() == 2; }));
    for (int id = 2; id <= 40; ++id) erase(id);
    ASSERT_TRUE(comes_true([&] { return told.now() == Points{{1, 1}}; }));
    EXPECT_EQ(told.wholes(), 2);
}

TEST_F(QueryObserverTest, WhatACallbackThrowsGoesToTheLog) {
    std::atomic<int> calls{0};
    const CommitObserver observer =
        db_.observe(users, Conditions{}, [&](const Differences<Record>&) {
            if (++calls == 1) throw std::runtime_error{"no window"};
        });
    ASSERT_TRUE(comes_true([&] { return calls == 1; }));
    put(1, 1);
    ASSERT_TRUE(comes_true([&] { return calls == 2; }));
    const std::lock_guard lock{logging_};
    EXPECT_THAT(log_, HasSubstr("an observer of commits has thrown: no window"));
}

TEST_F(QueryObserverTest, ItsEndWaitsForTheCallbackExceptInsideOfIt) {
    std::atomic<bool> is_inside{false};
    std::atomic<bool> may_return{false};
    std::atomic<bool> has_returned{false};
    {
        std::thread release;
        const CommitObserver observer =
            db_.observe(users, Conditions{}, [&](const Differences<Record>&) {
                is_inside = true;
                while (!may_return) std::this_thread::sleep_for(1ms);
                has_returned = true;
            });
        ASSERT_TRUE(comes_true([&] { return is_inside.load(); }));
        release = std::thread{[&] {
            std::this_thread::sleep_for(20ms);
            may_return = true;
        }};
        release.detach();
    }
    EXPECT_TRUE(has_returned);
    std::optional<CommitObserver> own;
    std::mutex mutex;
    std::atomic<int> calls{0};
    {
        const std::lock_guard lock{mutex};
        own = db_.observe(users, Conditions{}, [&](const Differences<Record>&) {
            const std::lock_guard wait{mutex};
            ++calls;
            own.reset();
        });
    }
    ASSERT_TRUE(comes_true([&] { return calls == 1; }));
    Told told;
    const CommitObserver other = observe_rows(told);
    put(1, 1);
    ASSERT_TRUE(comes_true([&] { return told.now() == Points{{1, 1}}; }));
    EXPECT_EQ(calls, 1);
}

TEST_F(QueryObserverTest, WhatMakesNoSenseIsRefused) {
    const auto nothing = [](const Differences<Record>&) {};
    const auto no_documents = [](const Differences<Document>&) {};
    EXPECT_EQ(code_of([&] { return db_.observe(Table{"nothing"}, Conditions{}, nothing); }),
              ErrorCode::no_such_table);
    EXPECT_EQ(code_of([&] { return db_.observe(users, where("nothing") == 1, nothing); }),
              ErrorCode::no_such_column);
    EXPECT_EQ(code_of([&] { return db_.observe(users, where("points") == "much", nothing); }),
              ErrorCode::type_mismatch);
    EXPECT_EQ(code_of([&] {
                  return db_.observe(notes, {{"points", Document{{"$nothing", 1}}}}, no_documents);
              }),
              ErrorCode::unsupported);
    EXPECT_EQ(code_of([&] { return db_.observe(users, Conditions{}, nullptr); }),
              ErrorCode::invalid_argument);
    Told told;
    const CommitObserver observer = observe_rows(told);
    db_.close();
    EXPECT_EQ(code_of([&] { return db_.observe(users, Conditions{}, nothing); }),
              ErrorCode::transaction_closed);
}

/// A program that closes the database in the callback.
TEST_F(QueryObserverTest, ACallbackMayCloseTheDatabase) {
    std::atomic<bool> is_closed{false};
    const CommitObserver observer =
        db_.observe(users, Conditions{}, [&](const Differences<Record>&) {
            db_.close();
            is_closed = true;
        });
    EXPECT_TRUE(comes_true([&] { return is_closed.load(); }));
}

TEST(TypedQueryObserver, ShowsStructs) {
    Database db = Database::temporary(::typed::schema);
    std::mutex mutex;
    std::vector<std::string> names;
    const CommitObserver observer =
        db.observe(::typed::players, where(&::typed::Player::points) > 5,
                   [&](const Differences<::typed::Player>& differences) {
                       const std::lock_guard lock{mutex};
                       for (const ::typed::Player& player : differences.added) {
                           names.push_back(player.name);
                       }
                       for (const auto& [before, after] : differences.changed) {
                           names.push_back(before.name + " is " + after.name);
                       }
                   });
    const auto is = [&](const std::vector<std::string>& expected) {
        return comes_true([&] {
            const std::lock_guard lock{mutex};
            return names == expected;
        });
    };
    const std::int64_t kim =
        db.write([](Transaction& tx) {
              return tx
                  .insert(::typed::players, {.name = "Kim", .email = "k@example.com", .points = 7})
                  .player_id;
          }).value;
    EXPECT_TRUE(is({"Kim"}));
    db.write([&](Transaction& tx) {
        tx.update(::typed::players, kim, set(&::typed::Player::name, "Lee"));
    });
    EXPECT_TRUE(is({"Kim", "Kim is Lee"}));
}

}  // namespace
}  // namespace amphora
