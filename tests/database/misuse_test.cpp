// Mistakes in the use of handles: each throws an error with a name.

#include "database/shop.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace amphora::shop {
namespace {

using testing::HasSubstr;

/// `Transaction mine = std::move(tx)` inside `write` left an empty handle, and the next call
/// through it ended the process. Now every call on every kind of handle that was moved from
/// throws an error.
TEST(Misuse, AHandleThatWasMovedFromSaysThatItIsClosed) {
    Database db = Database::temporary(schema);
    db.write([](Transaction& tx) { add_customer(tx, "kim"); });
    Transaction tx = db.begin();
    const Transaction::Savepoint savepoint = tx.savepoint();
    Snapshot snapshot = db.snapshot();
    Rows rows = snapshot.scan(customers);
    Documents documents = snapshot.scan(visits);
    const Transaction moved_tx = std::move(tx);
    const Snapshot moved_snapshot = std::move(snapshot);
    const Rows moved_rows = std::move(rows);
    const Documents moved_documents = std::move(documents);
    Database moved = std::move(db);

    const std::vector<std::function<void()>> calls{
        // NOLINTBEGIN(bugprone-use-after-move)
        [&] { add_customer(tx, "lee"); },
        [&] { tx.insert_rows(customers, std::vector<std::vector<Cell>>{}); },
        [&] { tx.put(customers, Record{}); },
        [&] { tx.update(customers, {Value{1}}, Record{}); },
        [&] { tx.erase(customers, {Value{1}}); },
        [&] { tx.insert(visits, Document{}); },
        [&] { tx.put(visits, Document{}); },
        [&] { tx.update(visits, Id{1}, Document{}); },
        [&] { tx.update_all(visits, Document{}, Document{}); },
        [&] { tx.erase(visits, Id{1}); },
        [&] { tx.erase_all(visits, Document{}); },
        [&] { tx.publish("topic", Document{}); },
        [&] { static_cast<void>(tx.savepoint()); },
        [&] { tx.rollback_to(savepoint); },
        [&] { tx.release(savepoint); },
        [&] { static_cast<void>(tx.find(customers, {1})); },
        [&] { static_cast<void>(tx.scan(customers)); },
        [&] { static_cast<void>(tx.scan(visits)); },
        [&] { static_cast<void>(tx.commit_seen()); },
        [&] { tx.commit(); },
        [&] { tx.rollback(); },
        [&] { static_cast<void>(snapshot.find(customers, {1})); },
        [&] { static_cast<void>(snapshot.find(customers_by_email, {"kim@example.com"})); },
        [&] { static_cast<void>(snapshot.scan(customers)); },
        [&] { static_cast<void>(snapshot.find(visits, Id{1})); },
        [&] { static_cast<void>(snapshot.find(visits, "{}")); },
        [&] { static_cast<void>(snapshot.commit_seen()); },
        [&] { static_cast<void>(rows.begin()); },
        [&] { static_cast<void>(rows.explain()); },
        [&] { static_cast<void>(documents.begin()); },
        [&] { static_cast<void>(documents.explain()); },
        [&] { static_cast<void>(db.begin()); },
        [&] { db.write([](Transaction&) {}); },
        [&] { static_cast<void>(db.snapshot()); },
        [&] { db.wait({}); },
        [&] { db.sync({}); },
        [&] { static_cast<void>(db.statistics()); },
        [&] { static_cast<void>(db.describe()); },
        [&] { static_cast<void>(db.schema_text()); },
        [&] { static_cast<void>(db.check()); },
        [&] { db.compact(); },
        [&] { db.backup("/nowhere"); },
        [&] { db.archive("/nowhere"); },
        [&] { static_cast<void>(db.path()); },
        [&] { db.close(); },
        // NOLINTEND(bugprone-use-after-move)
    };
    for (std::size_t call = 0; call < calls.size(); ++call) {
        EXPECT_EQ(code_of(calls[call]), ErrorCode::transaction_closed) << "call " << call;
    }
}

/// The transaction ends with the handle that it was moved to. `write` has nothing left to commit,
/// and throws an error.
TEST(Misuse, ATransactionMovedOutOfWriteIsNotCommitted) {
    Database db = Database::temporary(schema);
    EXPECT_EQ(code_of([&] {
                  db.write([](Transaction& tx) {
                      Transaction mine = std::move(tx);
                      add_customer(mine, "kim");
                  });
              }),
              ErrorCode::transaction_closed);
    EXPECT_EQ(count(db.snapshot().scan(customers)), 0u);
}

/// Two threads in one transaction once lost rows without an error. Now one of them gets an error,
/// and what the other does is complete.
TEST(Misuse, TwoThreadsInOneTransactionAreToldSo) {
    Database db = Database::temporary(schema);
    std::atomic<int> told{0};
    std::atomic<int> added{0};
    db.write([&](Transaction& tx) {
        const auto work = [&](const std::string& name) {
            for (int each = 0; (told == 0 || each < 200) && each < 100'000; ++each) {
                try {
                    add_customer(tx, name + std::to_string(each));
                    ++added;
                } catch (const Error& error) {
                    ASSERT_EQ(error.code(), ErrorCode::invalid_argument) << error.what();
                    ASSERT_THAT(error.what(), HasSubstr("two threads"));
                    ++told;
                }
            }
        };
        std::thread other{[&] { work("lee"); }};
        work("kim");
        other.join();
    });
    EXPECT_GT(told, 0);
    EXPECT_EQ(count(db.snapshot().scan(customers)), static_cast<std::size_t>(added));
    EXPECT_TRUE(db.check().findings.empty());
}

/// Handing a transaction to another thread between two calls is allowed, and so is sharing a
/// snapshot.
TEST(Misuse, OneThreadAfterAnotherIsFine) {
    Database db = Database::temporary(schema);
    db.write([](Transaction& tx) {
        add_customer(tx, "kim");
        std::thread{[&] { add_customer(tx, "lee"); }}.join();
        Rows rows = tx.scan(customers);
        auto at = rows.begin();
        std::thread{[&] { ++at; }}.join();
        add_customer(tx, "may");
    });
    const Snapshot snapshot = db.snapshot();
    const auto read = [&] {
        for (int times = 0; times < 200; ++times) {
            ASSERT_EQ(count(snapshot.scan(customers)), 3u);
        }
    };
    std::thread other{read};
    read();
    other.join();
}

/// A range can be walked once. A second walk once gave no rows, as if there were none.
TEST(Misuse, ARangeIsWalkedOnce) {
    Database db = Database::temporary(schema);
    db.write([](Transaction& tx) {
        tx.insert(visits, {{"customer_id", add_customer(tx, "kim")}});
    });
    const Snapshot snapshot = db.snapshot();
    Rows rows = snapshot.scan(customers);
    EXPECT_EQ(count(rows), 1u);
    EXPECT_THAT(message_of(ErrorCode::invalid_argument, [&] { static_cast<void>(rows.begin()); }),
                HasSubstr("second time"));
    Documents documents = snapshot.scan(visits);
    EXPECT_EQ(count(documents), 1u);
    EXPECT_THAT(
        message_of(ErrorCode::invalid_argument, [&] { static_cast<void>(documents.begin()); }),
        HasSubstr("second time"));
}

/// A view that has shown no row yet has no columns.
TEST(Misuse, ARowViewThatShowsNoRowSaysSo) {
    const Database db = Database::temporary(schema);
    const Snapshot snapshot = db.snapshot();
    RowView row;
    ASSERT_FALSE(snapshot.find_row(customers, std::vector{Cell::of(std::int64_t{1})}, row));
    for (const std::function<void()>& ask : std::vector<std::function<void()>>{
             [&] { static_cast<void>(row["name"]); }, [&] { static_cast<void>(row.cell(0)); },
             [&] { static_cast<void>(row.record()); }}) {
        EXPECT_THAT(message_of(ErrorCode::invalid_argument, ask), HasSubstr("shows no row"));
    }
}

/// Reading a row's column as another kind once gave garbage.
TEST(Misuse, AColumnAskedForAsAnotherKindIsATypeMismatch) {
    Database db = Database::temporary(schema);
    db.write([](Transaction& tx) { add_customer(tx, "kim"); });
    const Snapshot snapshot = db.snapshot();
    const Record kim = snapshot.find(customers, {1}).value();
    EXPECT_EQ(kim["spent"].as<std::int64_t>(), 0);
    EXPECT_THAT(message_of(ErrorCode::type_mismatch,
                           [&] { static_cast<void>(kim["spent"].as<std::string>()); }),
                HasSubstr("asked for as text (std::string) and is integer"));
    RowView row;
    ASSERT_TRUE(snapshot.find_row(customers, std::vector{Cell::of(std::int64_t{1})}, row));
    EXPECT_EQ(row["name"].text(), "kim");
    EXPECT_THAT(
        message_of(ErrorCode::type_mismatch, [&] { static_cast<void>(row["spent"].text()); }),
        HasSubstr("asked for as text and is integer"));
    EXPECT_THAT(message_of(ErrorCode::type_mismatch,
                           [&] { static_cast<void>(detail::from_cell<DateTime>(row["name"])); }),
                HasSubstr("asked for as datetime and is text"));
}

}  // namespace
}  // namespace amphora::shop
