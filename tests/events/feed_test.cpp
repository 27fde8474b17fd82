// The change feed: what it shows, in which order, and where it continues.

#include "events/market.hpp"
#include "support/read_file.hpp"

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <map>
#include <thread>

#include <poll.h>

namespace amphora::market {
namespace {

using Lines = std::vector<std::string>;

class FeedTest : public Market {};

TEST_F(FeedTest, ACommitIsShownByTablesCollectionsAndEvents) {
    Feed feed = from_here();
    db().write([&](Transaction& tx) {
        tx.publish("orders.created", {{"number", 1}});
        tx.insert(baskets, {{"_id", "b"}, {"items", 2}});
        tx.insert(visits, {{"_id", 7}});
        add_customer(tx, "Kim");
        add_order(tx, 1, 2, "5.00");
        add_order(tx, 1, 1, "1.50");
        tx.publish("audit", {});
    });
    EXPECT_EQ(lines_of(feed),
              (Lines{"insert customers (1)", "insert orders (1, 1) none -> 1.50",
                     "insert orders (1, 2) none -> 5.00", R"(insert visits {"_id": 7})",
                     R"(insert baskets {"_id": "b"} none -> {"_id": "b", "items": 2})",
                     R"(event orders.created {"number": 1})", "event audit {}"}));
}

/// What the transaction did in between does not show.
TEST_F(FeedTest, ARowShowsOnceWithTheNetEffect) {
    db().write([&](Transaction& tx) {
        add_customer(tx, "Kim");
        add_order(tx, 1, 1, "1.00");
        add_order(tx, 1, 2, "2.00");
        tx.insert(baskets, {{"_id", 1}, {"items", 1}});
    });
    Feed feed = from_here({changes(orders), changes(baskets)});
    db().write([&](Transaction& tx) {
        tx.update(orders, {1, 1}, Record{{"total", Decimal{"1.10"}}});
        tx.update(orders, {1, 1}, Record{{"total", Decimal{"1.20"}}});
        tx.erase(orders, {1, 2});
        add_order(tx, 1, 2, "2.50");
        add_order(tx, 1, 3, "3.00");
        tx.update(orders, {1, 3}, Record{{"total", Decimal{"3.10"}}});
        add_order(tx, 1, 4, "4.00");
        tx.erase(orders, {1, 4});
        tx.update(baskets, Id{1}, {{"$inc", Document{{"items", 1}}}});
        tx.update(baskets, Id{1}, {{"$inc", Document{{"items", 1}}}});
        tx.insert(baskets, {{"_id", 2}});
        tx.erase(baskets, Id{2});
    });
    EXPECT_EQ(
        lines_of(feed),
        (Lines{"update orders (1, 1) 1.00 -> 1.20", "update orders (1, 2) 2.00 -> 2.50",
               "insert orders (1, 3) none -> 3.10",
               R"(update baskets {"_id": 1} {"_id": 1, "items": 1} -> {"_id": 1, "items": 3})"}));
}

TEST_F(FeedTest, ASavepointThatIsUndoneDoesNotShow) {
    db().write([&](Transaction& tx) {
        add_customer(tx, "Kim");
        add_order(tx, 1, 1, "1.00");
    });
    Feed feed = from_here();
    db().write([&](Transaction& tx) {
        const auto before = tx.savepoint();
        tx.erase(orders, {1, 1});
        add_order(tx, 1, 2, "2.00");
        tx.publish("undone", {});
        tx.rollback_to(before);
        add_order(tx, 1, 3, "3.00");
        tx.publish("done", {});
    });
    EXPECT_EQ(lines_of(feed), (Lines{"insert orders (1, 3) none -> 3.00", "event done {}"}));
}

TEST_F(FeedTest, AChangedPrimaryKeyIsAnEraseAndAnInsert) {
    db().write([&](Transaction& tx) {
        add_customer(tx, "Kim");
        add_order(tx, 1, 1, "1.00");
    });
    Feed feed = from_here();
    db().write([&](Transaction& tx) {
        const std::vector<Cell> row{Cell::of(std::int64_t{1}), Cell::of(std::int64_t{9}),
                                    Cell::of(Decimal{"1.00"})};
        const std::vector<Cell> key{row[0], Cell::of(std::int64_t{1})};
        EXPECT_TRUE(tx.replace_row(orders, key, row));
    });
    EXPECT_EQ(lines_of(feed),
              (Lines{"erase orders (1, 1) 1.00 -> none", "insert orders (1, 9) none -> 1.00"}));
}

TEST_F(FeedTest, ACascadeShowsWhatItRemoves) {
    db().write([&](Transaction& tx) {
        add_customer(tx, "Kim");
        add_order(tx, 1, 1, "1.00");
    });
    Feed feed = from_here();
    db().write([&](Transaction& tx) { tx.erase(customers, 1); });
    EXPECT_EQ(lines_of(feed), (Lines{"erase customers (1)", "erase orders (1, 1) 1.00 -> none"}));
}

/// A key that is too long for the tree is stored as a part and a hash, which name no row.
TEST_F(FeedTest, ALongKeyIsNamedWhenItsRowIsErased) {
    const std::string long_name(400, 'x');
    db().write([&](Transaction& tx) { tx.insert(names, Record{{"name", long_name}}); });
    Feed feed = from_here();
    db().write([&](Transaction& tx) { tx.erase(names, long_name); });
    const Change* const change = feed.next(0ms);
    ASSERT_NE(change, nullptr);
    EXPECT_EQ(change->kind(), ChangeKind::erase);
    EXPECT_EQ(change->key()["name"].as<std::string>(), long_name);
}

TEST_F(FeedTest, AChangeTellsItsCommit) {
    Feed feed = from_here();
    const Commit commit = db().write(
        [&](Transaction& tx) {
            add_customer(tx, "Kim");
            tx.publish("hello", {});
        },
        {.origin = "till", .correlation = "visit-7"});
    const Change* const first = feed.next(0ms);
    ASSERT_NE(first, nullptr);
    EXPECT_EQ(first->commit(), commit);
    EXPECT_EQ(first->origin(), "till");
    EXPECT_EQ(first->correlation(), "visit-7");
    EXPECT_EQ(first->causation(), "");
    EXPECT_FALSE(first->is_last_of_commit());
    const auto age = std::chrono::system_clock::now() - first->time().to_chrono();
    EXPECT_LT(age, 60s);
    EXPECT_GE(age, -1s);
    const Change* const second = feed.next(0ms);
    ASSERT_NE(second, nullptr);
    EXPECT_EQ(second->commit(), commit);
    EXPECT_EQ(second->origin(), "till");
    EXPECT_TRUE(second->is_last_of_commit());
    EXPECT_EQ(feed.next(0ms), nullptr);
}

TEST_F(FeedTest, TheWrongQuestionIsRefused) {
    Feed feed = from_here();
    db().write([&](Transaction& tx) {
        add_customer(tx, "Kim");
        tx.insert(visits, {{"_id", 1}});
    });
    const Change* change = feed.next(0ms);
    ASSERT_NE(change, nullptr);
    EXPECT_EQ(code_of([&] { return change->id(); }), ErrorCode::invalid_argument);
    EXPECT_EQ(code_of([&] { return change->payload(); }), ErrorCode::invalid_argument);
    EXPECT_EQ(change->row_before(), nullptr);
    EXPECT_EQ((*change->row_after())["rank"].kind(), Cell::Kind::enumeration);
    change = feed.next(0ms);
    ASSERT_NE(change, nullptr);
    EXPECT_EQ(code_of([&] { return change->key(); }), ErrorCode::invalid_argument);
    EXPECT_EQ(code_of([&] { return change->definition(); }), ErrorCode::invalid_argument);
}

TEST_F(FeedTest, AddedTablesShowAsChangesOfTheSchema) {
    const auto names_of = [&] {
        Feed feed = db().feed({.selections = {schema_changes()}});
        Lines names;
        while (const Change* change = feed.next(0ms)) {
            names.emplace_back(change->name());
            EXPECT_TRUE(change->definition().starts_with("CREATE ")) << change->definition();
        }
        return names;
    };
    EXPECT_EQ(names_of(), (Lines{"customers", "orders", "names", "visits", "baskets"}));
    db_.reset();
    const Schema wider{"wider", R"sql(CREATE TABLE extras (extra_id BIGINT PRIMARY KEY);)sql"};
    db_.emplace(Database::open(path(), std::vector<Schema>{schema, wider}, small()));
    EXPECT_EQ(names_of(), Lines{"extras"}) << "the journal holds the commits of this opening";
}

// Positions.

TEST_F(FeedTest, AFeedContinuesAfterAnyChange) {
    open();
    for (int i = 1; i <= 5; ++i) {
        db().write([&](Transaction& tx) {
            add_customer(tx, "Kim");
            add_order(tx, i, 1, "1.00");
            if (i % 2 == 0) tx.publish("even", {{"i", i}});
        });
    }
    Feed whole = db().feed();
    Lines all;
    std::vector<std::string> positions{to_string(whole.position().value())};
    while (const Change* change = whole.next(0ms)) {
        all.push_back(line_of(*change));
        EXPECT_EQ(change->position().index() == 1,
                  all.size() == 1 || all.back().starts_with("insert customers"));
        positions.push_back(to_string(change->position()));
    }
    ASSERT_EQ(all.size(), 5u + 12u);
    for (std::size_t read = 0; read <= all.size(); ++read) {
        Feed rest = db().feed({.after = FeedPosition::parse(positions[read])});
        EXPECT_EQ(lines_of(rest), Lines(all.begin() + static_cast<std::ptrdiff_t>(read), all.end()))
            << positions[read];
    }
}

TEST_F(FeedTest, APositionCountsInLaterOpenings) {
    std::string position;
    Lines seen;
    for (int opening = 0; opening < 3; ++opening) {
        FeedOptions options;
        if (!position.empty()) options.after = FeedPosition::parse(position);
        Feed feed = db().feed(options);
        for (int i = 0; i < 3; ++i) db().write([&](Transaction& tx) { tx.insert(visits, {}); });
        for (const std::string& line : lines_of(feed)) {
            if (line.starts_with("insert visits")) seen.push_back(line);
        }
        position = to_string(feed.position().value());
        db().close();
        db_.reset();
    }
    EXPECT_EQ(seen.size(), 9u);
}

/// A feed that selects little passes the rest, and does not read it again.
TEST_F(FeedTest, ThePositionPassesWhatIsNotSelected) {
    Feed feed = from_here({topics("wanted")});
    const Commit commit = db().write([&](Transaction& tx) { add_customer(tx, "Kim"); });
    EXPECT_EQ(feed.next(0ms), nullptr);
    EXPECT_EQ(feed.position()->sequence(), commit.sequence);
    EXPECT_TRUE(feed.position()->is_whole_commit());
}

TEST_F(FeedTest, APositionHasOneText) {
    const FeedPosition::Timeline timeline{0x8d, 0x5a, 0xb0, 0xc0, 0xe9, 0xc0, 0x4b, 0x4e,
                                          0x9a, 0x55, 0xb4, 0x1c, 0x3b, 0x9f, 0x7d, 0x10};
    const std::string whole = "8d5ab0c0e9c04b4e9a55b41c3b9f7d10:1042";
    EXPECT_EQ(to_string(FeedPosition{timeline, Sequence{1042}}), whole);
    EXPECT_EQ(to_string(FeedPosition{timeline, Sequence{1042}, 3}), whole + ":3");
    EXPECT_EQ(FeedPosition::parse(whole), (FeedPosition{timeline, Sequence{1042}}));
    EXPECT_EQ(FeedPosition::parse(whole + ":3"), (FeedPosition{timeline, Sequence{1042}, 3}));
    EXPECT_LT(FeedPosition::parse(whole + ":3"), FeedPosition::parse(whole));
    for (const std::string& text :
         {std::string{}, std::string{"1042"}, whole + ":", whole + ":03", whole + ":-1",
          whole + " ", whole + ":4294967295", whole + ":4294967296", whole + ":1:1", "0" + whole,
          "8D" + whole.substr(2), whole.substr(0, 33),
          whole.substr(0, 33) + "18446744073709551616"}) {
        EXPECT_EQ(code_of([&] { return FeedPosition::parse(text); }), ErrorCode::invalid_argument)
            << text;
    }
}

TEST_F(FeedTest, APositionOfAnotherDatabaseOrOfTheFutureIsRefused) {
    Feed feed = from_here();
    const FeedPosition here = feed.position().value();
    Database other = Database::temporary(schema);
    EXPECT_EQ(code_of([&] { return other.feed({.after = here}); }), ErrorCode::unknown_position);
    EXPECT_EQ(code_of([&] { return db().feed({.after = FeedPosition{}}); }),
              ErrorCode::unknown_position);
    const FeedPosition later{here.timeline(), next(here.sequence())};
    EXPECT_EQ(code_of([&] {
                  feed.seek(later);
                  return 0;
              }),
              ErrorCode::unknown_position);
    EXPECT_EQ(feed.position(), here) << "a refused position changes nothing";
}

TEST_F(FeedTest, WhatWasRecycledIsAGap) {
    Options options = small();
    options.segment_bytes = 64 << 10;
    open(options);
    const FeedPosition start = from_here().position().value();
    const std::string filling(1000, 'x');
    for (int i = 0; i < 400; ++i) {
        db().write(
            [&](Transaction& tx) {
                tx.insert(visits, {{"filling", filling}});
            },
            {.durability = Durability::written});
    }
    db_.reset();
    open(options);
    db_.reset();
    open(options);
    EXPECT_EQ(code_of([&] { return db().feed({.after = start}); }), ErrorCode::feed_gap);
    EXPECT_NE(
        message_of(ErrorCode::feed_gap, [&] { static_cast<void>(db().feed({.after = start})); })
            .find(to_string(start)),
        std::string::npos);
}

/// A feed keeps what it has not read, so it meets no gap, however slow it is.
TEST_F(FeedTest, AnOpenFeedKeepsWhatItHasNotRead) {
    Options options = small();
    options.segment_bytes = 64 << 10;
    open(options);
    Feed feed = from_here({changes(visits)});
    const std::string filling(1000, 'x');
    for (int i = 0; i < 400; ++i) {
        db().write(
            [&](Transaction& tx) {
                tx.insert(visits, {{"filling", filling}});
            },
            {.durability = Durability::written});
    }
    const Commit last = db().write([&](Transaction& tx) { tx.insert(visits, {{"_id", "last"}}); });
    db().wait(last);
    EXPECT_EQ(lines_of(feed).size(), 401u);
}

// Durability.

/// A power cut would take the commit back, so nobody may have acted on it.
TEST_F(FeedTest, ACommitIsShownOnlyOnceItIsDurable) {
    Options options = small();
    options.sync_interval_ms = 3'600'000;
    open(options);
    Feed feed = from_here();
    const Commit commit = db().write([&](Transaction& tx) { add_customer(tx, "Kim"); },
                                     {.durability = Durability::written});
    EXPECT_TRUE(db().snapshot().find(customers, 1));
    // The engine may sync earlier, for reasons of its own.
    if (feed.next(20ms) == nullptr) {
        db().sync(commit);
        EXPECT_EQ(lines_of(feed), Lines{"insert customers (1)"});
    }
    EXPECT_GE(db().statistics().journal.durable, commit.sequence);
}

/// What a snapshot shows may not be taken back either.
TEST_F(FeedTest, ASnapshotIsDurableBeforeItIsShown) {
    Options options = small();
    options.sync_interval_ms = 3'600'000;
    open(options);
    const Commit commit = db().write([&](Transaction& tx) { add_customer(tx, "Kim"); },
                                     {.durability = Durability::written});
    Feed feed = db().feed({.selections = {changes(customers)}, .start = FeedStart::snapshot});
    EXPECT_GE(db().statistics().journal.durable, commit.sequence);
    EXPECT_EQ(lines_of(feed), Lines{"read customers (1)"});
}

/// A segment cannot be read for a while. Nothing is passed over meanwhile.
TEST_F(FeedTest, AfterAnErrorAFeedTriesAgainAtItsPosition) {
    open();
    Feed feed = from_here();
    db().write([&](Transaction& tx) { add_customer(tx, "before"); });
    ASSERT_NE(feed.next(0ms), nullptr);
    const FeedPosition position = feed.position().value();
    for (const char* const name : {"needle-in-the-journal", "after"}) {
        db().write([&](Transaction& tx) { add_customer(tx, name); });
    }
    std::string segment;
    std::size_t at = std::string::npos;
    for (const auto& entry : std::filesystem::directory_iterator{path() + "/journal"}) {
        const std::size_t found = support::read_file(entry.path()).find("needle-in-the-journal");
        if (found == std::string::npos) continue;
        segment = entry.path();
        at = found;
    }
    ASSERT_FALSE(segment.empty());
    const auto flip = [&] {
        const char now = support::read_file(segment)[at];
        std::fstream file{segment, std::ios::in | std::ios::out | std::ios::binary};
        file.seekp(static_cast<std::streamoff>(at));
        file.put(static_cast<char>(now ^ 1));
    };
    flip();
    for (int times = 0; times < 2; ++times) {
        EXPECT_EQ(code_of([&] { return feed.next(0ms) != nullptr; }), ErrorCode::corrupt);
        EXPECT_EQ(feed.position(), position);
    }
    flip();
    EXPECT_EQ(lines_of(feed), (Lines{"insert customers (2)", "insert customers (3)"}));
}

// Snapshots.

TEST_F(FeedTest, AFeedBeginsWithASnapshot) {
    db().write([&](Transaction& tx) {
        add_customer(tx, "Kim");
        add_customer(tx, "Lee");
        add_order(tx, 2, 1, "1.00");
        tx.insert(visits, {{"_id", 1}, {"customer_id", std::int64_t{1}}});
        tx.insert(visits, {{"_id", 2}, {"customer_id", std::int64_t{2}}});
    });
    Feed feed =
        db().feed({.selections = {changes(customers), inserts(visits, Document{{"customer_id", 2}}),
                                  erasures(orders)},
                   .start = FeedStart::snapshot});
    db().write([&](Transaction& tx) { add_customer(tx, "Max"); });
    EXPECT_EQ(feed.position(), std::nullopt);
    EXPECT_EQ(lines_of(feed), (Lines{"read customers (1)", "read customers (2)",
                                     R"(read visits {"_id": 2})", "insert customers (3)"}));
    EXPECT_NE(feed.position(), std::nullopt);
}

/// Writers continue while feeds begin with snapshots. What a feed shows, applied in order, gives
/// the final contents: nothing is missing. No row is inserted that is there: nothing comes twice.
TEST_F(FeedTest, ASnapshotAndItsFeedHaveNoGapAndNoOverlap) {
    open();
    db().write([&](Transaction& tx) { add_customer(tx, "Kim"); });
    std::atomic<bool> ends{false};
    std::thread writer{[&] {
        for (int i = 0; !ends; ++i) {
            db().write(
                [&](Transaction& tx) {
                    const int number = i % 50;
                    if (!tx.erase(orders, {1, number})) add_order(tx, 1, number, "1.00");
                    tx.put(visits, {{"_id", number}, {"times", i}});
                },
                {.durability = i % 10 == 0 ? Durability::synced : Durability::written});
        }
    }};
    for (int round = 0; round < 20; ++round) {
        Feed feed = db().feed(
            {.selections = {changes(orders), changes(visits)}, .start = FeedStart::snapshot});
        std::map<std::string, std::string> seen;
        const auto take = [&](const Change& change) {
            const std::string key = change.is_row() ? to_string(change.key()["number"])
                                                    : to_json(Document{{"_id", change.id()}});
            const bool is_new =
                change.kind() == ChangeKind::insert || change.kind() == ChangeKind::read;
            EXPECT_EQ(seen.contains(key), !is_new) << line_of(change);
            if (change.kind() == ChangeKind::erase) {
                seen.erase(key);
            } else {
                seen[key] = change.is_row() ? "there" : to_json(*change.document_after());
            }
        };
        for (int i = 0; i < 40; ++i) feed.each(10, 5ms, take);
        const auto view = db().snapshot();
        db().sync(view.commit_seen());
        const FeedPosition end{from_here().position()->timeline(), view.commit_seen().sequence};
        while (!feed.position() || *feed.position() < end) {
            const Change* const change = feed.next(20s);
            ASSERT_NE(change, nullptr);
            take(*change);
        }
        std::map<std::string, std::string> there;
        for (const RowView& row : view.scan(orders)) {
            there[to_string(Value::from(row["number"]))] = "there";
        }
        for (const DocumentView visit : view.scan(visits)) {
            there[to_json(Document{{"_id", BsonValue{*visit.field("_id")}}})] = to_json(visit);
        }
        EXPECT_EQ(seen, there);
    }
    ends = true;
    writer.join();
}

// Selections.

TEST_F(FeedTest, AConditionHoldsBeforeOrAfter) {
    db().write([&](Transaction& tx) {
        add_customer(tx, "Kim");
        for (int i = 1; i <= 4; ++i) add_order(tx, 1, i, i % 2 == 0 ? "100.00" : "1.00");
        for (int i = 1; i <= 4; ++i) tx.insert(baskets, {{"_id", i}, {"items", i % 2 * 10}});
    });
    Feed feed = from_here({changes(orders, where("total") >= Decimal{"50"}),
                           changes(baskets, Document{{"items", Document{{"$gte", 10}}}})});
    db().write([&](Transaction& tx) {
        tx.update(orders, {1, 1}, Record{{"total", Decimal{"60"}}});  // enters
        tx.update(orders, {1, 2}, Record{{"total", Decimal{"2"}}});   // leaves
        tx.update(orders, {1, 3}, Record{{"total", Decimal{"3"}}});   // never fulfilled it
        tx.erase(orders, {1, 4});
        tx.update(baskets, Id{1}, {{"$set", Document{{"items", 1}}}});   // leaves
        tx.update(baskets, Id{2}, {{"$set", Document{{"items", 20}}}});  // enters
        tx.erase(baskets, Id{4});                                        // never fulfilled it
    });
    EXPECT_EQ(
        lines_of(feed),
        (Lines{"update orders (1, 1) 1.00 -> 60.00", "update orders (1, 2) 100.00 -> 2.00",
               "erase orders (1, 4) 100.00 -> none",
               R"(update baskets {"_id": 1} {"_id": 1, "items": 10} -> {"_id": 1, "items": 1})",
               R"(update baskets {"_id": 2} {"_id": 2, "items": 0} -> {"_id": 2, "items": 20})"}));
}

/// The state before is not stored, so the row may have fulfilled the condition.
TEST_F(FeedTest, WithoutTheStateBeforeUpdatesAndErasuresPass) {
    db().write([&](Transaction& tx) {
        for (int i = 1; i <= 3; ++i) add_customer(tx, "Kim");
    });
    Feed feed = from_here({changes(customers, where("name") == "Lee")});
    db().write([&](Transaction& tx) {
        tx.update(customers, 1, Record{{"name", "Max"}});
        tx.erase(customers, 2);
        add_customer(tx, "Kim");
        add_customer(tx, "Lee");
    });
    EXPECT_EQ(lines_of(feed),
              (Lines{"update customers (1)", "erase customers (2)", "insert customers (5)"}));
}

TEST_F(FeedTest, KindsAndTopicsAreSelected) {
    db().write([&](Transaction& tx) { add_customer(tx, "Kim"); });
    Feed inserted = from_here({inserts(customers), topics("orders.*")});
    Feed updated = from_here({updates(customers), topics("orders")});
    Feed erased = from_here({erasures(customers), erasures(visits), topics("orders.paid.late")});
    db().write([&](Transaction& tx) {
        tx.update(customers, 1, Record{{"name", "Max"}});
        add_customer(tx, "Lee");
        tx.publish("orders", {});
        tx.publish("orders.paid", {});
        tx.publish("orders.paid.late", {});
        tx.publish("ordersandmore", {});
    });
    db().write([&](Transaction& tx) { tx.erase(customers, 1); });
    EXPECT_EQ(lines_of(inserted),
              (Lines{"insert customers (2)", "event orders.paid {}", "event orders.paid.late {}"}));
    EXPECT_EQ(lines_of(updated), (Lines{"update customers (1)", "event orders {}"}));
    EXPECT_EQ(lines_of(erased), (Lines{"event orders.paid.late {}", "erase customers (1)"}));
}

TEST_F(FeedTest, ASelectionOfNothingIsRefused) {
    const auto code = [&](Selection selection) {
        return code_of([&] { return db().feed({.selections = {std::move(selection)}}); });
    };
    EXPECT_EQ(code(changes(Table{"nothing"})), ErrorCode::no_such_table);
    EXPECT_EQ(code(changes(Collection{"nothing"})), ErrorCode::no_such_table);
    EXPECT_EQ(code(changes(customers, where("nothing") == 1)), ErrorCode::no_such_column);
    EXPECT_EQ(code(changes(customers, where("customer_id") == "x")), ErrorCode::type_mismatch);
    EXPECT_EQ(code(changes(visits, Document{{"$nothing", 1}})), ErrorCode::unsupported);
    for (const char* const pattern : {"", "orders*", "*.paid", "orders.*.late"}) {
        EXPECT_EQ(code(topics(pattern)), ErrorCode::invalid_argument) << pattern;
    }
}

// Waiting.

TEST_F(FeedTest, AWaitEndsWithAChangeATimeoutOrAWake) {
    Feed feed = from_here();
    EXPECT_EQ(feed.next(10ms), nullptr);
    std::thread writer{[&] { db().write([&](Transaction& tx) { add_customer(tx, "Kim"); }); }};
    EXPECT_NE(feed.next(20s), nullptr);
    writer.join();
    std::thread other{[&] { feed.wake(); }};
    EXPECT_EQ(feed.next(), nullptr);
    other.join();
    EXPECT_FALSE(feed.has_ended());
}

bool is_readable(int descriptor, int timeout_ms = 0) {
    pollfd waiting{.fd = descriptor, .events = POLLIN, .revents = 0};
    return ::poll(&waiting, 1, timeout_ms) == 1;
}

TEST_F(FeedTest, ItsDescriptorIsReadableWhenThereIsSomethingToShow) {
    Feed feed = from_here();
    const int descriptor = feed.descriptor();
    EXPECT_EQ(feed.next(0ms), nullptr);
    EXPECT_FALSE(is_readable(descriptor));
    db().write([&](Transaction& tx) {
        add_customer(tx, "Kim");
        add_customer(tx, "Lee");
    });
    EXPECT_TRUE(is_readable(descriptor, 20'000));
    EXPECT_NE(feed.next(0ms), nullptr);
    EXPECT_TRUE(is_readable(descriptor)) << "one more";
    EXPECT_NE(feed.next(0ms), nullptr);
    EXPECT_EQ(feed.next(0ms), nullptr);
    EXPECT_FALSE(is_readable(descriptor));
    feed.wake();
    EXPECT_TRUE(is_readable(descriptor));
    EXPECT_EQ(feed.next(0ms), nullptr);
    db().close();
    EXPECT_TRUE(is_readable(descriptor)) << "the feed ends";
    EXPECT_EQ(feed.next(), nullptr);
    EXPECT_TRUE(feed.has_ended());
    EXPECT_TRUE(is_readable(descriptor));
}

/// An event loop that sleeps until the descriptor is readable misses nothing.
TEST_F(FeedTest, AnEventLoopSeesEveryChange) {
    Feed feed = from_here();
    const int descriptor = feed.descriptor();
    constexpr std::size_t commits = 500;
    std::thread writer{[&] {
        for (std::size_t i = 0; i < commits; ++i) {
            db().write([&](Transaction& tx) { tx.insert(visits, {}); },
                       {.durability = i % 50 == 0 ? Durability::synced : Durability::written});
        }
    }};
    std::size_t seen = 0;
    while (seen < commits && is_readable(descriptor, 20'000)) {
        while (feed.next(0ms) != nullptr) ++seen;
    }
    writer.join();
    EXPECT_EQ(seen, commits);
}

TEST_F(FeedTest, APausedFeedShowsNothing) {
    Feed feed = from_here();
    feed.pause();
    EXPECT_TRUE(feed.is_paused());
    db().write([&](Transaction& tx) { add_customer(tx, "Kim"); });
    EXPECT_EQ(feed.next(10ms), nullptr);
    std::thread other{[&] { feed.resume(); }};
    EXPECT_NE(feed.next(20s), nullptr);
    other.join();
    feed.pause();
    std::thread third{[&] { feed.wake(); }};
    EXPECT_EQ(feed.next(), nullptr);
    third.join();
}

TEST_F(FeedTest, AfterCloseAFeedShowsTheRestAndEnds) {
    Feed feed = from_here();
    db().write([&](Transaction& tx) { add_customer(tx, "Kim"); },
               {.durability = Durability::written});
    db().close();
    EXPECT_NE(feed.next(), nullptr);
    EXPECT_FALSE(feed.has_ended());
    EXPECT_EQ(feed.next(), nullptr);
    EXPECT_TRUE(feed.has_ended());
}

TEST_F(FeedTest, AReadOnlyDatabaseHasAFeedThatEnds) {
    db().write([&](Transaction& tx) { add_customer(tx, "Kim"); });
    db_.reset();
    Options options = small();
    options.mode = OpenMode::read_only;
    db_.emplace(Database::open(path(), options));
    Feed feed = db().feed({.selections = {changes(customers)}});
    EXPECT_NE(feed.next(), nullptr);
    EXPECT_EQ(feed.next(), nullptr);
    EXPECT_TRUE(feed.has_ended());
}

}  // namespace
}  // namespace amphora::market
