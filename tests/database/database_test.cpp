// An application's view: one directory, one transaction over rows and documents.

#include "database/shop.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <thread>

namespace amphora::shop {
namespace {

/// A customer and the note of their first visit are in two engines. They become visible in the same
/// instant and are there after reopening.
TEST(Database, CommitsRowsAndDocumentsTogether) {
    const Directory directory;
    std::int64_t kim = 0;
    {
        Database db = Database::open(directory.database(), schema);
        const auto written = db.write([](Transaction& tx) {
            const std::int64_t id = add_customer(tx, "kim");
            tx.insert(visits, {{"customer_id", id}, {"page", "home"}});
            return id;
        });
        kim = written.value;
        EXPECT_GT(number(written.commit.sequence), 0u);

        const Snapshot now = db.snapshot();
        EXPECT_EQ(now.find(customers, {kim}).value()["name"].as<std::string>(), "kim");
        EXPECT_EQ(count(now.find(visits, R"({"page": "home"})")), 1u);
        db.close();
    }
    Database db = Database::open(directory.database(), schema);
    const Snapshot now = db.snapshot();
    EXPECT_EQ(now.find(customers_by_email, {"kim@example.com"}).value()["customer_id"], Value{kim});
    EXPECT_EQ(count(now.find(visits, Document{{"customer_id", kim}})), 1u);
    EXPECT_TRUE(db.check().findings.empty());
}

/// The closure throws after it has written to both stores: neither store shows any of it.
TEST(Database, AThrowingTransactionLeavesNoTrace) {
    Database db = Database::temporary(schema);
    EXPECT_THROW(db.write([](Transaction& tx) {
        const std::int64_t id = add_customer(tx, "kim");
        tx.insert(visits, {{"customer_id", id}});
        throw std::runtime_error{"changed my mind"};
    }),
                 std::runtime_error);
    EXPECT_EQ(count(db.snapshot().scan(customers)), 0u);
    EXPECT_EQ(count(db.snapshot().scan(visits)), 0u);
}

/// A failed statement in a transaction that catches the error changes nothing, and the transaction
/// continues.
TEST(Database, AFailedStatementLeavesTheRestAlone) {
    Database db = Database::temporary(schema);
    db.write([](Transaction& tx) {
        const std::int64_t kim = add_customer(tx, "kim");
        EXPECT_EQ(code_of([&] { add_customer(tx, "kim"); }), ErrorCode::duplicate_key);
        EXPECT_EQ(code_of([&] {
                      tx.insert(visits, {{"customer_id", 99}});
                  }),
                  ErrorCode::foreign_key_violation);
        tx.insert(visits, {{"customer_id", kim}});
    });
    EXPECT_EQ(count(db.snapshot().scan(customers)), 1u);
    EXPECT_EQ(count(db.snapshot().scan(visits)), 1u);
}

/// A foreign key from a document to a row: deleting the row deletes the documents in the same
/// commit.
TEST(Database, DeletingARowTakesItsDocumentsWithIt) {
    Database db = Database::temporary(schema);
    const auto kim = db.write([](Transaction& tx) {
        const std::int64_t id = add_customer(tx, "kim");
        for (int visit = 0; visit < 3; ++visit) tx.insert(visits, {{"customer_id", id}});
        return id;
    });
    const Snapshot before = db.snapshot();
    db.write([&](Transaction& tx) { EXPECT_TRUE(tx.erase(customers, {kim.value})); });
    EXPECT_EQ(count(db.snapshot().scan(visits)), 0u);
    EXPECT_EQ(count(before.scan(visits)), 3u) << "an older snapshot shows its own moment";
    EXPECT_TRUE(before.find(customers, {kim.value}).has_value());
}

/// A snapshot shows exactly its commit in both stores while writers and both relays continue.
TEST(Database, SnapshotsStayExactWhileWritersAndRelaysContinue) {
    Options options;
    options.seal_bytes = 16 * 1024;
    options.seal_age_ms = 5;
    options.durability = Durability::written;
    Database db = Database::temporary(schema, options);
    const std::int64_t kim =
        db.write([](Transaction& tx) { return add_customer(tx, "kim"); }).value;

    std::atomic<bool> stop{false};
    std::jthread writer{[&] {
        for (int visit = 1; !stop; ++visit) {
            db.write([&](Transaction& tx) {
                tx.insert(visits, {{"customer_id", kim}});
                tx.update(customers, {kim}, Record{{"spent", visit}});
            });
        }
    }};
    // Under a sanitizer a round takes a second or two.
    const auto enough = std::chrono::steady_clock::now() + std::chrono::seconds{10};
    for (int look = 0; look < 300 && (look < 20 || std::chrono::steady_clock::now() < enough);
         ++look) {
        const Snapshot now = db.snapshot();
        const auto spent = now.find(customers, {kim}).value()["spent"].as<std::int64_t>();
        const auto seen = count(now.scan(visits, {.limit = 5000}));
        if (spent < 5000) {
            ASSERT_EQ(static_cast<std::int64_t>(seen), spent);
        }
    }
    stop = true;
}

/// A write inside a write, or a wait for delivery, would wait for itself.
TEST(Database, NamesWhatWouldDeadlock) {
    Database db = Database::temporary(schema);
    const Commit first = db.write([](Transaction& tx) { add_customer(tx, "kim"); });
    db.write([&](Transaction&) {
        EXPECT_EQ(code_of([&] { db.write([](Transaction&) {}); }), ErrorCode::would_deadlock);
        EXPECT_EQ(code_of([&] { static_cast<void>(db.begin()); }), ErrorCode::would_deadlock);
        EXPECT_EQ(code_of([&] { db.wait(first); }), ErrorCode::would_deadlock);
        EXPECT_EQ(code_of([&] { db.sync(first); }), ErrorCode::would_deadlock);
    });
}

/// A program that needs a commit to have reached the trees can wait for it, and the statistics say
/// how long that takes.
TEST(Database, WaitsForDelivery) {
    Database db = Database::temporary(schema);
    const Commit commit = db.write([](Transaction& tx) {
        tx.insert(visits, {{"customer_id", add_customer(tx, "kim")}});
    });
    EXPECT_TRUE(db.wait(commit, Delivery::both, std::chrono::milliseconds::max()));
    const Statistics statistics = db.statistics();
    for (const TreeReport& tree : statistics.trees) {
        EXPECT_GE(tree.delivered, commit.sequence) << tree.name;
        EXPECT_GE(tree.window.count, 1u) << tree.name;
        EXPECT_EQ(tree.health, "ok");
    }
    EXPECT_EQ(code_of([&] {
                  db.wait({commit.epoch, Sequence{number(commit.sequence) + 1000}});
              }),
              ErrorCode::commit_lost);
}

/// The closure rolls its transaction back and then throws. The caller gets this exception, not an
/// error that the transaction has ended.
TEST(Database, TheExceptionOfABodyThatRolledBackContinues) {
    struct Mine {};
    Database db = Database::temporary(schema);
    EXPECT_THROW(db.write([](Transaction& tx) {
        add_customer(tx, "kim");
        tx.rollback();
        throw Mine{};
    }),
                 Mine);
    EXPECT_THROW(db.write([](Transaction& tx) {
        const Transaction other{std::move(tx)};
        throw Mine{};
    }),
                 Mine);
    EXPECT_EQ(count(db.snapshot().scan(customers)), 0u);
}

/// Two people press one button: writers queue instead of failing, and one that cannot wait sets a
/// timeout.
TEST(Database, AWriterThatCannotWaitTimesOut) {
    Database db = Database::temporary(schema);
    Transaction holder = db.begin();
    std::jthread other{[&] {
        EXPECT_EQ(code_of([&] {
                      static_cast<void>(db.begin({.timeout = std::chrono::milliseconds{20}}));
                  }),
                  ErrorCode::timeout);
    }};
    other.join();
    holder.rollback();
    db.write([](Transaction& tx) { add_customer(tx, "kim"); });
}

/// A transaction may be begun on one thread and committed on another.
TEST(Database, ATransactionMovesBetweenThreads) {
    Database db = Database::temporary(schema);
    Transaction transaction = db.begin();
    add_customer(transaction, "kim");
    std::jthread other{[&, moved = std::move(transaction)]() mutable { moved.commit(); }};
    other.join();
    EXPECT_EQ(count(db.snapshot().scan(customers)), 1u);
}

/// A handle of an ended transaction, or of a closed database, throws an error instead of crashing.
TEST(Database, EndedHandlesSaySo) {
    Database db = Database::temporary(schema);
    Transaction transaction = db.begin();
    add_customer(transaction, "kim");
    Rows rows = transaction.scan(customers);
    auto at = rows.begin();
    transaction.commit();
    EXPECT_EQ(code_of([&] { ++at; }), ErrorCode::transaction_closed);
    EXPECT_EQ(code_of([&] { transaction.commit(); }), ErrorCode::transaction_closed);

    const Snapshot snapshot = db.snapshot();
    db.close();
    EXPECT_EQ(code_of([&] { static_cast<void>(snapshot.scan(customers)); }),
              ErrorCode::transaction_closed);
    EXPECT_EQ(code_of([&] { static_cast<void>(db.begin()); }), ErrorCode::transaction_closed);
}

}  // namespace
}  // namespace amphora::shop
