// Changes as JSON: the plain form and that of CloudEvents, field by field, and what all forms have in common.

#include "events/market.hpp"

#include <boost/json.hpp>

#include <cmath>
#include <set>

namespace amphora::market {
namespace {

using boost::json::value;
namespace json = boost::json;

/// Each type of a column, and names that JSON must escape.
constexpr Schema types{"types", R"sql(
CREATE TABLE things (
    id BIGINT PRIMARY KEY,
    yes BOOLEAN, small SMALLINT, medium INT, large BIGINT, single FLOAT, twofold DOUBLE,
    money DECIMAL(20,4), words VARCHAR(100), more TEXT, bytes BLOB, at DATETIME, day DATE,
    length TIME, color ENUM('rot', 'grün "hell"'), extra JSON
);
CREATE TABLE "it's ""x""\/ 表" (
    "k/%
" VARCHAR(20), number FLOAT, "a ""b"" é" INT, PRIMARY KEY ("k/%
", number)
);
CREATE COLLECTION "col ""q"" é" (at DATETIME);
CREATE COLLECTION notes (at DATETIME);
)sql"};
constexpr Table things{"things"};
constexpr Table odd{"it's \"x\"\\/ 表"};
constexpr Collection odd_documents{"col \"q\" é"};
constexpr Collection notes{"notes"};

class FeedJsonTest : public Market {
  protected:
    void SetUp() override {
        Options options = small();
        db_.emplace(Database::open(path(), schema, options));
    }
    /// The messages of everything that the feed shows.
    template <class Form>
    std::vector<value> all(Feed& feed, const Form& form) {
        std::vector<value> lines;
        while (const Change* change = feed.next(0ms)) {
            const std::string line = form.line(*change);
            EXPECT_EQ(line.find('\n'), std::string::npos);
            lines.push_back(json::parse(line));
        }
        return lines;
    }
    std::string timeline() { return db().statistics().timeline; }
};

class TypesJsonTest : public FeedJsonTest {
  protected:
    void SetUp() override { db_.emplace(Database::open(path(), types, small())); }
};

TEST_F(FeedJsonTest, APlainLineHasEverythingThatAChangeHas) {
    db().write([&](Transaction& tx) {
        add_customer(tx, "Kim");
        add_order(tx, 1, 7, "1.50");
    });
    Feed feed = from_here();
    const Commit commit = db().write(
        [&](Transaction& tx) {
            tx.update(orders, {1, 7}, Record{{"total", Decimal{"2.50"}}});
            tx.insert(visits, {{"_id", 7}, {"customer_id", std::int64_t{1}}});
            tx.publish("orders.raised", {{"number", 7}, {"by", 1.0}});
        },
        {.origin = "till", .correlation = "visit-7"});
    const PlainForm form{db()};
    const Change* change = feed.next(0ms);
    ASSERT_NE(change, nullptr);
    const std::string time = to_string(change->time());
    const std::string position = timeline() + ":" + std::to_string(number(commit.sequence));
    std::string line = form.line(*change);
    // The time has always six digits after the point; `to_string` has as few as possible.
    std::string rfc3339 = time.substr(0, 10) + "T" + time.substr(11);
    if (rfc3339.size() == 19) rfc3339 += '.';
    rfc3339.resize(26, '0');
    const std::string head = R"("commit": )" + std::to_string(number(commit.sequence)) + ", ";
    EXPECT_EQ(line, R"({"position": ")" + position + R"(:1", )" + head +
                        R"("index": 1, "last": false, "time": ")" + rfc3339 +
                        R"(Z", "op": "update", "table": "orders", )"
                        R"("key": {"customer_id": 1, "number": 7}, )"
                        R"("before": {"customer_id": 1, "number": 7, "total": "1.50"}, )"
                        R"("after": {"customer_id": 1, "number": 7, "total": "2.50"}, )"
                        R"("origin": "till", "correlation": "visit-7"})");
    change = feed.next(0ms);
    ASSERT_NE(change, nullptr);
    EXPECT_EQ(form.line(*change), R"({"position": ")" + position + R"(:2", )" + head +
                                      R"("index": 2, "last": false, "time": ")" + rfc3339 +
                                      R"(Z", "op": "insert", "collection": "visits", "key": 7, )"
                                      R"("after": {"_id": 7, "customer_id": 1}, )"
                                      R"("origin": "till", "correlation": "visit-7"})");
    change = feed.next(0ms);
    ASSERT_NE(change, nullptr);
    EXPECT_EQ(form.line(*change), R"({"position": ")" + position + R"(:3", )" + head +
                                      R"("index": 3, "last": true, "time": ")" + rfc3339 +
                                      R"(Z", "op": "event", "topic": "orders.raised", )"
                                      R"("payload": {"number": 7, "by": 1.0}, )"
                                      R"("origin": "till", "correlation": "visit-7"})");
    EXPECT_EQ(feed.next(0ms), nullptr);
}

TEST_F(FeedJsonTest, AnErasureHasNoStateAfterAndTheStateBeforeWhereItIsStored) {
    db().write([&](Transaction& tx) {
        add_customer(tx, "Kim");
        add_order(tx, 1, 7, "1.50");
        tx.insert(baskets, {{"_id", "b"}, {"items", 2}});
        tx.insert(visits, {{"_id", 1}});
    });
    Feed feed = from_here();
    db().write([&](Transaction& tx) {
        tx.erase(orders, {1, 7});
        tx.erase(customers, 1);
        tx.erase(baskets, Id{"b"});
        tx.erase(visits, Id{1});
    });
    const std::vector<value> lines = all(feed, PlainForm{db()});
    ASSERT_EQ(lines.size(), 4u);
    for (const value& line : lines) {
        EXPECT_EQ(line.at("op"), value("erase"));
        EXPECT_TRUE(line.at("after").is_null());
    }
    EXPECT_EQ(lines[0].at("key"), json::parse(R"({"customer_id": 1})"));
    EXPECT_FALSE(lines[0].as_object().contains("before"));
    EXPECT_EQ(lines[1].at("before"),
              json::parse(R"({"customer_id": 1, "number": 7, "total": "1.50"})"));
    EXPECT_EQ(lines[2].at("key"), value(1));
    EXPECT_FALSE(lines[2].as_object().contains("before"));
    EXPECT_EQ(lines[3].at("key"), value("b"));
    EXPECT_EQ(lines[3].at("before"), json::parse(R"({"_id": "b", "items": 2})"));
    EXPECT_FALSE(lines[3].as_object().contains("origin"));
}

TEST_F(FeedJsonTest, ASnapshotAndASchemaHaveTheirOwnMembers) {
    const PlainForm form{db()};
    Feed history = db().feed({.selections = {schema_changes()}});
    const std::vector<value> schemas = all(history, form);
    ASSERT_EQ(schemas.size(), 5u);
    EXPECT_EQ(schemas[0].at("op"), value("schema"));
    EXPECT_EQ(schemas[0].at("table"), value("customers"));
    EXPECT_TRUE(schemas[0].at("definition").as_string().starts_with("CREATE TABLE customers ("));
    EXPECT_EQ(schemas[4].at("collection"), value("baskets"));

    const auto before = std::chrono::system_clock::now();
    const Commit commit = db().write([&](Transaction& tx) { add_customer(tx, "Kim"); });
    Feed feed = db().feed({.start = FeedStart::snapshot});
    const std::vector<value> reads = all(feed, form);
    ASSERT_EQ(reads.size(), 1u);
    EXPECT_EQ(reads[0].at("op"), value("read"));
    EXPECT_EQ(reads[0].at("position"),
              value(timeline() + ":" + std::to_string(number(commit.sequence))));
    EXPECT_FALSE(reads[0].as_object().contains("index"));
    EXPECT_FALSE(reads[0].as_object().contains("last"));
    EXPECT_EQ(reads[0].at("after"),
              json::parse(R"({"customer_id": 1, "name": "Kim", "rank": "new"})"));
    const std::string time{reads[0].at("time").as_string()};
    EXPECT_GE(parse_datetime(time.substr(0, 10) + " " + time.substr(11, 15)).to_chrono() + 1s,
              before);
}

TEST_F(TypesJsonTest, EachTypeOfAColumnIsReadBackFromItsJson) {
    Feed feed = from_here();
    db().write([&](Transaction& tx) {
        tx.insert(things, Record{{"id", INT64_MIN},
                                 {"yes", true},
                                 {"small", -32768},
                                 {"medium", 2147483647},
                                 {"large", INT64_MAX},
                                 {"single", 4.3f},
                                 {"twofold", 0.1},
                                 {"money", Decimal{"-1234567890123456.7800"}},
                                 {"words", "\"quoted\" \\ /\n\t\x01 é 表 \xF0\x9F\x99\x82"},
                                 {"more", ""},
                                 {"bytes", Blob{std::string{"\x00\xff\x10", 3}}},
                                 {"at", parse_datetime("2026-01-31 12:34:56.000001")},
                                 {"day", parse_date("0001-02-03")},
                                 {"length", parse_time("-838:59:59")},
                                 {"color", "grün \"hell\""},
                                 {"extra", R"({"a": [1, null]})"}});
        tx.insert(things, Record{{"id", 1}});
        tx.insert(things,
                  Record{{"id", 2}, {"yes", false}, {"single", 16777216.0}, {"twofold", -0.0}});
        tx.insert(things,
                  Record{{"id", 3}, {"single", 1e-30f}, {"twofold", 1.7976931348623157e308}});
    });
    const std::vector<value> lines = all(feed, PlainForm{db()});
    ASSERT_EQ(lines.size(), 4u);
    const json::object& full = lines[0].at("after").as_object();
    EXPECT_EQ(full.at("id"), value(INT64_MIN));
    EXPECT_EQ(full.at("yes"), value(true));
    EXPECT_EQ(full.at("small"), value(-32768));
    EXPECT_EQ(full.at("medium"), value(2147483647));
    EXPECT_EQ(full.at("large"), value(INT64_MAX));
    EXPECT_EQ(full.at("single"), value(4.3)) << "as short as the FLOAT allows";
    EXPECT_EQ(full.at("twofold"), value(0.1));
    EXPECT_EQ(full.at("money"), value("-1234567890123456.7800"));
    EXPECT_EQ(full.at("words"), value("\"quoted\" \\ /\n\t\x01 é 表 \xF0\x9F\x99\x82"));
    EXPECT_EQ(full.at("more"), value(""));
    EXPECT_EQ(full.at("bytes"), value("AP8Q"));
    EXPECT_EQ(full.at("at"), value("2026-01-31 12:34:56.000001"));
    EXPECT_EQ(full.at("day"), value("0001-02-03"));
    EXPECT_EQ(full.at("length"), value("-838:59:59"));
    EXPECT_EQ(full.at("color"), value("grün \"hell\""));
    EXPECT_EQ(full.at("extra"), value(R"({"a": [1, null]})"));
    EXPECT_EQ(full.size(), 16u);
    EXPECT_EQ(lines[0].at("key"), (json::object{{"id", INT64_MIN}}));
    for (const auto& [name, held] : lines[1].at("after").as_object()) {
        EXPECT_EQ(held.is_null(), name != "id") << name;
    }
    const json::object& zero = lines[2].at("after").as_object();
    EXPECT_EQ(zero.at("yes"), value(false));
    EXPECT_EQ(zero.at("single"), value(16777216.0));
    EXPECT_TRUE(std::signbit(zero.at("twofold").as_double()));
    EXPECT_EQ(static_cast<float>(lines[3].at("after").at("single").as_double()), 1e-30f);
    EXPECT_EQ(lines[3].at("after").at("twofold"), value(1.7976931348623157e308));
}

TEST_F(TypesJsonTest, NamesWithQuotesAndUnicodeAreWhole) {
    Feed feed = from_here();
    db().write([&](Transaction& tx) {
        tx.insert(odd, Record{{"k/%\n", "a/b%c\n\x7f é"}, {"number", -0.0}, {"a \"b\" é", 1}});
        tx.insert(odd_documents, {{"_id", "x/y"}, {"field \"q\" é", 1}, {"$date", "no date"}});
        tx.publish("topic \"t\" é\n", {{"a\"b", 1}});
    });
    Feed again = db().feed({.selections = {changes(odd), changes(odd_documents), topics("*")}});
    const std::vector<value> lines = all(feed, PlainForm{db()});
    ASSERT_EQ(lines.size(), 3u);
    EXPECT_EQ(lines[0].at("table"), value("it's \"x\"\\/ 表"));
    EXPECT_EQ(lines[0].at("after").at("a \"b\" é"), value(1));
    EXPECT_EQ(lines[0].at("key").at("k/%\n"), value("a/b%c\n\x7f é"));
    EXPECT_EQ(lines[1].at("collection"), value("col \"q\" é"));
    EXPECT_EQ(lines[2].at("topic"), value("topic \"t\" é\n"));
    EXPECT_EQ(lines[2].at("payload").at("a\"b"), value(1));

    const std::vector<value> events = all(again, CloudEventsForm{db()});
    ASSERT_EQ(events.size(), 3u);
    EXPECT_EQ(events[0].at("subject"), value("it's \"x\"\\%2F 表/a%2Fb%25c%0A%7F é/0.0"));
    EXPECT_EQ(events[1].at("subject"), value("col \"q\" é/x%2Fy"));
    EXPECT_EQ(events[2].at("type"), value("topic \"t\" é%0A"));
}

/// A broker compacts by key: numbers that are equal are one _id, so they must be one text.
TEST_F(TypesJsonTest, EachChangeOfADocumentHasTheSameKey) {
    const std::vector<BsonValue> ids{
        5.0, std::int64_t{1} << 40, 2.5,       BsonValue::from_json(R"({"$numberDecimal": "7.0"})"),
        "5", Document{{"a", 1.0}},  ObjectId{}};
    Feed feed = from_here();
    for (const BsonValue& id : ids) {
        db().write([&](Transaction& tx) { tx.insert(notes, {{"_id", id}}); });
        db().write([&](Transaction& tx) {
            tx.update(notes, Id{id}, {{"$set", Document{{"n", 1}}}});
        });
        db().write([&](Transaction& tx) { tx.erase(notes, Id{id}); });
    }
    const std::vector<value> lines = all(feed, PlainForm{db()});
    ASSERT_EQ(lines.size(), 3 * ids.size());
    for (std::size_t at = 0; at < lines.size(); at += 3) {
        EXPECT_EQ(lines[at].at("key"), lines[at + 1].at("key"));
        EXPECT_EQ(lines[at].at("key"), lines[at + 2].at("key"));
    }
    EXPECT_EQ(lines[0].at("key"), value(5));
    EXPECT_EQ(lines[6].at("key"), value(2.5));
    EXPECT_EQ(lines[9].at("key"), value(7));
    EXPECT_EQ(lines[12].at("key"), value("5"));
    EXPECT_EQ(lines[15].at("key"), (json::object{{"a", 1}}));
}

/// The required and optional attributes of
/// https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md#32-examples and of
/// https://github.com/cloudevents/spec/blob/main/cloudevents/extensions/correlation.md
TEST_F(FeedJsonTest, ACloudEventHasTheAttributesOfTheSpecification) {
    db().write([&](Transaction& tx) {
        add_customer(tx, "Kim");
        add_order(tx, 1, 7, "1.50");
        tx.insert(visits, {{"_id", 3}});
    });
    Feed feed = from_here();
    const Commit commit = db().write(
        [&](Transaction& tx) {
            tx.update(orders, {1, 7}, Record{{"total", Decimal{"2.50"}}});
            tx.erase(visits, Id{3});
            tx.publish("com.example.someevent",
                       {{"appinfoA", "abc"}, {"appinfoB", 123}, {"appinfoC", true}});
        },
        {.origin = "till", .correlation = "txn-abc-123"});
    const std::string position = timeline() + ":" + std::to_string(number(commit.sequence));
    const std::vector<value> lines = all(feed, CloudEventsForm{db()});
    ASSERT_EQ(lines.size(), 3u);
    for (const value& line : lines) {
        EXPECT_EQ(line.at("specversion"), value("1.0"));
        EXPECT_EQ(line.at("source"), value("/amphora/" + db().statistics().database));
        EXPECT_EQ(line.at("datacontenttype"), value("application/json"));
        EXPECT_THAT(std::string{line.at("time").as_string()},
                    testing::MatchesRegex("20[0-9][0-9]-[0-9]+-[0-9]+T[0-9:]+\\.[0-9]{6}Z"));
        EXPECT_EQ(line.at("origin"), value("till"));
        EXPECT_EQ(line.at("correlationid"), value("txn-abc-123"));
        EXPECT_FALSE(line.as_object().contains("causationid")) << "it must not be empty";
        for (const auto& [name, held] : line.as_object()) {
            EXPECT_THAT(std::string{name}, testing::MatchesRegex("[a-z0-9]{1,20}"));
        }
    }
    EXPECT_EQ(lines[0].at("id"), value(position + ":1"));
    EXPECT_EQ(lines[0].at("type"), value("amphora.row.update"));
    EXPECT_EQ(lines[0].at("subject"), value("orders/1/7"));
    EXPECT_EQ(lines[0].at("data"), json::parse(R"({"key": {"customer_id": 1, "number": 7},
                              "before": {"customer_id": 1, "number": 7, "total": "1.50"},
                              "after": {"customer_id": 1, "number": 7, "total": "2.50"}})"));
    EXPECT_EQ(lines[1].at("type"), value("amphora.document.erase"));
    EXPECT_EQ(lines[1].at("subject"), value("visits/3"));
    EXPECT_EQ(lines[1].at("data"), json::parse(R"({"key": 3, "after": null})"));
    EXPECT_EQ(lines[2].at("id"), value(position + ":3"));
    EXPECT_EQ(lines[2].at("type"), value("com.example.someevent"));
    EXPECT_FALSE(lines[2].as_object().contains("subject"));
    EXPECT_EQ(lines[2].at("data"),
              json::parse(R"({"appinfoA": "abc", "appinfoB": 123, "appinfoC": true})"));

    Feed history = db().feed({.selections = {schema_changes()}});
    const std::vector<value> schemas =
        all(history, CloudEventsForm{db(), {.source = "https://example.com/shop"}});
    EXPECT_EQ(schemas.at(0).at("source"), value("https://example.com/shop"));
    EXPECT_EQ(schemas.at(0).at("type"), value("amphora.schema"));
    EXPECT_EQ(schemas.at(0).at("subject"), value("customers"));
    EXPECT_TRUE(schemas.at(0).at("data").at("definition").is_string());
}

/// Source and id together name one event; all rows of a snapshot have the same position.
TEST_F(FeedJsonTest, EachCloudEventHasAnIdOfItsOwn) {
    db().write([&](Transaction& tx) {
        for (int i = 0; i < 3; ++i) add_customer(tx, "Kim");
        for (int i = 0; i < 3; ++i) tx.insert(visits, {{"_id", i}});
    });
    Feed feed = db().feed({.start = FeedStart::snapshot});
    db().write([&](Transaction& tx) {
        for (int i = 0; i < 3; ++i) add_customer(tx, "Lee");
    });
    std::set<std::string> ids;
    const std::vector<value> lines = all(feed, CloudEventsForm{db()});
    for (const value& line : lines) ids.insert(std::string{line.at("id").as_string()});
    EXPECT_EQ(lines.size(), 9u);
    EXPECT_EQ(ids.size(), 9u);
    EXPECT_EQ(lines[0].at("type"), value("amphora.row.read"));
}

/// What is masked is nowhere in any message, neither in the state before nor in that after.
TEST_F(FeedJsonTest, AMaskedColumnShowsInNoForm) {
    db().write([&](Transaction& tx) {
        add_customer(tx, "secret Kim");
        add_order(tx, 1, 7, "4711.50");
        tx.insert(baskets,
                  Document::from_json(R"({"_id": 1, "card": {"number": "secret 1", "year": 30},
            "list": [{"pin": "secret 2", "n": 1}, [{"pin": "secret 3"}], 5], "pin": "shown",
            "gone": {"$document": [["$date", "secret 4"], ["kept", 1]]}, "none": null})"));
    });
    Feed feed = db().feed();
    db().write([&](Transaction& tx) {
        tx.update(orders, {1, 7}, Record{{"total", Decimal{"4712.50"}}});
        tx.update(baskets, Id{1}, {{"$set", Document{{"card.number", "secret 5"}}}});
    });
    db().write([&](Transaction& tx) {
        tx.erase(orders, {1, 7});
        tx.erase(baskets, Id{1});
    });
    const std::vector<MaskedColumn> masked{{"CUSTOMERS", "Name"},      {"orders", "total"},
                                           {"baskets", "card.number"}, {"baskets", "list.pin"},
                                           {"baskets", "gone.$date"},  {"baskets", "none"}};
    const PlainForm plain{db(), masked};
    const CloudEventsForm cloud{db(), {.masked = masked}};
    DebeziumForm debezium{db(), {.masked = masked}};
    std::vector<std::string> plains;
    while (const Change* change = feed.next(0ms)) {
        plains.push_back(plain.line(*change));
        std::string messages = plains.back() + cloud.line(*change);
        for (const DebeziumMessage& message : debezium.messages(*change)) {
            messages += message.line();
        }
        EXPECT_EQ(messages.find("secret"), std::string::npos) << messages;
        EXPECT_EQ(messages.find("4711.50"), std::string::npos) << messages;
        EXPECT_EQ(messages.find("4712.50"), std::string::npos) << messages;
        if (change->is_row() && change->kind() != ChangeKind::erase) {
            EXPECT_NE(messages.find("***"), std::string::npos) << messages;
        }
    }
    ASSERT_EQ(plains.size(), 5u + 3u + 2u + 2u);
    const value updated = json::parse(plains[8]);
    EXPECT_EQ(updated.at("before"),
              json::parse(R"({"customer_id": 1, "number": 7, "total": "***"})"));
    EXPECT_EQ(updated.at("after"), updated.at("before"));
    EXPECT_EQ(json::parse(plains[11]).at("before"),
              json::parse(R"({"_id": 1, "card": {"number": "***", "year": 30},
                  "list": [{"pin": "***", "n": 1}, [{"pin": "***"}], 5], "pin": "shown",
                  "gone": {"$document": [["$date", "***"], ["kept", 1]]}, "none": "***"})"));
}

TEST_F(FeedJsonTest, WhatCannotBeMaskedIsRefused) {
    const auto refused = [&](ErrorCode code, const MaskedColumn& column) {
        return message_of(code, [&] { return PlainForm{db(), {column}}; });
    };
    EXPECT_THAT(refused(ErrorCode::no_such_table, {"nothing", "x"}),
                testing::HasSubstr("has no table or collection nothing with a column to mask; it "
                                   "has customers, orders, names, visits, baskets"));
    EXPECT_EQ(refused(ErrorCode::no_such_column, {"customers", "x"}),
              "table customers has no column x to mask; it has customer_id, name, rank");
    EXPECT_EQ(refused(ErrorCode::invalid_argument, {"orders", "NUMBER"}),
              "orders.number cannot be masked: the primary key is the key of each change; mask "
              "other columns, or do not select the table");
    for (const char* const path : {"_id", "_id.part"}) {
        EXPECT_THAT(refused(ErrorCode::invalid_argument, {"visits", path}),
                    testing::HasSubstr("cannot be masked: the _id is the key of each change"));
    }
    for (const char* const path : {"", ".", "a.", ".a", "a..b"}) {
        EXPECT_THAT(refused(ErrorCode::invalid_argument, {"visits", path}),
                    testing::HasSubstr("it is no path of a field"));
    }
    EXPECT_EQ(code_of([&] {
                  return CloudEventsForm{db(), {.masked = {{"visits", "_id"}}}};
              }),
              ErrorCode::invalid_argument);
    EXPECT_EQ(code_of([&] {
                  return DebeziumForm{db(), {.masked = {{"visits", "_id"}}}};
              }),
              ErrorCode::invalid_argument);
}

}  // namespace
}  // namespace amphora::market
