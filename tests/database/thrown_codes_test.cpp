// The lists in the public headers of what a call throws: each code that they name for a mistake of
// the caller is thrown by such a mistake.

#include "database/shop.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace amphora::shop {
namespace {

constexpr Schema things{"things", R"sql(
CREATE TABLE things (
    thing_id INT PRIMARY KEY,
    name VARCHAR(5) NOT NULL,
    size SMALLINT CHECK (size > 0),
    notes JSON,
    owner INT REFERENCES things (thing_id),
    made DATETIME,
    INDEX things_by_size (size)
);
CREATE COLLECTION marks (thing_id INT NOT NULL REFERENCES things (thing_id), size SMALLINT);
)sql"};
const Table table{"things"};
const Collection marks{"marks"};

template <class Call>
struct Mistake {
    ErrorCode code;
    const char* what;
    Call call;
};
using Reading = Mistake<std::function<void(const Reader&)>>;
using Writing = Mistake<std::function<void(Transaction&)>>;

class ThrownCodesTest : public testing::Test {
  protected:
    ThrownCodesTest() {
        db_.write([](Transaction& tx) {
            tx.insert(table, {{"thing_id", 1}, {"name", "one"}, {"size", 1}});
            tx.insert(marks, Document{{"_id", 1}, {"thing_id", 1}});
        });
    }
    Database db_ = Database::temporary(things);
};

template <class Range>
void walk(Range range) {
    static_cast<void>(count(std::move(range)));
}

const std::string digits_39(39, '9');

const std::vector<Reading>& reader_mistakes() {
    using E = ErrorCode;
    static const std::vector<Reading> all{
        {E::no_such_table, "a table", [](auto& in) { walk(in.scan(Table{"nothing"})); }},
        {E::no_such_table, "a collection", [](auto& in) { walk(in.scan(Collection{"nothing"})); }},
        {E::no_such_index, "an index", [](auto& in) { walk(in.scan(table, {}, {.index = "no"})); }},
        {E::no_such_column, "a column", [](auto& in) { walk(in.scan(table, where("no") == 1)); }},
        {E::type_mismatch, "a key", [](auto& in) { static_cast<void>(in.find(table, {"one"})); }},
        {E::type_mismatch, "a condition",
         [](auto& in) { walk(in.scan(table, where("name") == 1)); }},
        {E::value_out_of_range, "a number in a text",
         [](auto& in) { walk(in.scan(table, where("size") == digits_39)); }},
        {E::invalid_argument, "a long key",
         [](auto& in) {
             static_cast<void>(in.find(table, {1, 2}));
         }},
        {E::invalid_argument, "an index that is not unique",
         [](auto& in) {
             static_cast<void>(in.find(UniqueIndex{"things", "things_by_size"}, {1}));
         }},
        {E::invalid_argument, "a condition without a value",
         [](auto& in) { walk(in.scan(table, Conditions{{.column = "size"}})); }},
        {E::invalid_argument, "now in a condition",
         [](auto& in) { walk(in.scan(table, where("made") == now)); }},
        {E::invalid_argument, "a filter", [](auto& in) { walk(in.find(marks, R"({"$or": 1})")); }},
        {E::unsupported, "an operator",
         [](auto& in) { walk(in.find(marks, R"({"size": {"$near": 1}})")); }},
        {E::malformed_json, "a text", [](auto& in) { walk(in.find(marks, "{")); }},
    };
    return all;
}

void insert(Transaction& tx, Record more) {
    Record row{{"thing_id", 2}, {"name", "two"}};
    for (const auto& [column, value] : more) row.set(column, value);
    tx.insert(table, row);
}

void insert_mark(Transaction& tx, const Document& more) {
    Document mark{{"_id", 2}, {"thing_id", 1}};
    for (const Element& field : more) mark.set(field.name, BsonValue{field.value});
    tx.insert(marks, mark);
}

Document regex_as_id() {
    return Document{{"_id", BsonValue{RegularExpression{"a", ""}}}, {"thing_id", 1}};
}

Document twice_a_field() {
    Document twice{{"thing_id", 1}};
    twice.append("thing_id", BsonValue{1});
    return twice;
}

const std::vector<Writing>& statement_mistakes() {
    using E = ErrorCode;
    static const std::vector<Writing> all{
        {E::duplicate_key, "a row",
         [](auto& tx) {
             insert(tx, {{"thing_id", 1}});
         }},
        {E::duplicate_key, "a document",
         [](auto& tx) {
             insert_mark(tx, {{"_id", 1}});
         }},
        {E::not_null_violation, "a row",
         [](auto& tx) {
             insert(tx, {{"name", nullptr}});
         }},
        {E::not_null_violation, "a document",
         [](auto& tx) {
             insert_mark(tx, {{"thing_id", nullptr}});
         }},
        {E::check_violation, "a row",
         [](auto& tx) {
             insert(tx, {{"size", 0}});
         }},
        {E::foreign_key_violation, "a parent",
         [](auto& tx) {
             insert(tx, {{"owner", 7}});
         }},
        {E::foreign_key_violation, "a child", [](auto& tx) { tx.erase(table, {1}); }},
        {E::foreign_key_violation, "a document",
         [](auto& tx) {
             insert_mark(tx, {{"thing_id", 7}});
         }},
        {E::type_mismatch, "a row",
         [](auto& tx) {
             insert(tx, {{"size", "large"}});
         }},
        {E::type_mismatch, "a document",
         [](auto& tx) {
             insert_mark(tx, {{"size", "large"}});
         }},
        {E::value_out_of_range, "a row",
         [](auto& tx) {
             insert(tx, {{"size", 40'000}});
         }},
        {E::value_out_of_range, "a document",
         [](auto& tx) {
             insert_mark(tx, {{"size", 40'000}});
         }},
        {E::value_too_large, "a row",
         [](auto& tx) {
             insert(tx, {{"name", "too long"}});
         }},
        {E::invalid_utf8, "a row",
         [](auto& tx) {
             insert(tx, {{"name", "\xff"}});
         }},
        {E::malformed_json, "a row",
         [](auto& tx) {
             insert(tx, {{"notes", "{"}});
         }},
        {E::no_such_column, "a row",
         [](auto& tx) {
             insert(tx, {{"nothing", 1}});
         }},
        {E::schema_mismatch, "cells",
         [](auto& tx) { tx.replace_row(table, std::vector{Cell::of(std::int64_t{1})}); }},
        {E::transaction_too_large, "a document",
         [](auto& tx) {
             for (int i = 0; i < 3; ++i) {
                 insert_mark(tx, {{"_id", i + 10}, {"text", std::string(15 << 20, 'x')}});
             }
         }},
        {E::invalid_argument, "an _id", [](auto& tx) { tx.insert(marks, regex_as_id()); }},
        {E::invalid_argument, "a field", [](auto& tx) { tx.insert(marks, twice_a_field()); }},
        {E::invalid_argument, "an update",
         [](auto& tx) {
             tx.update(marks, Id{1}, {{"$set", Document{{"_id", 2}}}});
         }},
        {E::invalid_argument, "a replacement of all",
         [](auto& tx) {
             tx.update_all(marks, {}, {{"thing_id", 1}});
         }},
        {E::unsupported, "an operator",
         [](auto& tx) {
             tx.update(marks, Id{1}, {{"$bit", Document{{"size", 1}}}});
         }},
        {E::invalid_argument, "a topic", [](auto& tx) { tx.publish("", {}); }},
        {E::value_too_large, "a payload",
         [](auto& tx) {
             tx.publish("t", {{"text", std::string((16 << 20) - 20, 'x')}});
         }},
        {E::invalid_argument, "a savepoint that has ended",
         [](auto& tx) {
             const Transaction::Savepoint point = tx.savepoint();
             tx.release(point);
             tx.rollback_to(point);
         }},
    };
    return all;
}

TEST_F(ThrownCodesTest, OfReadersBothOfASnapshotAndOfATransaction) {
    const Snapshot snapshot = db_.snapshot();
    Transaction tx = db_.begin();
    for (const Reading& mistake : reader_mistakes()) {
        SCOPED_TRACE(mistake.what);
        EXPECT_EQ(code_of([&] { mistake.call(snapshot); }), mistake.code);
        EXPECT_EQ(code_of([&] { mistake.call(tx); }), mistake.code);
    }
}

/// A failed statement leaves nothing, so all of them fit one transaction. Only the one that is too
/// large has statements that succeed before.
TEST_F(ThrownCodesTest, OfStatements) {
    Transaction tx = db_.begin();
    for (const Writing& mistake : statement_mistakes()) {
        SCOPED_TRACE(mistake.what);
        const Transaction::Savepoint before = tx.savepoint();
        EXPECT_EQ(code_of([&] { mistake.call(tx); }), mistake.code);
        tx.rollback_to(before);
    }
    tx.commit();
    EXPECT_EQ(code_of([&] { tx.commit(); }), ErrorCode::transaction_closed);
    EXPECT_EQ(code_of([&] { tx.rollback(); }), ErrorCode::transaction_closed);
    EXPECT_EQ(count(db_.snapshot().scan(table)), 1u);
    EXPECT_EQ(count(db_.snapshot().scan(marks)), 1u);
}

TEST_F(ThrownCodesTest, OfAClosedDatabase) {
    db_.close();
    db_.close();
    EXPECT_FALSE(db_.path().empty());
    const std::vector<std::function<void()>> calls{
        [&] { static_cast<void>(db_.begin()); },
        [&] { static_cast<void>(db_.snapshot()); },
        [&] { db_.wait(Commit{}); },
        [&] { db_.sync(Commit{}); },
        [&] { static_cast<void>(db_.statistics()); },
        [&] { static_cast<void>(db_.describe()); },
        [&] { static_cast<void>(db_.schema_text()); },
        [&] { static_cast<void>(db_.check()); },
        [&] { db_.compact(); },
        [&] { db_.backup("/nowhere/backup"); },
        [&] { db_.archive("/nowhere/archive"); },
    };
    for (const auto& call : calls) EXPECT_EQ(code_of(call), ErrorCode::transaction_closed);
    const Database moved = std::move(db_);
    EXPECT_EQ(code_of([&] { db_.close(); }), ErrorCode::transaction_closed);  // NOLINT: that is it
    EXPECT_EQ(code_of([&] { static_cast<void>(db_.path()); }),
              ErrorCode::transaction_closed);  // NOLINT: as above
}

}  // namespace
}  // namespace amphora::shop
