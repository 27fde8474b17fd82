// Consumers: every change takes effect exactly once.

#include "database/system_access.hpp"
#include "events/consumers.hpp"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <stdexcept>
#include <thread>

namespace amphora::market {
namespace {

TEST_F(ConsumerTest, EveryChangeTakesEffectOnce) {
    visit(1);
    const Subscription counting =
        db().consume("counting", inserts(visits),
                     [](Transaction& tx, const Change& change) { count(tx, id_of(change)); });
    Commit last{};
    for (int id = 2; id <= 200; ++id) last = visit(id);
    ASSERT_TRUE(counting.await(last, 20s));
    for (int id = 1; id <= 200; ++id) EXPECT_EQ(counted(std::to_string(id)), 1) << id;
    const ConsumerReport report = counting.report();
    EXPECT_EQ(report.changes, 200u);
    EXPECT_EQ(report.state, ConsumerState::running);
    EXPECT_GE(report.position.sequence(), last.sequence);
}

/// The database is opened again and again, and once its handle is destroyed while changes wait.
TEST_F(ConsumerTest, AConsumerContinuesWhereItWas) {
    int id = 0;
    for (int round = 0; round < 5; ++round) {
        {
            const Subscription counting = db().consume(
                "counting", inserts(visits),
                [](Transaction& tx, const Change& change) { count(tx, id_of(change)); });
            Commit last{};
            for (int i = 0; i < 30; ++i) last = visit(++id);
            if (round % 2 == 0) {
                ASSERT_TRUE(counting.await(last, 20s));
            }
        }
        for (int i = 0; i < 10; ++i) visit(++id);
        db_.reset();
    }
    const Subscription counting =
        db().consume("counting", inserts(visits),
                     [](Transaction& tx, const Change& change) { count(tx, id_of(change)); });
    ASSERT_TRUE(counting.await(visit(++id), 20s));
    for (int each = 1; each <= id; ++each) EXPECT_EQ(counted(std::to_string(each)), 1) << each;
}

/// Nothing of a handler that throws stays, and what comes after its change waits for it.
TEST_F(ConsumerTest, AChangeThatFailsIsTriedAgainBeforeAnyOther) {
    for (int id = 1; id <= 9; ++id) visit(id);
    std::mutex mutex;
    Lines seen;
    const Subscription counting = db().consume(
        "counting", inserts(visits),
        [&](Transaction& tx, const Change& change) {
            count(tx, id_of(change));
            const std::lock_guard lock{mutex};
            seen.push_back(id_of(change));
            if (id_of(change) == "5" && std::ranges::count(seen, "5") < 4) {
                throw std::runtime_error{"not yet"};
            }
        },
        quick_);
    ASSERT_TRUE(counting.await(visit(10), 20s));
    for (int id = 1; id <= 10; ++id) EXPECT_EQ(counted(std::to_string(id)), 1) << id;
    EXPECT_EQ(seen, (Lines{"1", "2", "3", "4", "5", "5", "5", "5", "6", "7", "8", "9", "10"}));
    EXPECT_GT(counting.report().retries, 0u);
    EXPECT_EQ(counting.report().attempts, 0u);
    EXPECT_TRUE(dead_letters().empty());
}

TEST_F(ConsumerTest, AnExhaustedChangeBecomesADeadLetter) {
    for (int id = 1; id <= 9; ++id) visit(id);
    std::atomic<int> attempts{0};
    const Subscription counting = db().consume(
        "counting", inserts(visits),
        [&](Transaction& tx, const Change& change) {
            count(tx, id_of(change));
            if (id_of(change) != "5") return;
            ++attempts;
            throw std::runtime_error{"never"};
        },
        quick_);
    ASSERT_TRUE(counting.await(visit(10), 20s));
    for (int id = 1; id <= 10; ++id) EXPECT_EQ(counted(std::to_string(id)), id == 5 ? 0 : 1) << id;
    const auto letters = dead_letters();
    ASSERT_EQ(letters.size(), 1u);
    EXPECT_EQ(letters[0].find("consumer")->as_text(), "counting");
    EXPECT_EQ(letters[0].find("error")->as_text(), "never");
    EXPECT_EQ(letters[0].find("attempts")->as_int64(), 5);
    EXPECT_EQ(attempts, 5);
    EXPECT_EQ(letters[0].find("change.name")->as_text(), "visits");
    EXPECT_EQ(letters[0].find("change.after._id")->as_int64(), 5);
    EXPECT_EQ(counting.report().state, ConsumerState::running);
    EXPECT_EQ(db().consumers().at(0).dead_letters, 1u);
}

TEST_F(ConsumerTest, AnExhaustedChangeStopsAConsumerThatWantsIt) {
    for (int id = 1; id <= 5; ++id) visit(id);
    quick_.exhausted = Exhausted::stops;
    quick_.attempts_max = 2;
    std::atomic<bool> fails{true};
    const auto handler = [&](Transaction& tx, const Change& change) {
        count(tx, id_of(change));
        if (fails && id_of(change) == "3") throw std::runtime_error{"no room"};
    };
    {
        const Subscription counting = db().consume("counting", inserts(visits), handler, quick_);
        EXPECT_FALSE(counting.await(visit(6), 20s));
        EXPECT_EQ(counting.report().state, ConsumerState::stopped);
        EXPECT_NE(counting.report().last_error.find("no room"), std::string::npos);
    }
    EXPECT_EQ(counted("2"), 1);
    EXPECT_EQ(counted("3"), 0);
    EXPECT_EQ(counted("4"), 0);
    EXPECT_TRUE(dead_letters().empty());
    fails = false;
    const Subscription counting = db().consume("counting", inserts(visits), handler, quick_);
    ASSERT_TRUE(counting.await(visit(7), 20s));
    for (int id = 1; id <= 7; ++id) EXPECT_EQ(counted(std::to_string(id)), 1) << id;
}

TEST_F(ConsumerTest, TooManyDeadLettersStopAConsumer) {
    for (int id = 1; id <= 5; ++id) visit(id);
    quick_.attempts_max = 1;
    quick_.dead_letters_max = 2;
    const Subscription counting = db().consume(
        "counting", inserts(visits),
        [](Transaction&, const Change&) { throw std::runtime_error{"no"}; }, quick_);
    EXPECT_FALSE(counting.await(visit(6), 20s));
    EXPECT_EQ(counting.report().state, ConsumerState::stopped);
    EXPECT_NE(counting.report().last_error.find("dead_letters_max"), std::string::npos);
    EXPECT_EQ(dead_letters().size(), 2u);
}

TEST_F(ConsumerTest, OneNameRunsOnce) {
    const auto nothing = [](Transaction&, const Change&) {};
    Subscription first = db().consume("one", inserts(visits), nothing);
    EXPECT_EQ(code_of([&] { return db().consume("one", inserts(visits), nothing); }),
              ErrorCode::in_use);
    EXPECT_EQ(code_of([&] {
                  db().drop_consumer("one");
                  return 0;
              }),
              ErrorCode::in_use);
    first.stop();
    const Subscription again = db().consume("one", inserts(visits), nothing);
    const Subscription other = db().consume("other", inserts(visits), nothing);
    EXPECT_EQ(db().consumers().size(), 2u);
}

TEST_F(ConsumerTest, OtherSelectionsAreRefusedUnlessTheConsumerSaysSo) {
    const auto nothing = [](Transaction&, const Change&) {};
    db().consume("one", inserts(visits), nothing).stop();
    EXPECT_EQ(code_of([&] { return db().consume("one", changes(visits), nothing); }),
              ErrorCode::consumer_changed);
    db().consume("one", inserts(visits), nothing).stop();
    ConsumerOptions options;
    options.changed = ChangedSelections::continues;
    db().consume("one", changes(visits), nothing, options).stop();
    db().consume("one", changes(visits), nothing).stop();
}

// What a consumer sees.

TEST_F(ConsumerTest, ItDoesNotSeeItsOwnChangesUnlessItAsks) {
    std::atomic<int> calls{0};
    const auto handler = [&](Transaction& tx, const Change& change) {
        ++calls;
        const std::int64_t id = change.id().view().as_int64().value();
        if (id < 3) tx.insert(visits, {{"_id", id + 1}});
    };
    {
        const Subscription once = db().consume("once", inserts(visits), handler);
        ASSERT_TRUE(once.await(visit(1), 20s));
        EXPECT_EQ(calls, 1);
        db().write([&](Transaction& tx) { tx.erase(visits, Id{2}); });
    }
    calls = 0;
    ConsumerOptions options;
    options.own_changes = true;
    options.start = FeedStart::end;
    const Subscription chain = db().consume("chain", inserts(visits), handler, options);
    db().write([&](Transaction& tx) { tx.erase(visits, Id{1}); });
    visit(1);
    while (calls < 3) std::this_thread::sleep_for(1ms);
    EXPECT_TRUE(chain.await(db().snapshot().commit_seen(), 20s));
    EXPECT_EQ(calls, 3);
}

TEST_F(ConsumerTest, AHandlersCommitTellsItsCause) {
    Feed feed = from_here({changes(names)});
    Feed caused = from_here({changes(visits)});
    const Subscription counting =
        db().consume("counting", inserts(visits), [](Transaction& tx, const Change& change) {
            tx.insert(names, Record{{"name", id_of(change)}});
        });
    db().write(
        [&](Transaction& tx) {
            tx.insert(visits, {{"_id", 1}});
        },
        {.origin = "door", .correlation = "evening"});
    const Change* const effect = feed.next(20s);
    ASSERT_NE(effect, nullptr);
    EXPECT_EQ(effect->origin(), "amphora.consumer/counting");
    EXPECT_EQ(effect->correlation(), "evening");
    const Change* const cause = caused.next(0ms);
    ASSERT_NE(cause, nullptr);
    EXPECT_EQ(effect->causation(), to_string(cause->position()));
}

/// Batches of at most five changes: three commits of four changes are three batches.
TEST_F(ConsumerTest, ABatchEndsWithAWholeCommit) {
    for (int commit = 0; commit < 3; ++commit) {
        db().write([&](Transaction& tx) {
            for (int i = 0; i < 4; ++i) tx.insert(visits, {{"_id", 10 * commit + i}});
        });
    }
    ConsumerOptions options;
    options.batch_changes_max = 5;
    options.batch_time_max = 60'000ms;
    const Commit last = db().snapshot().commit_seen();
    const Subscription counting = db().consume(
        "counting", inserts(visits),
        [](Transaction& tx, const Change& change) { count(tx, id_of(change)); }, options);
    ASSERT_TRUE(counting.await(last, 20s));
    EXPECT_EQ(counting.report().changes, 12u);
    EXPECT_EQ(counting.report().commits, 3u);
}

TEST_F(ConsumerTest, ALongBatchLetsOthersWriteInBetween) {
    for (int id = 1; id <= 20; ++id) visit(id);
    ConsumerOptions options;
    options.batch_time_max = 1ms;
    const Subscription slow = db().consume(
        "slow", inserts(visits),
        [](Transaction& tx, const Change& change) {
            count(tx, id_of(change));
            std::this_thread::sleep_for(3ms);
        },
        options);
    ASSERT_TRUE(slow.await(visit(21), 20s));
    EXPECT_GE(slow.report().commits, 20u);
}

TEST_F(ConsumerTest, APausedConsumerWaits) {
    Subscription counting =
        db().consume("counting", inserts(visits),
                     [](Transaction& tx, const Change& change) { count(tx, id_of(change)); });
    counting.pause();
    EXPECT_EQ(counting.report().state, ConsumerState::paused);
    const Commit commit = visit(1);
    EXPECT_FALSE(counting.await(commit, 20ms));
    EXPECT_EQ(counted("1"), 0);
    counting.resume();
    ASSERT_TRUE(counting.await(commit, 20s));
    EXPECT_EQ(counted("1"), 1);
}

TEST_F(ConsumerTest, APausedConsumerStaysPausedOverOpenings) {
    const auto handler = [](Transaction& tx, const Change& change) { count(tx, id_of(change)); };
    EXPECT_EQ(code_of([&] { return db().pause_consumer("counting"), 0; }),
              ErrorCode::no_such_consumer);
    {
        const Subscription counting = db().consume("counting", inserts(visits), handler);
        ASSERT_TRUE(counting.await(visit(1), 20s));
        db().pause_consumer("counting");
        EXPECT_EQ(counting.report().state, ConsumerState::paused);
        EXPECT_FALSE(counting.await(visit(2), 20ms));
    }
    db_.reset();
    EXPECT_EQ(db().consumers().at(0).state, ConsumerState::paused);
    const Subscription counting = db().consume("counting", inserts(visits), handler);
    const Commit commit = visit(3);
    EXPECT_FALSE(counting.await(commit, 20ms));
    EXPECT_EQ(counted("2"), 0);
    db().resume_consumer("counting");
    ASSERT_TRUE(counting.await(commit, 20s));
    for (const char* id : {"1", "2", "3"}) EXPECT_EQ(counted(id), 1);
}

/// It holds the turn, so the log and the report name it.
TEST_F(ConsumerTest, AHandlerThatTakesTooLongIsNamed) {
    std::mutex mutex;
    std::string log;
    Options options = small();
    options.log = [&](const std::string& line) {
        const std::lock_guard lock{mutex};
        log += line + "\n";
    };
    open(options);
    std::atomic<bool> may_return{false};
    ConsumerOptions slow;
    slow.handler_time_max = 1ms;
    std::optional<Subscription> counting = db().consume(
        "stuck", inserts(visits),
        [&](Transaction& tx, const Change& change) {
            while (!may_return) std::this_thread::sleep_for(1ms);
            count(tx, id_of(change));
        },
        slow);
    const Commit commit = visit(1);
    const auto is_named = [&] {
        const std::lock_guard lock{mutex};
        return log.find("consumer stuck: its handler has had a change of commit") !=
               std::string::npos;
    };
    for (int i = 0; i < 10'000 && !is_named(); ++i) std::this_thread::sleep_for(1ms);
    EXPECT_TRUE(is_named());
    EXPECT_TRUE(counting->report().handling_since.has_value());
    may_return = true;
    ASSERT_TRUE(counting->await(commit, 20s));
    EXPECT_FALSE(counting->report().handling_since.has_value());
    EXPECT_EQ(counting->report().window.count, 1u);
    EXPECT_GT(counting->report().window.max_us, 0u);
    counting.reset();
    db_.reset();  // which logs
}

/// The attempts of a change that fails are counted over openings.
TEST_F(ConsumerTest, AttemptsAreCountedOverOpenings) {
    visit(1);
    std::atomic<int> calls{0};
    quick_.backoff = 10s;
    quick_.backoff_max = 10s;
    quick_.attempts_max = 3;
    for (int opening = 1; opening <= 3; ++opening) {
        const Subscription counting = db().consume(
            "counting", inserts(visits),
            [&](Transaction&, const Change&) {
                ++calls;
                throw std::runtime_error{"never"};
            },
            quick_);
        for (int i = 0; i < 10'000 && counting.report().attempts + counting.report().commits == 0;
             ++i) {
            std::this_thread::sleep_for(1ms);
        }
        if (opening < 3) {
            EXPECT_EQ(counting.report().attempts, static_cast<std::uint32_t>(opening));
        }
    }
    EXPECT_EQ(calls, 3);
    EXPECT_EQ(db().dead_letters().size(), 1u);
}

TEST_F(ConsumerTest, CloseStopsConsumers) {
    std::atomic<int> calls{0};
    const Subscription counting =
        db().consume("counting", inserts(visits), [&](Transaction& tx, const Change& change) {
            count(tx, id_of(change));
            ++calls;
            std::this_thread::sleep_for(1ms);
        });
    for (int id = 1; id <= 50; ++id) visit(id);
    db().close();
    EXPECT_NE(counting.report().state, ConsumerState::running);
    const int handled = calls;
    db_.reset();
    open();
    std::int64_t effects = 0;
    for (int id = 1; id <= 50; ++id) effects += counted(std::to_string(id));
    EXPECT_EQ(effects, handled);
}

/// Each of them waits until the handler has ended.
TEST_F(ConsumerTest, SeveralThreadsMayStopAConsumer) {
    std::atomic<bool> inside{false};
    std::atomic<bool> left{false};
    Subscription counting =
        db().consume("counting", inserts(visits), [&](Transaction& tx, const Change& change) {
            inside = true;
            std::this_thread::sleep_for(50ms);
            count(tx, id_of(change));
            left = true;
        });
    visit(1);
    while (!inside) std::this_thread::sleep_for(1ms);
    std::vector<std::thread> others;
    for (int i = 0; i < 3; ++i) {
        others.emplace_back([&] {
            counting.stop();
            EXPECT_TRUE(left);
        });
    }
    for (std::thread& other : others) other.join();
    EXPECT_EQ(counting.report().state, ConsumerState::idle);
    EXPECT_EQ(counted("1"), 1);
}

// What the journal keeps.

/// Nobody runs the consumer for long, over openings and many segments of the journal.
TEST_F(ConsumerTest, TheJournalKeepsWhatAConsumerHasNotSeen) {
    Options options = small();
    options.segment_bytes = 64 << 10;
    open(options);
    const auto handler = [](Transaction& tx, const Change& change) { count(tx, id_of(change)); };
    db().consume("counting", inserts(visits), handler).stop();
    visit_over_openings(1, 300, options);
    {
        const Subscription counting = db().consume("counting", inserts(visits), handler);
        ASSERT_TRUE(counting.await(visit(301), 20s));
    }
    for (int id = 1; id <= 301; ++id) EXPECT_EQ(counted(std::to_string(id)), 1) << id;
}

/// A later version of the library may store positions in another form. The database opens, and the
/// journal keeps everything for that consumer.
TEST_F(ConsumerTest, APositionThatIsNotUnderstoodKeepsEverything) {
    const auto nothing = [](Transaction&, const Change&) {};
    db().consume("one", inserts(visits), nothing).stop();
    detail::SystemAccess::allow_writes(db());
    db().write([](Transaction& tx) {
        tx.update(Table{"amphora.consumers"}, "one", Record{{"position", "a later form"}});
    });
    for (int opening = 0; opening < 3; ++opening) {
        db_.reset();
        visit(opening);
    }
    EXPECT_EQ(db().statistics().journal.recycled, Sequence{});
    EXPECT_NE(db().consumers().at(0).last_error.find("a later form"), std::string::npos);
    EXPECT_EQ(code_of([&] { return db().consume("one", inserts(visits), nothing); }),
              ErrorCode::invalid_argument);
    db().drop_consumer("one");
}

TEST_F(ConsumerTest, ADroppedConsumerKeepsNothing) {
    Options options = small();
    options.segment_bytes = 64 << 10;
    open(options);
    const auto nothing = [](Transaction&, const Change&) {};
    db().consume("one", inserts(visits), nothing).stop();
    const Sequence kept = db().consumers().at(0).position.sequence();
    const std::string filling(1000, 'x');
    for (int id = 1; id <= 200; ++id) {
        db().write(
            [&](Transaction& tx) {
                tx.insert(visits, {{"_id", id}, {"filling", filling}});
            },
            {.durability = Durability::written});
    }
    db().sync(db().snapshot().commit_seen());
    EXPECT_LE(db().statistics().journal.recycled, kept);
    EXPECT_GE(db().consumers().at(0).lag_commits, 200u);
    db().drop_consumer("one");
    EXPECT_TRUE(db().consumers().empty());
    EXPECT_EQ(code_of([&] {
                  db().drop_consumer("one");
                  return 0;
              }),
              ErrorCode::no_such_consumer);
    db_.reset();
    open(options);
    db_.reset();
    open(options);
    EXPECT_GT(db().statistics().journal.recycled, kept);
}

}  // namespace
}  // namespace amphora::market
