// Consumers in a database that was restored or repaired: every change takes effect once.

#include "events/restored_market.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <set>
#include <stdexcept>
#include <vector>

namespace amphora::market {
namespace {

class RestoredConsumerTest : public RestoredMarket {
  protected:
    /// Counts in a document for each visit, so that a change that comes twice shows.
    Subscription count(Database& database, const ConsumerOptions& options = {}) {
        return database.consume(
            "figures", inserts(visits),
            [this](Transaction& tx, const Change& change) {
                const BsonValue id = change.id();
                if (!tx.update(baskets, Id{id}, {{"$inc", Document{{"times", 1}}}})) {
                    tx.insert(baskets, {{"_id", id}, {"times", 1}});
                }
                const std::lock_guard lock{mutex_};
                names_.push_back(to_string(change.position()));
                if (id.view().as_int64() == refused_) throw std::runtime_error{"not this one"};
            },
            options);
    }
    void expect_each_counted_once(const Database& database) {
        const Snapshot now = database.snapshot();
        int counted = 0;
        for (const DocumentView basket : now.scan(baskets)) {
            ++counted;
            EXPECT_EQ(basket.find("times")->as_int64().value(), 1) << to_json(Document{basket});
        }
        EXPECT_EQ(counted, std::ranges::distance(now.scan(visits)));
    }
    /// What the handler was called with, each time.
    std::vector<std::string> names() {
        const std::lock_guard lock{mutex_};
        return names_;
    }

    std::mutex mutex_;
    std::vector<std::string> names_;
    std::atomic<std::int64_t> refused_{-1};
};

/// A consumer has seen a part of the visits, and both stores hold all of them. A backup is made, and
/// restored. The consumer continues with the first visit that it has not counted, and the changes
/// have the positions that they had before. So it is after a second restore, with an archive.
TEST_F(RestoredConsumerTest, ContinuesWithTheFirstChangeThatItHasNotSeen) {
    open(options_);
    count(db()).stop();
    visit_many(db(), 30);
    {
        const Subscription figures = count(db());
        ASSERT_TRUE(figures.await(visit(db()), 20s));
    }
    visit_many(db(), 300);
    reopen();
    visit_many(db(), 20);
    const auto before = changes(db());
    ASSERT_GE(before.size(), 320u);
    db().backup(place("backup"));
    visit_many(db(), 10);
    erase_database();

    Database first = restored("backup", "first");
    first.backup(place("second backup"));
    visit_many(first, 5);
    first.archive(place("second archive"));
    Database second = restored("second backup", "second", {.archive = place("second archive")});
    for (Database* database : {&first, &second}) {
        const auto after = changes(*database);
        EXPECT_GE(after.size(), 325u);
        std::size_t same = 0;
        for (const auto& [position, line] : before) {
            const auto found = after.find(position);
            if (found == after.end()) continue;
            ++same;
            EXPECT_EQ(found->second, line) << position;
        }
        EXPECT_EQ(same, after.size() - 5);
        names_.clear();
        const Subscription figures = count(*database);
        ASSERT_TRUE(figures.await(visit(*database), 20s));
        // A batch that is too large for a commit is handled again in parts.
        const std::vector<std::string> called = names();
        EXPECT_EQ(std::set(called.begin(), called.end()).size(), 326u);
        EXPECT_TRUE(before.contains(called.front()));
        expect_each_counted_once(*database);
    }
}

/// The consumer works while backup and archive are made, and its database is restored to many
/// moments, each with another position. What it had counted and what it counts later are together
/// every visit that the restored database has.
TEST_F(RestoredConsumerTest, ContinuesAsOfEveryMoment) {
    options_.journal_bytes_max = small().journal_bytes_max;
    options_.archive_directory = place("archive");
    open(options_);
    BackupReport backup;
    Sequence last{};
    {
        const Subscription figures = count(db());
        for (int i = 0; i < 120; ++i) {
            visit(db());
            if (i == 60) backup = db().backup(place("backup"));
        }
        ASSERT_TRUE(figures.await(visit(db()), 20s));
        last = db().snapshot().commit_seen().sequence;
    }
    db().archive(place("archive"));
    db().close();
    erase_database();
    options_.archive_directory.clear();

    const std::uint64_t first = number(backup.earliest);
    const std::uint64_t step = (number(last) - first) / 7;
    ASSERT_GT(step, 0u);
    for (std::uint64_t end = first; end <= number(last); end += step) {
        SCOPED_TRACE(end);
        Database database = restored("backup", "restored" + std::to_string(end),
                                     {.archive = place("archive"), .to_sequence = Sequence{end}});
        const Subscription figures = count(database);
        ASSERT_TRUE(figures.await(visit(database), 20s));
        expect_each_counted_once(database);
    }
}

/// The consumer has just read many changes, which both stores have held for long, so the journal has
/// given them up. Its new position is only in the journal, not yet in a store. As of no moment that
/// the backup has may the consumer be at its old position, because the changes after that are gone.
TEST_F(RestoredConsumerTest, ABackupHasThePositionsThatTheJournalHasFollowed) {
    open(options_);
    count(db()).stop();
    visit_many(db(), 300);
    reopen();
    Commit last;
    {
        const Subscription figures = count(db());
        last = visit(db());
        ASSERT_TRUE(figures.await(last, 20s));
    }
    db().sync(db().snapshot().commit_seen());
    const BackupReport backup = db().backup(place("backup"));
    ASSERT_LT(changes(db()).size(), 100u);
    visit(db());
    erase_database();
    for (const Sequence end : {backup.earliest, backup.last}) {
        Database database =
            restored("backup", "restored" + std::to_string(number(end)), {.to_sequence = end});
        const Subscription figures = count(database);
        ASSERT_TRUE(figures.await(visit(database), 20s));
        expect_each_counted_once(database);
        if (backup.earliest == backup.last) break;
    }
}

/// A change has become a dead letter before the backup. In the restored database its replay calls the
/// handler with the position that it had before, which is its idempotency key, and its effects are
/// there once.
TEST_F(RestoredConsumerTest, ReplaysADeadLetterUnderItsName) {
    open(options_);
    const ConsumerOptions options{.attempts_max = 2, .backoff = 1ms, .backoff_max = 1ms};
    refused_ = 1;
    {
        const Subscription figures = count(db(), options);
        visit(db());
        ASSERT_TRUE(figures.await(visit(db()), 20s));
    }
    ASSERT_EQ(db().dead_letters().size(), 1u);
    const DeadLetter letter = db().dead_letters().front();
    EXPECT_EQ(std::ranges::count(names(), letter.position), 2);
    db().backup(place("backup"));
    erase_database();

    Database database = restored("backup", "restored");
    visit_many(database, 3);
    refused_ = -1;
    names_.clear();
    ASSERT_TRUE(database.replay_dead_letter(letter.id));
    const Subscription figures = count(database, options);
    ASSERT_TRUE(figures.await(visit(database), 20s));
    for (int i = 0; i < 20'000 && !database.dead_letters().empty(); ++i) {
        std::this_thread::sleep_for(1ms);
    }
    EXPECT_EQ(std::ranges::count(names(), letter.position), 1);
    expect_each_counted_once(database);
}

/// The changes in the backup's journal before those that its stores need are damaged. The restore
/// has all data, and the consumer that has not read them must hear of it.
TEST_F(RestoredConsumerTest, FindsAGapWhereItsChangesAreDamaged) {
    open(options_);
    count(db()).stop();
    visit_many(db(), 300);
    reopen();
    visit(db());
    db().backup(place("backup"));
    erase_database();
    const std::string oldest =
        std::ranges::min(std::filesystem::directory_iterator{place("backup") + "/journal"}, {},
                         [](const auto& each) { return each.path().filename(); })
            .path();
    std::filesystem::resize_file(oldest, std::filesystem::file_size(oldest) / 2);

    std::vector<std::string> log;
    options_.log = [&log](const std::string& line) { log.push_back(line); };
    Database database = restored("backup", "restored");
    EXPECT_THAT(log, testing::Contains(testing::HasSubstr("lost to consumers")));
    EXPECT_EQ(std::ranges::distance(database.snapshot().scan(visits)), 301);
    EXPECT_THAT(message_of(ErrorCode::feed_gap, [&] { count(database).stop(); }),
                testing::AllOf(testing::HasSubstr("consumer figures"),
                               testing::HasSubstr("ConsumerOptions::reset")));
}

/// Nobody knows which changes a repair has lost: no consumer continues as if nothing had happened.
TEST_F(RestoredConsumerTest, HearsOfARepair) {
    open(options_);
    visit_many(db(), 5);
    count(db()).stop();
    damage_and_repair();
    EXPECT_THAT(message_of(ErrorCode::feed_gap, [&] { count(db()).stop(); }),
                testing::HasSubstr("repair"));
    ConsumerOptions options;
    options.reset = [](Transaction& tx) { tx.erase_all(baskets, Document{}); };
    const Subscription figures = count(db(), options);
    ASSERT_TRUE(figures.await(visit(db()), 20s));
    expect_each_counted_once(db());
}

}  // namespace
}  // namespace amphora::market
