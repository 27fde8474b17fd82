// Consumers that read one of their tables or collections again, while others write.

#include "events/consumers.hpp"
#include "events/feed_place.hpp"

#include <gmock/gmock.h>

#include <atomic>
#include <map>
#include <random>
#include <stdexcept>
#include <thread>

namespace amphora::market {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr int first_visits = 4000;

class ReadAgainTest : public ConsumerTest {
  protected:
    ReadAgainTest() { quick_.start = FeedStart::snapshot; }

    std::mutex mutex_;
    std::map<std::string, std::string> copy_;  ///< made of changes alone
    std::map<std::string, int> reads_;         ///< of each key

    /// Keeps the copy. It is complete, so no change is missing and none comes twice if an insert is
    /// of an unknown key, an update or delete of a known one, and if what is read again is in the
    /// copy already: then all changes before it have come, and none after it.
    void take(const Change& change) {
        const std::lock_guard lock{mutex_};
        const std::string key = change.is_row() ? to_string(change.key()["name"])
                                                : to_json(BsonView{change.id().view()});
        const std::string state = change.kind() == ChangeKind::erase ? ""
                                  : change.is_row()
                                      ? to_string(change.row_after()->record()["times"])
                                      : to_json(*change.document_after());
        const bool is_known = copy_.contains(key);
        switch (change.kind()) {
            case ChangeKind::read:
                ++reads_[key];
                if (is_complete_) {
                    EXPECT_TRUE(is_known) << "read and unknown: " << key;
                    EXPECT_EQ(copy_[key], state) << "read out of order: " << key;
                }
                break;
            case ChangeKind::insert:
                EXPECT_FALSE(is_known) << "inserted twice: " << key;
                break;
            default:
                EXPECT_TRUE(is_known) << to_string(change.kind()) << " of " << key;
        }
        if (change.kind() == ChangeKind::erase) {
            copy_.erase(key);
        } else {
            copy_[key] = state;
        }
    }
    bool is_complete_ = false;

    [[nodiscard]] Subscription run() {
        return db().consume(
            "copying", {changes(visits), changes(names)},
            [this](Transaction&, const Change& change) { take(change); }, quick_);
    }
    /// Has the copy made, and counts reads from now on.
    void complete(const Subscription& copying) {
        ASSERT_TRUE(copying.await(db().snapshot().commit_seen(), 20s));
        const std::lock_guard lock{mutex_};
        is_complete_ = true;
        reads_.clear();
    }
    void expect_copy_of_everything() {
        std::map<std::string, std::string> all;
        const Snapshot now = db().snapshot();
        for (const DocumentView visit : now.scan(visits)) {
            all[to_json(BsonView{*visit.find("_id")})] = to_json(visit);
        }
        for (const RowView& row : now.scan(names)) {
            const Record record = row.record();
            all[to_string(record["name"])] = to_string(record["times"]);
        }
        const std::lock_guard lock{mutex_};
        EXPECT_EQ(copy_, all);
    }
    [[nodiscard]] std::size_t reads_of(int times) {
        const std::lock_guard lock{mutex_};
        std::size_t count = 0;
        for (const auto& [key, reads] : reads_) count += reads == times ? 1 : 0;
        return count;
    }
};

/// Inserts, updates and deletes in both sources. Ids up to `kept` are never erased.
class Writer {
  public:
    Writer(Database& db, int kept) : thread_{[this, &db, kept] { write(db, kept); }} {}
    ~Writer() { stop(); }
    void stop() {
        stop_ = true;
        if (thread_.joinable()) thread_.join();
    }

  private:
    void write(Database& db, int kept) {
        std::mt19937 random{7};  // NOLINT(*-msc51-cpp) the same numbers each time
        int next = first_visits + 1;
        const auto any = [&](int from) {
            return from + static_cast<int>(random() % static_cast<unsigned>(first_visits - from)) +
                   1;
        };
        while (!stop_) {
            db.write(
                [&](Transaction& tx) {
                    for (int i = 0; i < 5; ++i) {
                        const int erased = any(kept);
                        const int id = any(0);
                        const std::string name = name_of(id);
                        tx.erase(visits, Id{erased});
                        tx.erase(names, name_of(erased));
                        tx.put(visits, {{"_id", id}, {"customer_id", std::int64_t(random())}});
                        tx.put(names,
                               Record{{"name", name}, {"times", static_cast<int>(random() % 99)}});
                    }
                    tx.put(visits, {{"_id", next++}});
                },
                {.durability = Durability::written});
        }
    }
    std::atomic<bool> stop_{false};
    std::thread thread_;
};

TEST_F(ReadAgainTest, EachKeyComesOnceAndNoChangeIsMissingOrRepeated) {
    fill(1, first_visits);
    Subscription copying = run();
    complete(copying);
    constexpr int kept = 2000;
    {
        Writer writer{db(), kept};
        ASSERT_TRUE(copying.await(copying.read_again(visits), 60s));
        writer.stop();
    }
    ASSERT_TRUE(copying.await(db().snapshot().commit_seen(), 20s));
    expect_copy_of_everything();
    const std::lock_guard lock{mutex_};
    for (int id = 1; id <= kept; ++id) EXPECT_EQ(reads_[std::to_string(id)], 1) << id;
    for (const auto& [key, reads] : reads_) EXPECT_LE(reads, 1) << key;
    EXPECT_FALSE(reads_.contains(name_of(1))) << "the other source is not read";
}

/// The consumer is stopped, and the database opened again, while it reads.
TEST_F(ReadAgainTest, ItContinuesAfterAnyInterruption) {
    fill(1, first_visits);
    complete(run());
    db().read_again("copying", names);
    quick_.batch_changes_max = 50;
    int rounds = 0;
    constexpr int kept = 2000;
    for (bool is_done = false; !is_done && rounds < 200; ++rounds) {
        {
            Writer writer{db(), kept};
            const Subscription copying = run();
            std::this_thread::sleep_for(10ms);
            const ConsumerReport report = copying.report();
            is_done = report.reading.empty() && report.read_again.empty();
            writer.stop();
        }
        if (rounds % 4 == 0) {
            db_->close();
            db_.reset();
            open();
        }
    }
    EXPECT_GT(rounds, 2);
    ASSERT_TRUE(run().await(db().snapshot().commit_seen(), 20s));
    expect_copy_of_everything();
    const std::lock_guard lock{mutex_};
    for (int id = 1; id <= kept; ++id) EXPECT_EQ(reads_[name_of(id)], 1) << id;
    for (const auto& [key, reads] : reads_) {
        EXPECT_LE(reads, 1) << key;
        EXPECT_EQ(key.substr(0, 1), "n") << "the other source is not read";
    }
}

/// A copy outside that has lost documents gets them back.
TEST_F(ReadAgainTest, ALostCopyIsFilledAgain) {
    fill(1, 50);
    Subscription copying = run();
    complete(copying);
    {
        const std::lock_guard lock{mutex_};
        is_complete_ = false;
        std::erase_if(copy_, [](const auto& entry) { return !entry.first.starts_with("n"); });
    }
    ASSERT_TRUE(copying.await(copying.read_again("VISITS"), 20s));
    expect_copy_of_everything();
}

TEST_F(ReadAgainTest, RequestsAreServedInTheirOrder) {
    fill(1, 20);
    Subscription copying = run();
    complete(copying);
    copying.pause();
    while (copying.report().state != ConsumerState::paused) std::this_thread::sleep_for(1ms);
    copying.read_again(names);
    copying.read_again(visits);
    const Commit last = db().read_again("copying", names);  // it waits already
    EXPECT_THAT(copying.report().read_again, ElementsAre("names", "visits"));
    EXPECT_THAT(db().consumers().at(0).read_again, ElementsAre("names", "visits"));
    EXPECT_FALSE(copying.await(last, 5ms));
    copying.resume();
    ASSERT_TRUE(copying.await(last, 20s));
    EXPECT_EQ(reads_of(1), 40u);
    EXPECT_THAT(copying.report().read_again, IsEmpty());
    ASSERT_TRUE(copying.await(copying.read_again(visits), 20s));
    EXPECT_EQ(reads_of(1), 20u);
    EXPECT_EQ(reads_of(2), 20u);
}

/// A request while its table is being read is served after that.
TEST_F(ReadAgainTest, WhatIsBeingReadCanBeReadOnceMore) {
    fill(1, 30);
    quick_.batch_changes_max = 1;
    std::atomic<bool> may_pass{true};
    std::atomic<int> called{0};
    Subscription copying = db().consume(
        "copying", {changes(visits), changes(names)},
        [&](Transaction&, const Change& change) {
            ++called;
            while (!may_pass) std::this_thread::sleep_for(1ms);
            take(change);
        },
        quick_);
    complete(copying);
    may_pass = false;
    called = 0;
    copying.read_again(visits);
    while (called == 0) std::this_thread::sleep_for(1ms);
    EXPECT_EQ(copying.report().reading, "visits");
    std::thread second{[&] { db().read_again("copying", visits); }};  // the handler has the turn
    may_pass = true;
    second.join();
    ASSERT_TRUE(copying.await(db().snapshot().commit_seen(), 20s));
    EXPECT_EQ(reads_of(2), 30u);
}

/// Stored while nobody runs the consumer, and served when somebody does.
TEST_F(ReadAgainTest, ARequestIsRemembered) {
    fill(1, 10);
    complete(run());
    db().read_again("copying", visits);
    db_->close();
    db_.reset();
    open();
    EXPECT_THAT(db().consumers().at(0).read_again, ElementsAre("visits"));
    ASSERT_TRUE(run().await(db().snapshot().commit_seen(), 20s));
    EXPECT_EQ(reads_of(1), 10u);
    EXPECT_THAT(db().consumers().at(0).read_again, IsEmpty());
    EXPECT_EQ(db().consumers().at(0).reading, "") << "what is over is not stored as running";
    ASSERT_TRUE(run().await(db().snapshot().commit_seen(), 20s));
    EXPECT_EQ(reads_of(1), 10u);
}

/// Every row that a running consumer writes has the requests that it has not begun.
TEST_F(ReadAgainTest, ARowThatIsWrittenMeanwhileKeepsTheRequest) {
    fill(1, 10);
    quick_.attempts_max = 1'000'000;
    std::atomic<int> called{0};
    Subscription* running = nullptr;
    Subscription copying = db().consume(
        "copying", {changes(visits), changes(names)},
        [&](Transaction& tx, const Change& change) {
            if (change.kind() != ChangeKind::insert) return;
            ++called;
            const auto row = tx.find(Table{"amphora.consumers"}, "copying");
            if ((*row)["read_again"].is_null()) throw std::runtime_error{"not asked yet"};
            running->stop();
        },
        quick_);
    running = &copying;
    ASSERT_TRUE(copying.await(db().snapshot().commit_seen(), 20s));
    visit(11);
    while (called == 0) std::this_thread::sleep_for(1ms);
    db().read_again("copying", names);
    for (int i = 0; i < 20'000 && copying.report().state != ConsumerState::idle; ++i) {
        std::this_thread::sleep_for(1ms);
    }
    EXPECT_EQ(db().consumers().at(0).attempts, 0u) << "the change has taken effect";
    EXPECT_THAT(db().consumers().at(0).read_again, ElementsAre("names"));
}

/// What its condition selects no more comes as a change, also if it is not read yet.
TEST_F(ReadAgainTest, ARowThatLeavesTheConditionIsTold) {
    fill(1, 2500);
    quick_.batch_changes_max = 10;
    std::atomic<bool> has_left{false};
    std::atomic<bool> is_reading{false};
    Subscription copying = db().consume(
        "copying", changes(visits, {{"customer_id", 1}}),
        [&](Transaction&, const Change& change) {
            if (change.kind() == ChangeKind::read) is_reading = true;
            if (change.kind() == ChangeKind::update) has_left = true;
        },
        quick_);
    ASSERT_TRUE(copying.await(db().snapshot().commit_seen(), 20s));
    is_reading = false;
    copying.read_again(visits);
    while (!is_reading) std::this_thread::sleep_for(1ms);
    const Commit left = db().write([](Transaction& tx) {
        tx.put(visits, {{"_id", 2500}, {"customer_id", 2}});
    });
    ASSERT_TRUE(copying.await(left, 20s));
    EXPECT_TRUE(has_left);
}

TEST_F(ReadAgainTest, WhatMakesNoSenseIsRefused) {
    Subscription copying = run();
    const auto refused = [&](const char* source) {
        return message_of(ErrorCode::invalid_argument, [&] { copying.read_again(source); });
    };
    EXPECT_THAT(refused("orders"),
                AllOf(HasSubstr("consumer copying reads no rows or documents of orders"),
                      HasSubstr("visits")));
    EXPECT_EQ(code_of([&] { copying.read_again("nothing"); }), ErrorCode::invalid_argument);
    EXPECT_EQ(code_of([&] { db().read_again("nobody", visits); }), ErrorCode::no_such_consumer);
    const Subscription updating = db().consume(
        "updating", updates(names), [](Transaction&, const Change&) {}, quick_);
    EXPECT_EQ(code_of([&] { db().read_again("updating", names); }), ErrorCode::invalid_argument);
    const Subscription all = db().consume(
        "all", std::vector<Selection>{}, [](Transaction&, const Change&) {}, quick_);
    EXPECT_EQ(code_of([&] { db().read_again("all", "amphora.consumers"); }),
              ErrorCode::invalid_argument);
    EXPECT_NO_THROW(db().read_again("all", orders));
    const Feed reader = db().feed({.reader = "outside"});
    EXPECT_EQ(code_of([&] { db().read_again("outside", visits); }), ErrorCode::invalid_argument);
    EXPECT_EQ(code_of([&] { db().pause_consumer("outside"); }), ErrorCode::no_such_consumer);
    {
        const Transaction open = db().begin();
        EXPECT_EQ(code_of([&] { copying.read_again(visits); }), ErrorCode::would_deadlock);
    }
    db_->close();
    EXPECT_EQ(code_of([&] { copying.read_again(visits); }), ErrorCode::transaction_closed);
}

/// Selections that have changed, so that nothing is left to be read again.
TEST_F(ReadAgainTest, ARequestForWhatIsSelectedNoMoreIsForgotten) {
    fill(1, 10);
    complete(run());
    db().read_again("copying", visits);
    quick_.changed = ChangedSelections::continues;
    const Subscription copying = db().consume(
        "copying", changes(names), [this](Transaction&, const Change& change) { take(change); },
        quick_);
    ASSERT_TRUE(copying.await(db().snapshot().commit_seen(), 20s));
    EXPECT_EQ(reads_of(1), 0u);
    EXPECT_THAT(db().consumers().at(0).read_again, IsEmpty());
}

}  // namespace
}  // namespace amphora::market
