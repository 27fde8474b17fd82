#include "database/retention/retention.hpp"

#include "base/clock.hpp"
#include "database/opening.hpp"
#include "document/expiry.hpp"
#include "stores/documents.hpp"
#include "support/message_of.hpp"
#include "support/random.hpp"
#include "support/scratch_directory.hpp"

#include <amphora/amphora.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <map>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace amphora {
namespace {

using namespace std::chrono_literals;
using retention::ClockWatch;
using retention::Retention;
using retention::RetentionOptions;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr Schema schema{"diary", R"sql(
CREATE COLLECTION logs (at DATETIME, text TEXT) WITH (retain = '90 days', retain_by = 'at');
CREATE COLLECTION newest (at DATETIME, text TEXT) WITH (retain_count = 3, retain_by = 'at');
CREATE COLLECTION codes (until DATETIME, text TEXT) WITH (expire_by = 'until');
CREATE COLLECTION all_of_it (at DATETIME, until DATETIME)
    WITH (retain = '10 days', retain_count = 20, retain_by = 'at', expire_by = 'until');
CREATE COLLECTION large (at DATETIME, text TEXT)
    WITH (retain = '1 day', retain_by = 'at', before = TRUE);
CREATE COLLECTION free (at DATETIME);
)sql"};
constexpr Collection logs{"logs"}, newest{"newest"}, codes{"codes"}, all_of_it{"all_of_it"},
    large{"large"}, free_ones{"free"};

/// The system's clock, moved by the test.
class MovedClock final : public Clock {
  public:
    [[nodiscard]] std::int64_t now_us() const noexcept override {
        if (looks_to_step > 0 && --looks_to_step == 0) wall_us += step_us;
        return operating_system_clock().now_us() + wall_us.load();
    }
    [[nodiscard]] std::int64_t steady_ms() const noexcept override {
        return operating_system_clock().steady_ms() + steady_by_ms.load();
    }
    void pass(std::chrono::milliseconds time) {
        wall_us += time.count() * 1000;
        steady_by_ms += time.count();
    }
    void step(std::chrono::seconds by) { wall_us += by.count() * 1'000'000; }
    /// Steps when the wall clock is read for the n-th time from now on.
    void step_after(int looks, std::chrono::seconds by) {
        step_us = by.count() * 1'000'000;
        looks_to_step = looks;
    }

  private:
    mutable std::atomic<int> looks_to_step{0};
    std::atomic<std::int64_t> step_us{0};
    mutable std::atomic<std::int64_t> wall_us{0};
    std::atomic<std::int64_t> steady_by_ms{0};
};

/// A moment so long ago; milliseconds, as documents hold them.
DateTime ago(std::chrono::milliseconds time) {
    return DateTime{(now_us() / 1000 - time.count()) * 1000};
}

std::set<int> ids(const Snapshot& snapshot, const Collection& collection) {
    std::set<int> found;
    for (const DocumentView document : snapshot.find(collection, Document{})) {
        found.insert(static_cast<int>(document.field("_id")->as_int64().value()));
    }
    return found;
}

class RetentionTest : public ::testing::Test {
  protected:
    Database& open(const Options& options = {}) {
        db_.reset();
        db_.emplace(Database::open(directory_.path() + "/db", schema, options));
        return *db_;
    }
    std::set<int> living(const Collection& collection) { return ids(db_->snapshot(), collection); }

    support::ScratchDirectory directory_;
    std::optional<Database> db_;
};

/// A log is kept for ninety days, whatever its _id and whenever it was inserted. One without a time
/// is kept for ever.
TEST_F(RetentionTest, RemovesWhatIsOlder) {
    Database& db = open();
    db.write([](Transaction& tx) {
        tx.insert(logs, {{"_id", 1}, {"at", ago(24h * 91)}});
        tx.insert(logs, {{"_id", 2}, {"at", ago(24h * 90 - 1min)}});
        tx.insert(logs, {{"_id", 3}, {"at", ago(24h * 90 + 1min)}});
        tx.insert(logs, {{"_id", 4}, {"at", ago(-1h)}});
        tx.insert(logs, {{"_id", 5}, {"at", DateTime{-62'167'219'200'000'000}}});
        tx.insert(logs, {{"_id", 6}, {"at", nullptr}});
        tx.insert(logs, {{"_id", 7}});
        tx.insert(free_ones, {{"_id", 8}, {"at", ago(24h * 91)}});
    });
    EXPECT_EQ(db.expire_now(), 3u);
    EXPECT_THAT(living(logs), ElementsAre(2, 4, 6, 7));
    EXPECT_THAT(living(free_ones), ElementsAre(8));
    EXPECT_EQ(db.expire_now(), 0u);
    EXPECT_THAT(db.check().findings, IsEmpty());
    const auto reports = db.statistics().retention;
    ASSERT_EQ(reports.size(), 5u);
    EXPECT_EQ(reports[0].collection, "logs");
    EXPECT_EQ(reports[0].expired, 3u);
    EXPECT_EQ(reports[1].expired, 0u);
}

TEST_F(RetentionTest, KeepsTheNewest) {
    Database& db = open();
    db.write([](Transaction& tx) {
        for (int i = 1; i <= 3; ++i) tx.insert(newest, {{"_id", i}, {"at", ago(1h * i)}});
        tx.insert(newest, {{"_id", 9}});
    });
    EXPECT_EQ(db.expire_now(), 0u) << "there are three";
    db.write([](Transaction& tx) { tx.insert(newest, {{"_id", 4}, {"at", ago(150min)}}); });
    EXPECT_EQ(db.expire_now(), 1u);
    EXPECT_THAT(living(newest), ElementsAre(1, 2, 4, 9));
}

TEST_F(RetentionTest, RemovesWhatSaysWhenItExpires) {
    Database& db = open();
    db.write([](Transaction& tx) {
        tx.insert(codes, {{"_id", 1}, {"until", ago(1s)}});
        tx.insert(codes, {{"_id", 2}, {"until", ago(-1h)}});
        tx.insert(codes, {{"_id", 3}});
    });
    EXPECT_EQ(db.expire_now(), 1u);
    EXPECT_THAT(living(codes), ElementsAre(2, 3));
}

/// Whatever documents are inserted, changed and erased between the rounds: exactly what has expired
/// is removed, and never a document that lives. All three options together.
TEST_F(RetentionTest, RemovesExactlyWhatHasExpired) {
    support::Random dice;
    SCOPED_TRACE(dice.seed_text());
    Database& db = open();
    struct Times {
        std::optional<std::int64_t> at, until;
    };
    std::map<int, Times> model;
    const auto some_time = [&]() -> std::optional<std::int64_t> {
        if (dice.once_in(6)) return std::nullopt;
        // No two are equal: which of equal ones are newest is not said.
        const auto hours = static_cast<std::int64_t>(dice() % 600) - 150;
        return ago(1h * hours).microseconds + static_cast<std::int64_t>(dice() % 3'000'000) * 1000;
    };
    for (std::uint64_t round = 0; round < 30 * support::test_scale(); ++round) {
        db.write([&](Transaction& tx) {
            for (int i = 0; i < 40; ++i) {
                const int id = static_cast<int>(dice() % 200);
                if (dice.once_in(5)) {
                    tx.erase(all_of_it, Id{id});
                    model.erase(id);
                    continue;
                }
                const Times times{some_time(), some_time()};
                Document document{{"_id", id}};
                if (times.at) document.set("at", DateTime{*times.at});
                if (times.until) document.set("until", DateTime{*times.until});
                tx.put(all_of_it, document);
                model[id] = times;
            }
        });
        const std::int64_t now = now_us();
        std::uint64_t expired = std::erase_if(model, [&](const auto& each) {
            const Times& times = each.second;
            return times.at && *times.at <= now - std::int64_t{240} * 3'600'000'000;
        });
        std::multiset<std::int64_t, std::greater<>> newest_first;
        for (const auto& [id, times] : model) {
            if (times.at) newest_first.insert(*times.at);
        }
        if (newest_first.size() > 20) {
            const std::int64_t oldest_kept = *std::next(newest_first.begin(), 19);
            expired += std::erase_if(model, [&](const auto& each) {
                return each.second.at && *each.second.at < oldest_kept;
            });
        }
        expired += std::erase_if(model, [&](const auto& each) {
            return each.second.until && *each.second.until <= now;
        });
        EXPECT_EQ(db.expire_now(), expired);
        std::set<int> expected;
        for (const auto& [id, times] : model) expected.insert(id);
        ASSERT_EQ(living(all_of_it), expected);
    }
    EXPECT_THAT(db.check().findings, IsEmpty());
}

/// Readers of the feed can tell what nobody has erased by hand, and no commit is so large that
/// other writers wait for it.
TEST_F(RetentionTest, RemovesInSmallMarkedCommits) {
    Database& db = open();
    constexpr int count = 5000;
    db.write([](Transaction& tx) {
        for (int i = 0; i < count; ++i) tx.insert(logs, {{"_id", i}, {"at", ago(24h * 100)}});
    });
    Feed feed = db.feed({.selections = {erasures(logs)}, .start = FeedStart::end});
    EXPECT_EQ(db.expire_now(), static_cast<std::uint64_t>(count));
    std::map<Sequence, std::uint64_t> commits;
    for (int i = 0; i < count; ++i) {
        const Change* const change = feed.next(10s);
        ASSERT_NE(change, nullptr);
        EXPECT_EQ(change->origin(), "amphora.retain");
        EXPECT_EQ(change->kind(), ChangeKind::erase);
        ++commits[change->commit().sequence];
    }
    for (const auto& [commit, documents] : commits) {
        EXPECT_LE(documents, retention::SweepOptions{}.documents_max);
    }
}

/// A transaction is no place to wait for removals, which need the turn of writers themselves.
TEST_F(RetentionTest, IsRefusedInsideATransaction) {
    Database& db = open();
    db.write([](Transaction& tx) { tx.insert(logs, {{"_id", 1}, {"at", ago(24h * 91)}}); });
    db.write([&](Transaction& tx) {
        tx.insert(logs, {{"_id", 2}});
        EXPECT_THAT(support::message_of(ErrorCode::would_deadlock, [&] { db.expire_now(); }),
                    HasSubstr("own write transaction"));
    });
    EXPECT_THAT(living(logs), ElementsAre(1, 2));
    Options read_only;
    read_only.mode = OpenMode::read_only;
    open(read_only);
    EXPECT_THAT(support::message_of(ErrorCode::read_only, [&] { db_->expire_now(); }),
                HasSubstr("read-only"));
    EXPECT_THAT(db_->statistics().retention.at(0).problem, HasSubstr("read-only"));
}

/// A document whose states before are larger than a commit of this opening stays, and its error is
/// reported; all others are removed.
TEST_F(RetentionTest, PassesWhatCannotBeRemoved) {
    open().write([](Transaction& tx) {
        tx.insert(large, {{"_id", 1}, {"at", ago(24h * 5)}});
        tx.insert(large, {{"_id", 2}, {"at", ago(24h * 4)}, {"text", std::string(1u << 20, 'x')}});
        tx.insert(large, {{"_id", 3}, {"at", ago(24h * 3)}});
    });
    Options small;
    small.commit_bytes_max = 512u << 10;
    Database& db = open(small);
    EXPECT_THAT(support::message_of(ErrorCode::transaction_too_large, [&] { db.expire_now(); }),
                HasSubstr("an expired document of collection large cannot be removed"));
    EXPECT_THAT(living(large), ElementsAre(2));
}

/// Nobody waits for the first ten minutes to close a database.
TEST_F(RetentionTest, WaitsAfterTheOpening) {
    Database& db = open();
    const auto waits = [&] {
        const auto reports = db.statistics().retention;
        return !reports.empty() &&
               reports[0].problem.find("opened a short time ago") != std::string::npos;
    };
    for (int i = 0; i < 1000 && !waits(); ++i) std::this_thread::sleep_for(10ms);
    EXPECT_TRUE(waits());
    db.close();
}

/// Background rounds, one by one, under a clock of the test.
class RetentionRoundTest : public ::testing::Test {
  protected:
    RetentionRoundTest() : core_{open_core(directory_.path() + "/db", std::span{&schema, 1}, {})} {}
    ~RetentionRoundTest() override { core_->close(); }

    template <class Body>
    void write(Body body) {
        auto writing = core_->engine->begin({});
        body(*writing, *core_->schema);
        core_->engine->commit(std::move(writing));
    }
    void insert(const Collection& collection, const Document& document) {
        write([&](transaction::Writing& writing, const stores::BoundSchema& bound) {
            stores::insert(writing, bound, collection, document);
        });
    }
    std::set<int> living(const Collection& collection) {
        std::set<int> found;
        const auto snapshot = core_->engine->snapshot();
        const auto documents =
            stores::find(*snapshot, *core_->schema, collection, document::Filter{Document{}});
        while (documents->next()) {
            found.insert(static_cast<int>(documents->document().field("_id")->as_int64().value()));
        }
        return found;
    }
    std::unique_ptr<Retention> begin(const RetentionOptions& options = {}) {
        return std::make_unique<Retention>(*core_->engine, *core_->outbox, core_->schema, nullptr,
                                           options);
    }

    MovedClock clock_;
    ClockInUse in_use_{clock_};
    support::ScratchDirectory directory_;
    std::shared_ptr<Core> core_;
};

/// How far the removal lags is seen before a round has run, and of each collection.
TEST_F(RetentionRoundTest, TheOldestExpiredDocumentIsReported) {
    const DateTime expired = ago(100h * 24);
    insert(logs, {{"_id", 1}, {"at", expired}});
    insert(logs, {{"_id", 2}, {"at", ago(95h * 24)}});
    insert(logs, {{"_id", 3}, {"at", ago(1h)}});
    insert(codes, {{"_id", 1}, {"until", ago(3h)}});
    insert(newest, {{"_id", 1}, {"at", ago(3h)}});
    const auto retention = begin();
    const auto oldest = [&](const Collection& collection) {
        for (const RetentionReport& report : retention->report()) {
            if (report.collection == collection.name) return report.oldest_expired;
        }
        return std::optional<DateTime>{};
    };
    EXPECT_EQ(oldest(logs), (DateTime{expired.microseconds + 90ll * 24 * 3600 * 1'000'000}));
    EXPECT_TRUE(oldest(codes).has_value());
    EXPECT_EQ(oldest(newest), std::nullopt);
    clock_.pass(11min);
    static_cast<void>(retention->round());
    EXPECT_EQ(living(logs), (std::set<int>{3}));
    EXPECT_EQ(oldest(logs), std::nullopt);
    EXPECT_EQ(oldest(codes), std::nullopt);
}

/// The clock of a machine may be years ahead until it is set. Nothing may expire by it: rounds
/// begin only when it has run for ten minutes without being set.
TEST_F(RetentionRoundTest, WaitForAClockThatIsNotSet) {
    insert(logs, {{"_id", 1}, {"at", ago(24h * 91)}});
    insert(logs, {{"_id", 2}, {"at", ago(1h)}});
    const auto retention = begin();
    const auto problem = [&] { return retention->report()[0].problem; };
    static_cast<void>(retention->round());
    EXPECT_THAT(living(logs), ElementsAre(1, 2));
    EXPECT_THAT(problem(), HasSubstr("the database was opened a short time ago"));
    clock_.pass(9min);
    clock_.step(24h * 365);
    static_cast<void>(retention->round());
    clock_.pass(9min);
    static_cast<void>(retention->round());
    EXPECT_THAT(living(logs), ElementsAre(1, 2));
    EXPECT_THAT(problem(), HasSubstr("the clock was set, by +3153"));
    clock_.step(-24h * 365);
    static_cast<void>(retention->round());
    clock_.pass(9min);
    static_cast<void>(retention->round());
    EXPECT_THAT(living(logs), ElementsAre(1, 2));
    EXPECT_THAT(problem(), HasSubstr("the clock was set, by -3153"));
    EXPECT_EQ(retention->report()[0].last_round, std::nullopt);
    clock_.pass(1min);
    static_cast<void>(retention->round());
    EXPECT_THAT(living(logs), ElementsAre(2));
    EXPECT_EQ(problem(), "");
    EXPECT_NE(retention->report()[0].last_round, std::nullopt);
}

/// A clock that is set while a round runs ends the round before its next commit.
TEST_F(RetentionRoundTest, EndWhenTheClockIsSet) {
    for (int i = 0; i < 10; ++i) insert(logs, {{"_id", i}, {"at", ago(24h * 91)}});
    RetentionOptions options;
    options.sweep.documents_max = 1;
    const auto retention = begin(options);
    clock_.pass(11min);
    clock_.step_after(20, 5s);
    static_cast<void>(retention->round());
    EXPECT_GT(living(logs).size(), 0u);
    EXPECT_LT(living(logs).size(), 10u);
    EXPECT_THAT(retention->report()[0].problem, HasSubstr("the clock was set, by +5 s"));
    clock_.pass(10min);
    static_cast<void>(retention->round());
    EXPECT_THAT(living(logs), IsEmpty());
}

/// A round begins where the last one ended. A log that arrives later with an old time is in front of
/// that place; a look at the whole index finds it, every ten minutes.
TEST_F(RetentionRoundTest, FindLateDocuments) {
    for (int i = 0; i < 10; ++i) insert(logs, {{"_id", i}, {"at", ago(24h * 91)}});
    const auto retention = begin();
    clock_.pass(11min);
    static_cast<void>(retention->round());
    EXPECT_THAT(living(logs), IsEmpty());
    insert(logs, {{"_id", 20}, {"at", ago(24h * 300)}});
    insert(logs, {{"_id", 21}, {"at", ago(24h * 90 - 30s)}});
    clock_.pass(1min);
    static_cast<void>(retention->round());
    EXPECT_THAT(living(logs), ElementsAre(20)) << "the start of the index is not read again";
    clock_.pass(9min);
    static_cast<void>(retention->round());
    EXPECT_THAT(living(logs), IsEmpty());
    EXPECT_EQ(retention->report()[0].expired, 12u);
}

/// The newest are counted again only after a commit.
TEST_F(RetentionRoundTest, KeepTheNewest) {
    const auto retention = begin();
    clock_.pass(11min);
    for (int i = 0; i < 10; ++i) {
        insert(newest, {{"_id", i}, {"at", ago(1h - 1min * i)}});
        clock_.pass(1min);
        static_cast<void>(retention->round());
        EXPECT_EQ(living(newest).size(), std::min<std::size_t>(3, static_cast<std::size_t>(i) + 1));
    }
    EXPECT_THAT(living(newest), ElementsAre(7, 8, 9));
    static_cast<void>(retention->round());
    EXPECT_EQ(retention->report()[1].expired, 7u);
}

/// Between the look and the removal a user may change a document. Only the transaction that removes
/// it can tell whether it still has expired.
TEST_F(RetentionRoundTest, DecideInsideTheTransaction) {
    for (int i = 0; i < 3; ++i) insert(logs, {{"_id", i}, {"at", ago(24h * 91)}});
    const retention::ExpiryRule rule = retention::expiry_rules(core_->schema->require(logs)).at(0);
    document::KeyRange rest = rule.expired_at(now_us());
    rest.lower = document::first_entry(*core_->engine->snapshot(), rest).value();
    write([&](transaction::Writing& writing, const stores::BoundSchema& bound) {
        stores::put(writing, bound, logs, {{"_id", 0}, {"at", ago(0s)}});
        stores::put(writing, bound, logs, {{"_id", 2}, {"text", "without a time"}});
    });
    retention::Sweep sweep{*core_->engine, *core_->outbox, {}, [] { return true; }};
    EXPECT_TRUE(sweep.run(rule, rest));
    EXPECT_EQ(sweep.removed(), 1u);
    EXPECT_THAT(living(logs), ElementsAre(0, 2));
}

/// While the thread removes, others write and read, and a close does not wait for the rest.
TEST_F(RetentionRoundTest, RunWhileOthersWrite) {
    RetentionOptions options;
    options.interval = 1ms;
    options.clock_trusted_after = 0ms;
    options.sweep.documents_max = 7;
    std::set<int> expected;
    const auto retention = begin(options);
    retention->start();
    for (int i = 0; i < 600; ++i) {
        const bool is_old = i % 3 != 0;
        insert(logs, {{"_id", i}, {"at", ago(is_old ? 24h * 90 + 1min : 0min)}});
        if (!is_old) expected.insert(i);
    }
    for (int i = 0; i < 2000 && retention->report()[0].expired < 400; ++i) {
        clock_.pass(10min);  // for a look at the whole index
        std::this_thread::sleep_for(5ms);
    }
    EXPECT_EQ(living(logs), expected);
    write([&](transaction::Writing& writing, const stores::BoundSchema& bound) {
        for (int i = 1000; i < 6000; ++i) {
            stores::insert(writing, bound, logs, {{"_id", i}, {"at", ago(24h * 100)}});
        }
    });
    retention->stop();
    retention->stop();
}

}  // namespace
}  // namespace amphora
