// What a consumer is given that no consumer should get, and what handlers do that they should not.

#include "database/system_access.hpp"
#include "events/consumers.hpp"
#include "support/comes_true.hpp"

#include <gmock/gmock.h>

#include <atomic>
#include <functional>
#include <mutex>
#include <stdexcept>
#include <thread>

namespace amphora::market {
namespace {

using support::comes_true;
using testing::AllOf;
using testing::HasSubstr;

class BadInputTest : public ConsumerTest {
  protected:
    /// Runs a consumer whose handler does this once, and then counts. Returns what it has thrown.
    std::string in_handler(const std::function<void(Transaction&)>& deed) {
        quick_.attempts_max = 1;
        quick_.start = FeedStart::end;
        const Subscription wild = db().consume(
            "wild", inserts(visits),
            [&](Transaction& tx, const Change& change) {
                count(tx, id_of(change));
                if (id_of(change) == "1") deed(tx);
            },
            quick_);
        visit(1);
        EXPECT_TRUE(wild.await(visit(2), 20s));
        EXPECT_EQ(counted("2"), 1);
        const auto letters = db().dead_letters("wild");
        EXPECT_EQ(counted("1"), letters.empty() ? 1 : 0);
        return letters.empty() ? "nothing" : letters.at(0).error;
    }
    static constexpr const char* deadlock_ = "inside this thread's own write transaction";
};

// Handlers that do what they may not.

TEST_F(BadInputTest, WhateverAHandlerThrowsIsAFailure) {
    for (int id = 1; id <= 4; ++id) visit(id);
    quick_.attempts_max = 1;
    const Subscription wild = db().consume(
        "wild", inserts(visits),
        [this](Transaction& tx, const Change& change) {
            const std::string id = id_of(change);
            count(tx, id);
            if (id == "1") throw 42;
            if (id == "2") tx.commit();
            if (id == "3") tx.rollback();
            if (id == "4") db().write([](Transaction&) {});
            if (id == "5") const Transaction taken = std::move(tx);
        },
        quick_);
    visit(5);
    ASSERT_TRUE(wild.await(visit(6), 20s));
    const auto letters = dead_letters();
    ASSERT_EQ(letters.size(), 5u);
    for (const Document& letter : letters) {
        EXPECT_EQ(counted(std::to_string(*letter.find("change.after._id")->as_int64())), 0);
    }
    EXPECT_EQ(counted("6"), 1);
}

TEST_F(BadInputTest, AHandlerMayStopItsOwnSubscription) {
    for (int id = 1; id <= 5; ++id) visit(id);
    std::mutex mutex;
    std::optional<Subscription> counting;
    {
        const std::lock_guard lock{mutex};
        counting.emplace(
            db().consume("counting", inserts(visits), [&](Transaction& tx, const Change& change) {
                count(tx, id_of(change));
                const std::lock_guard wait{mutex};
                if (id_of(change) == "3") counting->stop();
            }));
    }
    EXPECT_FALSE(counting->await(visit(6), 20s));
    counting->stop();
    EXPECT_EQ(counted("3"), 1);
    EXPECT_EQ(counted("4"), 0);
    const Subscription rest =
        db().consume("counting", inserts(visits),
                     [](Transaction& tx, const Change& change) { count(tx, id_of(change)); });
    ASSERT_TRUE(rest.await(visit(7), 20s));
    for (int id = 1; id <= 7; ++id) EXPECT_EQ(counted(std::to_string(id)), 1) << id;
}

TEST_F(BadInputTest, NothingThatWaitsForTheTurnHangsInAHandler) {
    const auto nothing = [](Transaction&, const Change&) {};
    const Subscription other = db().consume("other", inserts(baskets), nothing);
    const Commit commit = visit(100);
    const std::vector<std::pair<const char*, std::function<void()>>> deeds{
        {"write", [&] { db().write([](Transaction&) {}); }},
        {"begin", [&] { static_cast<void>(db().begin()); }},
        {"sync", [&] { db().sync(commit); }},
        {"wait", [&] { static_cast<void>(db().wait(commit)); }},
        {"consume", [&] { static_cast<void>(db().consume("new", inserts(visits), nothing)); }},
        {"drop", [&] { db().drop_consumer("nobody"); }},
        {"pause", [&] { db().pause_consumer("wild"); }},
        {"replay", [&] { db().replay_dead_letter("000000000000000000000001"); }},
        {"await", [&] { static_cast<void>(other.await(commit)); }},
    };
    for (const auto& [name, deed] : deeds) {
        SCOPED_TRACE(name);
        EXPECT_THAT(in_handler([&](Transaction&) { deed(); }), HasSubstr(deadlock_));
        db().drop_consumer("wild");
        db().write([](Transaction& tx) {
            tx.erase_all(visits, Document{});
            tx.erase_all(baskets, Document{});
            for (const char* id : {"1", "2"}) tx.erase(names, id);
        });
        for (const DeadLetter& letter : db().dead_letters()) db().drop_dead_letter(letter.id);
    }
}

/// It would wait for its own end.
TEST_F(BadInputTest, AHandlerThatAwaitsItselfIsRefused) {
    std::optional<Subscription> counting;
    std::atomic<bool> is_there{false};
    std::atomic<bool> is_refused{false};
    counting.emplace(
        db().consume("counting", inserts(visits), [&](Transaction& tx, const Change& change) {
            while (!is_there) std::this_thread::sleep_for(1ms);
            count(tx, id_of(change));
            try {
                static_cast<void>(counting->await(db().snapshot().commit_seen()));
            } catch (const Error& error) {
                is_refused = error.code() == ErrorCode::would_deadlock;
            }
        }));
    is_there = true;
    ASSERT_TRUE(counting->await(visit(1), 20s));
    EXPECT_TRUE(is_refused);
    EXPECT_EQ(counted("1"), 1);
}

TEST_F(BadInputTest, AHandlerMayDestroyItsOwnSubscription) {
    std::optional<Subscription> counting;
    std::atomic<bool> is_there{false};
    std::atomic<bool> is_gone{false};
    counting.emplace(
        db().consume("counting", inserts(visits), [&](Transaction& tx, const Change& change) {
            while (!is_there) std::this_thread::sleep_for(1ms);
            count(tx, id_of(change));
            counting.reset();
            is_gone = true;
        }));
    is_there = true;
    visit(1);
    ASSERT_TRUE(comes_true([&] { return is_gone.load(); }));
    ASSERT_TRUE(comes_true([&] { return counted("1") == 1; }));
    ASSERT_TRUE(comes_true([&] { return db().consumers().at(0).state == ConsumerState::idle; }));
}

/// The other one waits for the turn that the handler has.
TEST_F(BadInputTest, AHandlerMayStopAConsumerThatWaitsForItsTurn) {
    quick_.batch_changes_max = 1;
    const auto counter = [](Transaction& tx, const Change& change) {
        tx.put(baskets, {{"_id", change.id()}});
    };
    Subscription other = db().consume("other", inserts(visits), counter, quick_);
    std::atomic<int> stopped{0};
    const Subscription stopping =
        db().consume("stopping", inserts(visits), [&](Transaction& tx, const Change& change) {
            count(tx, id_of(change));
            if (id_of(change) != "50") return;
            std::this_thread::sleep_for(20ms);
            other.stop();
            ++stopped;
        });
    for (int id = 1; id <= 100; ++id) visit(id);
    ASSERT_TRUE(stopping.await(visit(101), 20s));
    EXPECT_EQ(stopped, 1);
    EXPECT_EQ(other.report().state, ConsumerState::idle);
}

/// The transaction of this thread has the turn, for which two consumers wait: one that runs, and one
/// that is being begun.
TEST_F(BadInputTest, CloseEndsConsumersThatWaitForTheTurnOfItsThread) {
    const auto slow = [](Transaction&, const Change&) { std::this_thread::sleep_for(2ms); };
    const auto nothing = [](Transaction&, const Change&) {};
    for (int id = 1; id <= 50; ++id) visit(id);
    quick_.batch_changes_max = 1;
    const Subscription running = db().consume("running", inserts(visits), slow, quick_);
    const Transaction open = db().begin();
    std::thread beginning{[&] {
        EXPECT_EQ(code_of([&] { return db().consume("new", inserts(visits), nothing); }),
                  ErrorCode::transaction_closed);
    }};
    std::this_thread::sleep_for(20ms);
    db().close();
    beginning.join();
    EXPECT_EQ(running.report().state, ConsumerState::idle);
}

TEST_F(BadInputTest, AHandlerMayCloseTheDatabase) {
    std::atomic<bool> is_closed{false};
    const Subscription other = db().consume(
        "other", inserts(visits), [](Transaction&, const Change&) {}, quick_);
    const Subscription closing =
        db().consume("closing", inserts(visits), [&](Transaction& tx, const Change& change) {
            count(tx, id_of(change));
            db().close();
            is_closed = true;
        });
    visit(1);
    ASSERT_TRUE(comes_true([&] { return is_closed.load(); }));
    db_.reset();
    // It is closed when the handler has returned.
    ASSERT_TRUE(
        comes_true([&] { return code_of([&] { return open(), 0; }) != ErrorCode::in_use; }));
    EXPECT_EQ(counted("1"), 0) << "its transaction was dropped";
}

TEST_F(BadInputTest, WhateverAPreparationThrowsIsAFailure) {
    quick_.attempts_max = 2;
    const Subscription drawing = db().consume(
        "drawing", inserts(visits),
        [](const Snapshot&, const Change& change) {
            if (id_of(change) == "1") throw 42;
            return 0;
        },
        [](Transaction& tx, const Change& change, int) { count(tx, id_of(change)); }, quick_);
    visit(1);
    ASSERT_TRUE(drawing.await(visit(2), 20s));
    EXPECT_EQ(counted("2"), 1);
    ASSERT_EQ(db().dead_letters("drawing").size(), 1u);
    EXPECT_THAT(db().dead_letters("drawing")[0].error, HasSubstr("no std::exception"));
}

// More than a transaction holds.

TEST_F(BadInputTest, APayloadBeyondACommitIsRefusedByItsStatement) {
    const std::string payload(3 << 20, 'x');  // edge: 2 MiB
    EXPECT_EQ(
        code_of([&] {
            return db().write([&](Transaction& tx) { tx.publish("large", {{"text", payload}}); });
        }),
        ErrorCode::transaction_too_large);
    EXPECT_THAT(in_handler([&](Transaction& tx) {
                    tx.publish("large", {{"text", payload}});
                }),
                HasSubstr("commit_bytes_max"));
}

/// Each of them fits a commit, and the batch does not.
TEST_F(BadInputTest, ABatchBeyondACommitIsDividedAndNobodyFails) {
    const std::string text(600'000, 'x');
    for (const char* const partition : {"", "customer_id"}) {
        quick_.partition_by = partition;
        const std::string name = std::string{"filling"} + partition;
        const Subscription filling = db().consume(
            name, inserts(visits),
            [&](Transaction& tx, const Change& change) {
                tx.insert(baskets, {{"_id", name + id_of(change)}, {"text", text}});
            },
            quick_);
        if (*partition == '\0') {
            for (int id = 1; id <= 12; ++id) visit(id);
        }
        ASSERT_TRUE(filling.await(db().snapshot().commit_seen(), 20s));
        ASSERT_TRUE(comes_true([&] { return db().dead_letters(name).empty(); }));
        for (int id = 1; id <= 12; ++id) {
            EXPECT_TRUE(db().snapshot().find(baskets, Id{name + std::to_string(id)})) << id;
        }
    }
}

// Names that are not there.

TEST_F(BadInputTest, UnknownNamesAreRefused) {
    const auto nothing = [](Transaction&, const Change&) {};
    const auto code = [&](const std::vector<Selection>& selections,
                          const std::string& partition = {}) {
        ConsumerOptions options;
        options.partition_by = partition;
        return code_of([&] { return db().consume("one", selections, nothing, options); });
    };
    EXPECT_EQ(code({changes(Table{"nobody"})}), ErrorCode::no_such_table);
    EXPECT_EQ(code({changes(Collection{"nobody"})}), ErrorCode::no_such_table);
    EXPECT_EQ(code({changes(orders, where("nothing") > 1)}), ErrorCode::no_such_column);
    EXPECT_EQ(code({changes(orders)}, "nothing"), ErrorCode::no_such_column);
    EXPECT_EQ(code({topics("a*b")}), ErrorCode::invalid_argument);
    EXPECT_TRUE(db().consumers().empty());
    const auto code_with_name = [&](auto call) {
        return code_of([&] { return (db().*call)("nobody"), 0; });
    };
    EXPECT_EQ(code_with_name(&Database::pause_consumer), ErrorCode::no_such_consumer);
    EXPECT_EQ(code_with_name(&Database::resume_consumer), ErrorCode::no_such_consumer);
    EXPECT_EQ(code_with_name(&Database::drop_consumer), ErrorCode::no_such_consumer);
    EXPECT_TRUE(db().dead_letters("nobody").empty());
    EXPECT_FALSE(db().replay_dead_letter("nobody"));
}

TEST_F(BadInputTest, SenselessOptionsAreRefused) {
    const auto nothing = [](Transaction&, const Change&) {};
    const auto code = [&](const std::string& name, const ChangeHandler& handler, auto change) {
        ConsumerOptions options;
        change(options);
        return code_of([&] { return db().consume(name, inserts(visits), handler, options); });
    };
    const auto as_it_is = [](ConsumerOptions&) {};
    EXPECT_EQ(code("", nothing, as_it_is), ErrorCode::invalid_argument);
    EXPECT_EQ(code(std::string(201, 'x'), nothing, as_it_is), ErrorCode::invalid_argument);
    EXPECT_EQ(code("x", {}, as_it_is), ErrorCode::invalid_argument);
    EXPECT_EQ(code("x", nothing, [](auto& options) { options.batch_changes_max = 0; }),
              ErrorCode::invalid_argument);
    EXPECT_EQ(code("x", nothing, [](auto& options) { options.attempts_max = 0; }),
              ErrorCode::invalid_argument);
    EXPECT_EQ(code("x", nothing, [](auto& options) { options.backoff_max = 0ms; }),
              ErrorCode::invalid_argument);
    EXPECT_EQ(code("x", nothing, [](auto& options) { options.workers = 0; }),
              ErrorCode::invalid_argument);
    EXPECT_EQ(code("x", nothing, [](auto& options) { options.when_full = FeedFull::skip; }),
              ErrorCode::invalid_argument);
    EXPECT_TRUE(db().consumers().empty());
}

/// As after a repair that could not keep the journal.
TEST_F(BadInputTest, APositionThatIsNotThereIsNamed) {
    const auto nothing = [](Transaction&, const Change&) {};
    visit(1);
    db().consume("one", inserts(visits), nothing).stop();
    detail::SystemAccess::allow_writes(db());
    const auto move_to = [&](const std::string& position) {
        db().write([&](Transaction& tx) {
            tx.update(Table{"amphora.consumers"}, "one", Record{{"position", position}});
        });
    };
    const std::string timeline = db().statistics().timeline;
    for (const std::string& position :
         {std::string(32, '0') + ":1", timeline + ":4000000", std::string{"nonsense"}}) {
        SCOPED_TRACE(position);
        move_to(position);
        const ErrorCode code =
            position == "nonsense" ? ErrorCode::invalid_argument : ErrorCode::unknown_position;
        EXPECT_EQ(code_of([&] { return db().consume("one", inserts(visits), nothing); }), code);
        // The database opens, and the consumer can still be dropped, and begun anew.
        db_.reset();
        detail::SystemAccess::allow_writes(db());
    }
    db().drop_consumer("one");
    const Subscription again = db().consume("one", inserts(visits), nothing);
    EXPECT_TRUE(again.await(visit(2), 20s));
}

/// A schema that does not name a table any more keeps it, and its consumer continues. A letter
/// whose table is in no schema, as after a dump that was edited, is dead again and says why.
TEST_F(BadInputTest, ATableThatTheSchemaDoesNotNameAnyMoreKeepsItsConsumer) {
    const auto consume = [&](Database& database) {
        return database.consume(
            "counting", inserts(names),
            [](Transaction& tx, const Change& change) {
                tx.insert(baskets, {{"_id", to_string(change.key()["name"])}});
            },
            quick_);
    };
    {
        const Subscription counting = consume(db());
        ASSERT_TRUE(counting.await(db().write([](Transaction& tx) {
            tx.insert(names, Record{{"name", "Kim"}});
        }),
                                   20s));
    }
    db_.reset();
    constexpr Schema without{
        "market", "CREATE COLLECTION baskets (customer_id BIGINT) WITH (before = TRUE);"};
    db_.emplace(Database::open(path(), without, small()));
    const Subscription counting = consume(db());
    ASSERT_TRUE(counting.await(db().write([](Transaction& tx) {
        tx.insert(names, Record{{"name", "Lee"}});
    }),
                               20s));
    EXPECT_TRUE(db().snapshot().find(baskets, Id{"'Lee'"}) ||
                db().snapshot().find(baskets, Id{"Lee"}));
}

TEST_F(BadInputTest, ALetterOfATableThatIsGoneIsDeadAgain) {
    quick_.attempts_max = 1;
    std::atomic<bool> fails{true};
    const Subscription counting = db().consume(
        "counting", inserts(visits),
        [&](Transaction&, const Change&) {
            if (fails) throw std::runtime_error{"no"};
        },
        quick_);
    ASSERT_TRUE(counting.await(visit(1), 20s));
    fails = false;
    detail::SystemAccess::allow_writes(db());
    db().write([](Transaction& tx) {
        tx.update_all(dead_letters_, Document{}, {{"$set", Document{{"change.name", "gone"}}}});
    });
    const std::string id = db().dead_letters().at(0).id;
    ASSERT_TRUE(db().replay_dead_letter(id));
    ASSERT_TRUE(comes_true([&] {
        const DeadLetter letter = db().dead_letters().at(0);
        return letter.state == DeadLetterState::dead && letter.error != "no";
    }));
    EXPECT_THAT(db().dead_letters().at(0).error, HasSubstr("gone"));
    EXPECT_EQ(counting.report().state, ConsumerState::running);
    EXPECT_TRUE(counting.await(visit(2), 20s));
}

// A reset that fails.

TEST_F(BadInputTest, WhateverAResetThrowsStopsItsConsumer) {
    Options options = small();
    options.segment_bytes = 64 << 10;
    options.feed_bytes_max = 4 * options.segment_bytes;
    options.journal_bytes_max = 64 * options.segment_bytes;
    open(options);
    quick_.when_full = FeedFull::skip;
    quick_.reset = [](Transaction&) { throw 42; };
    Subscription skipped = db().consume(
        "skipped", inserts(visits), [](Transaction&, const Change&) {}, quick_);
    ASSERT_TRUE(skipped.await(visit(100'000), 20s));
    skipped.pause();
    const std::string filling(4000, 'x');
    for (int id = 1; id <= 400; ++id) {
        db().write(
            [&](Transaction& tx) {
                tx.insert(visits, {{"_id", id}, {"filling", filling}});
            },
            {.durability = Durability::written});
    }
    skipped.resume();
    ASSERT_TRUE(comes_true([&] { return skipped.report().state == ConsumerState::stopped; }));
    EXPECT_THAT(skipped.report().last_error, HasSubstr("no std::exception"));
    EXPECT_THROW(while (code_of([&] {
                            return db().consume(
                                "skipped", inserts(visits), [](Transaction&, const Change&) {},
                                quick_);
                        }) == ErrorCode::in_use){},
                 int);
}

}  // namespace
}  // namespace amphora::market
