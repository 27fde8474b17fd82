// Changes that a consumer has set aside: dead letters, and partitions that wait for them.

#include "events/consumers.hpp"
#include "support/comes_true.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <stdexcept>

namespace amphora::market {
namespace {

class DeadLetterTest : public ConsumerTest {
  protected:
    DeadLetterTest() { quick_.partition_by = "customer_id"; }

    Commit visit_of(int customer, int id) {
        return db().write([&](Transaction& tx) {
            tx.insert(visits, {{"_id", id}, {"customer_id", std::int64_t{customer}}});
        });
    }
    /// Counts a visit, and throws if it is among those that fail.
    [[nodiscard]] ChangeHandler counting() {
        return [this](Transaction& tx, const Change& change) {
            const std::string id = id_of(change);
            count(tx, id);
            const std::lock_guard lock{mutex_};
            if (failing_.contains(id) && failing_[id]-- > 0) throw std::runtime_error{"no " + id};
            handled_.push_back(id);
        };
    }
    [[nodiscard]] Subscription run() {
        return db().consume("counting", inserts(visits), counting(), quick_);
    }
    [[nodiscard]] Lines handled() {
        const std::lock_guard lock{mutex_};
        return handled_;
    }
    void await_handled(std::size_t count) {
        for (int i = 0; i < 10'000 && handled().size() < count; ++i) {
            std::this_thread::sleep_for(1ms);
        }
        ASSERT_EQ(handled().size(), count);
    }
    /// A handler ends before its commit.
    void await_no_letters() {
        for (int i = 0; i < 10'000 && !db().dead_letters().empty(); ++i) {
            std::this_thread::sleep_for(1ms);
        }
        ASSERT_TRUE(db().dead_letters().empty());
    }
    void await_state(const std::string& position_of_id, DeadLetterState state) {
        for (int i = 0; i < 10'000; ++i) {
            for (const DeadLetter& letter : db().dead_letters()) {
                if (to_json(letter.change).find(position_of_id) != std::string::npos &&
                    letter.state == state) {
                    return;
                }
            }
            std::this_thread::sleep_for(1ms);
        }
        FAIL() << position_of_id << " is not " << to_string(state);
    }
    [[nodiscard]] std::string id_of_dead() {
        for (const DeadLetter& letter : db().dead_letters("counting")) {
            if (letter.state == DeadLetterState::dead) return letter.id;
        }
        return {};
    }

    std::mutex mutex_;
    std::map<std::string, int> failing_;  ///< how often each still fails
    Lines handled_;
};

constexpr int always = 1'000'000;

TEST_F(DeadLetterTest, OthersContinueWhileAPartitionWaits) {
    failing_["11"] = 3;
    const Subscription subscription = run();
    visit_of(1, 11);
    visit_of(2, 21);
    visit_of(1, 12);
    const Commit last = visit_of(2, 22);
    ASSERT_TRUE(subscription.await(last, 20s));
    await_no_letters();
    const Lines order = handled();
    const auto at = [&](const char* id) { return std::ranges::find(order, id) - order.begin(); };
    EXPECT_LT(at("11"), at("12"));
    EXPECT_LT(at("21"), at("22"));
    EXPECT_LT(at("22"), at("11"));
    for (const char* id : {"11", "12", "21", "22"}) EXPECT_EQ(counted(id), 1) << id;
    EXPECT_EQ(subscription.report().retries, 3u);
}

TEST_F(DeadLetterTest, APartitionWaitsForItsDeadLetterAndAReplayKeepsItsOrder) {
    failing_["11"] = 5;
    {
        const Subscription subscription = run();
        for (const int id : {11, 12, 13}) visit_of(1, id);
        ASSERT_TRUE(subscription.await(visit_of(2, 21), 20s));
        await_state("11", DeadLetterState::dead);
        EXPECT_EQ(handled(), (Lines{"21"}));
        const auto letters = db().dead_letters("counting");
        ASSERT_EQ(letters.size(), 3u);
        EXPECT_EQ(letters[0].error, "no 11");
        EXPECT_EQ(letters[0].attempts, 5u);
        EXPECT_EQ(letters[0].partition, "1");
        EXPECT_EQ(letters[1].state, DeadLetterState::waiting);
        EXPECT_EQ(db().consumers().at(0).dead_letters, 1u);
        EXPECT_EQ(db().consumers().at(0).set_aside, 2u);
        // Only what is dead can be replayed.
        EXPECT_FALSE(db().replay_dead_letter(letters[1].id));
    }
    // An opening later, the partition still waits.
    db_.reset();
    const Subscription subscription = run();
    ASSERT_TRUE(subscription.await(visit_of(1, 14), 20s));
    EXPECT_EQ(handled(), (Lines{"21"}));
    EXPECT_TRUE(db().replay_dead_letter(id_of_dead()));
    await_no_letters();
    EXPECT_EQ(handled(), (Lines{"21", "11", "12", "13", "14"}));
    for (const char* id : {"11", "12", "13", "14", "21"}) EXPECT_EQ(counted(id), 1) << id;
}

TEST_F(DeadLetterTest, ADroppedLetterHasNoEffectAndItsPartitionContinues) {
    failing_["11"] = always;
    const Subscription subscription = run();
    for (const int id : {11, 12}) visit_of(1, id);
    await_state("11", DeadLetterState::dead);
    EXPECT_FALSE(db().drop_dead_letter("no id"));
    EXPECT_FALSE(db().drop_dead_letter("000000000000000000000000"));
    EXPECT_TRUE(db().drop_dead_letter(id_of_dead()));
    await_no_letters();
    EXPECT_EQ(handled(), (Lines{"12"}));
    EXPECT_EQ(counted("11"), 0);
}

/// Without partitions, a replay is for one change alone. It may fail again.
TEST_F(DeadLetterTest, AReplayThatFailsIsDeadAgain) {
    quick_.partition_by.clear();
    quick_.attempts_max = 2;
    failing_["11"] = 4;
    const Subscription subscription = run();
    visit_of(1, 11);
    ASSERT_TRUE(subscription.await(visit_of(1, 12), 20s));
    EXPECT_EQ(handled(), (Lines{"12"}));
    await_state("11", DeadLetterState::dead);
    EXPECT_TRUE(db().replay_dead_letter(id_of_dead()));
    for (int i = 0; i < 10'000 && subscription.report().retries < 4; ++i) {
        std::this_thread::sleep_for(1ms);
    }
    await_state("11", DeadLetterState::dead);
    EXPECT_EQ(counted("11"), 0);
    EXPECT_TRUE(db().replay_dead_letter(id_of_dead()));
    await_no_letters();
    EXPECT_EQ(counted("11"), 1);
}

/// What was asked for while nobody ran the consumer.
TEST_F(DeadLetterTest, AReplayOfAConsumerThatDoesNotRunWaitsForIt) {
    quick_.attempts_max = 1;
    failing_["11"] = 1;
    {
        const Subscription subscription = run();
        ASSERT_TRUE(subscription.await(visit_of(1, 11), 20s));
    }
    EXPECT_TRUE(db().replay_dead_letter(id_of_dead()));
    EXPECT_EQ(db().dead_letters().at(0).state, DeadLetterState::replaying);
    db_.reset();
    const Subscription subscription = run();
    await_no_letters();
    EXPECT_EQ(counted("11"), 1);
}

TEST_F(DeadLetterTest, ALetterShowsItsChangeAsTheFeedDoes) {
    quick_.partition_by = "customer_id";
    quick_.attempts_max = 1;
    std::vector<std::string> seen;
    std::atomic<bool> fails{true};
    const Subscription subscription = db().consume(
        "all", {changes(orders), changes(baskets), topics("*")},
        [&](Transaction&, const Change& change) {
            if (fails) throw std::runtime_error{"later"};
            const std::lock_guard lock{mutex_};
            seen.push_back(line_of(change) + " " + std::string{change.correlation()} + " " +
                           to_string(change.position()));
        },
        quick_);
    Feed feed = from_here({changes(orders), changes(baskets), topics("*")});
    const auto write = [&](auto body) { db().write(body, {.correlation = "story"}); };
    write([&](Transaction& tx) {
        const auto customer = add_customer(tx, "Kim");
        add_order(tx, customer, 1, "10.50");
        tx.insert(baskets, {{"_id", 1}, {"customer_id", customer}});
        tx.publish("greeting", {{"customer_id", customer}, {"text", "hello"}});
    });
    write([&](Transaction& tx) {
        tx.update(orders, {std::int64_t{1}, 1}, Record{{"total", Decimal{"11.00"}}});
        tx.update(baskets, Id{1}, {{"$set", Document{{"full", true}}}});
    });
    write([&](Transaction& tx) {
        tx.erase(orders, {std::int64_t{1}, 1});
        tx.erase(baskets, Id{1});
    });
    ASSERT_TRUE(subscription.await(db().snapshot().commit_seen(), 20s));
    EXPECT_EQ(db().dead_letters("all").size(), 7u);
    fails = false;
    std::vector<std::string> shown;
    while (const Change* change = feed.next(0ms)) {
        shown.push_back(line_of(*change) + " " + std::string{change->correlation()} + " " +
                        to_string(change->position()));
    }
    for (;;) {
        const auto letters = db().dead_letters("all");
        const auto dead = std::ranges::find(letters, DeadLetterState::dead, &DeadLetter::state);
        if (dead != letters.end()) {
            EXPECT_TRUE(db().replay_dead_letter(dead->id));
        }
        if (letters.empty()) break;
        std::this_thread::sleep_for(1ms);
    }
    const std::lock_guard lock{mutex_};
    EXPECT_EQ(seen, shown);
}

TEST_F(DeadLetterTest, WithoutRoomAPartitionHoldsUpTheOthers) {
    quick_.dead_letters_max = 2;
    failing_["11"] = always;
    const Subscription subscription = run();
    for (const int id : {11, 12}) visit_of(1, id);
    await_state("11", DeadLetterState::dead);
    const Commit third = visit_of(1, 13);
    const Commit other = visit_of(2, 21);
    EXPECT_FALSE(subscription.await(other, 50ms));
    EXPECT_EQ(subscription.report().state, ConsumerState::running);
    EXPECT_TRUE(support::comes_true([&] {
        return subscription.report().last_error.find("dead_letters_max") != std::string::npos;
    }));
    EXPECT_TRUE(db().drop_dead_letter(id_of_dead()));
    ASSERT_TRUE(subscription.await(other, 20s));
    await_handled(3);
    EXPECT_GT(other.sequence, third.sequence);
}

/// What a handler throws may come from anywhere.
TEST_F(DeadLetterTest, AnErrorThatNoTextHoldsIsMadeReadable) {
    for (const char* const partition : {"", "customer_id"}) {
        SCOPED_TRACE(partition);
        quick_.partition_by = partition;
        quick_.attempts_max = 2;
        const std::string name = std::string{"wild"} + partition;
        const Subscription wild = db().consume(
            name, inserts(visits),
            [](Transaction&, const Change& change) {
                if (id_of(change) == "1") throw std::runtime_error{"not \xff UTF-8"};
                if (id_of(change) == "2") throw std::runtime_error{std::string(3 << 20, 'x')};
            },
            quick_);
        if (*partition == '\0') {
            for (const int id : {1, 2, 3}) visit_of(id, id);
        }
        ASSERT_TRUE(wild.await(db().snapshot().commit_seen(), 20s)) << wild.report().last_error;
        const auto are_dead = [&] {
            const auto letters = db().dead_letters(name);
            return letters.size() == 2 && letters[0].state == DeadLetterState::dead &&
                   letters[1].state == DeadLetterState::dead;
        };
        ASSERT_TRUE(support::comes_true(are_dead));
        EXPECT_EQ(db().dead_letters(name)[0].error, "not \xef\xbf\xbd UTF-8");
        EXPECT_GT(db().dead_letters(name)[1].error.size(), 1000u);
        EXPECT_LT(db().dead_letters(name)[1].error.size(), 10'000u);
        EXPECT_EQ(wild.report().state, ConsumerState::running);
    }
}

/// A change that is as large as a transaction may be: with its error it is larger than that. Its
/// consumer can neither pass it nor keep it, and says so. What waits for a dead letter of its
/// partition and does not fit is not handled before that letter.
class LargeLetterTest : public DeadLetterTest {
  protected:
    /// As large as its transaction may be, or smaller by so many bytes.
    Commit large_visit_of(int customer, int id, std::size_t less = 0) {
        for (std::size_t bytes = (2 << 20) - less;; bytes -= 40) {
            try {
                return db().write([&](Transaction& tx) {
                    tx.insert(visits, {{"_id", id},
                                       {"customer_id", std::int64_t{customer}},
                                       {"filling", std::string(bytes, 'x')}});
                });
            } catch (const Error& error) {
                const bool is_backlog = error.code() == ErrorCode::outbox_full ||
                                        error.code() == ErrorCode::documents_stalled;
                EXPECT_TRUE(is_backlog || error.code() == ErrorCode::transaction_too_large)
                    << error.what();
                if (is_backlog) bytes += 40;
            }
        }
    }
    void expect_stopped(const Subscription& subscription, const char* why) {
        ASSERT_TRUE(support::comes_true([&] {
            return subscription.report().state == ConsumerState::stopped;
        })) << subscription.report().last_error;
        EXPECT_THAT(subscription.report().last_error, testing::HasSubstr(why));
        EXPECT_THAT(db().consumers().at(0).last_error, testing::HasSubstr(why));
    }
};

TEST_F(LargeLetterTest, AnExhaustedChangeThatFitsNoLetterStopsItsConsumer) {
    for (const char* const partition : {"", "customer_id"}) {
        SCOPED_TRACE(partition);
        quick_.partition_by = partition;
        quick_.attempts_max = 3;
        failing_["1"] = 3;
        {
            const Subscription subscription = run();
            if (*partition == '\0') {
                large_visit_of(1, 1);
            } else {
                db().write([](Transaction& tx) { tx.erase(visits, Id{1}); });
                large_visit_of(1, 1);
            }
            expect_stopped(subscription, "does not fit into a dead letter");
            EXPECT_THAT(subscription.report().last_error, testing::HasSubstr("no 1"));
        }
        const Subscription again = run();
        ASSERT_TRUE(again.await(db().snapshot().commit_seen(), 20s));
        EXPECT_TRUE(db().dead_letters().empty());
    }
}

/// The letter fits and the consumer's row does not, or both do, or neither.
TEST_F(LargeLetterTest, WhateverItsSizeAChangeIsSetAsideOrStopsItsConsumer) {
    quick_.start = FeedStart::end;
    quick_.attempts_max = 2;
    int letters = 0;
    int stops = 0;
    for (std::size_t less = 100; less <= 2000; less += 100) {
        SCOPED_TRACE(less);
        const std::string name = "of " + std::to_string(less);
        const std::string id = std::to_string(less);
        failing_[id] = always;
        Subscription subscription = db().consume(name, inserts(visits), counting(), quick_);
        large_visit_of(1, static_cast<int>(less), less);
        ASSERT_TRUE(support::comes_true([&] {
            const auto found = db().dead_letters(name);
            return subscription.report().state == ConsumerState::stopped ||
                   (!found.empty() && found[0].state == DeadLetterState::dead);
        })) << subscription.report().last_error;
        if (subscription.report().state == ConsumerState::stopped) {
            ++stops;
            EXPECT_THAT(subscription.report().last_error,
                        testing::HasSubstr("does not fit into a dead letter"));
        } else {
            ++letters;
        }
        subscription.stop();
        db().drop_consumer(name);
    }
    EXPECT_GT(letters, 0);
    EXPECT_GT(stops, 0);
}

TEST_F(LargeLetterTest, WhatWaitsForADeadLetterAndFitsNoneStopsItsConsumer) {
    failing_["11"] = 5;
    {
        const Subscription subscription = run();
        visit_of(1, 11);
        await_state("11", DeadLetterState::dead);
        large_visit_of(1, 12);
        visit_of(2, 21);
        expect_stopped(subscription, "replay or drop that letter");
        EXPECT_EQ(handled(), Lines{});
    }
    EXPECT_TRUE(db().replay_dead_letter(id_of_dead()));
    const Subscription subscription = run();
    ASSERT_TRUE(subscription.await(db().snapshot().commit_seen(), 20s));
    EXPECT_EQ(handled(), (Lines{"11", "12", "21"}));
}

/// The first one of its partition is tried again, and takes effect: then there is nothing to wait
/// for.
TEST_F(LargeLetterTest, WhatWaitsForARetryAndFitsNoLetterIsHandledAfterIt) {
    failing_["11"] = 4;
    const Subscription subscription = run();
    visit_of(1, 11);
    large_visit_of(1, 12);
    ASSERT_TRUE(subscription.await(visit_of(2, 21), 20s)) << subscription.report().last_error;
    await_handled(3);
    EXPECT_EQ(handled(), (Lines{"11", "12", "21"}));
}

TEST_F(DeadLetterTest, AStoppingConsumerStopsAtAPartitionThatIsExhausted) {
    quick_.exhausted = Exhausted::stops;
    quick_.attempts_max = 3;
    failing_["11"] = 4;
    {
        const Subscription subscription = run();
        visit_of(1, 11);
        for (int i = 0; i < 10'000 && subscription.report().state != ConsumerState::stopped; ++i) {
            std::this_thread::sleep_for(1ms);
        }
        EXPECT_EQ(subscription.report().state, ConsumerState::stopped);
    }
    failing_["11"] = 0;
    const Subscription subscription = run();
    await_no_letters();
    EXPECT_EQ(counted("11"), 1);
}

TEST_F(DeadLetterTest, TheLettersOfADroppedConsumerHoldUpNobody) {
    quick_.attempts_max = 1;
    quick_.start = FeedStart::end;
    failing_["11"] = always;
    {
        const Subscription subscription = run();
        for (const int id : {11, 12}) visit_of(1, id);
        await_state("12", DeadLetterState::waiting);
    }
    db().drop_consumer("counting");
    EXPECT_EQ(db().dead_letters("counting").size(), 2u);
    const Subscription subscription = run();
    ASSERT_TRUE(subscription.await(visit_of(1, 13), 20s));
    EXPECT_EQ(handled(), (Lines{"13"}));
}

TEST_F(DeadLetterTest, ATableWithoutThePartitionsColumnIsRefused) {
    EXPECT_EQ(code_of([&] {
                  return db().consume(
                      "one", changes(names), [](Transaction&, const Change&) {}, quick_);
              }),
              ErrorCode::no_such_column);
    EXPECT_TRUE(db().consumers().empty());
}

}  // namespace
}  // namespace amphora::market
