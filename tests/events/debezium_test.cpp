// Debezium's envelope, compared with the examples of its documentation:
//   https://debezium.io/documentation/reference/3.0/connectors/postgresql.html#postgresql-events
//   https://debezium.io/documentation/reference/3.0/connectors/mongodb.html#mongodb-events
//   https://debezium.io/documentation/reference/3.0/connectors/mysql.html#mysql-schema-change-topic

#include "events/market.hpp"

#include <boost/json.hpp>

#include <set>

namespace amphora::market {
namespace {

using boost::json::value;
namespace json = boost::json;

/// The tables and documents of those examples, and one table that keeps the state before.
constexpr Schema inventory{"inventory", R"sql(
CREATE TABLE customers (
    id INT PRIMARY KEY,
    first_name VARCHAR(255) NOT NULL, last_name VARCHAR(255) NOT NULL, email VARCHAR(255) NOT NULL
);
CREATE TABLE kept (id INT PRIMARY KEY, snapshot VARCHAR(10)) WITH (before = TRUE);
CREATE COLLECTION people (email TEXT);
CREATE COLLECTION kept_people (email TEXT) WITH (before = TRUE);
CREATE TABLE "a b/é" (id INT PRIMARY KEY);
)sql"};
constexpr Table people_table{"customers"};
constexpr Table kept{"kept"};
constexpr Collection people{"people"};
constexpr Collection kept_people{"kept_people"};

struct Parsed {
    std::string topic;
    value key;
    value content;
};

class DebeziumTest : public Market {
  protected:
    void SetUp() override { db_.emplace(Database::open(path(), inventory, small())); }

    static std::vector<Parsed> parsed(const std::vector<DebeziumMessage>& messages) {
        std::vector<Parsed> all;
        for (const DebeziumMessage& message : messages) {
            EXPECT_EQ(message.line().find('\n'), std::string::npos);
            const value line = json::parse(message.line());
            EXPECT_EQ(line.as_object().size(), 3u);
            all.push_back(
                {std::string{line.at("topic").as_string()}, line.at("key"), line.at("value")});
        }
        return all;
    }
    std::vector<Parsed> all(Feed& feed) {
        std::vector<DebeziumMessage> messages;
        while (const Change* change = feed.next(0ms)) {
            for (DebeziumMessage& message : form().messages(*change)) {
                messages.push_back(std::move(message));
            }
        }
        return parsed(messages);
    }
    /// The messages of a transaction, BEGIN and END included.
    template <class Body>
    std::vector<Parsed> of(Body&& body, const WriteOptions& options = {}) {
        Feed feed = from_here();
        commit_ = db().write(body, options);
        return all(feed);
    }
    DebeziumForm& form() {
        if (!form_) {
            form_.emplace(db(), DebeziumOptions{.name = "fulfillment", .database = "inventory"});
        }
        return *form_;
    }
    std::string transaction() {
        return db().statistics().timeline + ":" + std::to_string(number(commit_.sequence));
    }
    /// The members that are there, in their order.
    static std::vector<std::string> names(const value& object) {
        std::vector<std::string> all;
        for (const auto& member : object.as_object()) all.emplace_back(member.key());
        return all;
    }
    static void insert_anne(Transaction& tx) {
        tx.insert(people_table, Record{{"id", 1},
                                       {"first_name", "Anne"},
                                       {"last_name", "Kretchmar"},
                                       {"email", "annek@noanswer.org"}});
    }
    static constexpr const char* anne =
        R"({"id": 1, "first_name": "Anne", "last_name": "Kretchmar", "email": "annek@noanswer.org"})";

    Commit commit_;
    std::optional<DebeziumForm> form_;
};

using Names = std::vector<std::string>;

/// postgresql.html#postgresql-create-events
TEST_F(DebeziumTest, ACreateEventHasTheMembersOfTheExample) {
    const auto before = std::chrono::system_clock::now();
    const std::vector<Parsed> messages =
        of(insert_anne, {.origin = "till", .correlation = "visit-7"});
    ASSERT_EQ(messages.size(), 3u);
    const auto& [topic, key, content] = messages[1];
    EXPECT_EQ(topic, "fulfillment.inventory.customers");
    EXPECT_EQ(key, json::parse(R"({"id": 1})"));
    EXPECT_EQ(names(content),
              (Names{"before", "after", "source", "op", "ts_ms", "ts_us", "ts_ns", "transaction"}));
    EXPECT_TRUE(content.at("before").is_null());
    EXPECT_EQ(content.at("after"), json::parse(anne));
    EXPECT_EQ(content.at("op"), value("c"));
    const value& source = content.at("source");
    EXPECT_EQ(names(source),
              (Names{"version", "connector", "name", "ts_ms", "ts_us", "ts_ns", "snapshot", "db",
                     "sequence", "table", "txId", "position", "origin", "correlation"}));
    EXPECT_EQ(source.at("version"), value(AMPHORA_VERSION));
    EXPECT_EQ(source.at("connector"), value("amphora"));
    EXPECT_EQ(source.at("name"), value("fulfillment"));
    EXPECT_EQ(source.at("snapshot"), value("false"));
    EXPECT_EQ(source.at("db"), value("inventory"));
    EXPECT_EQ(source.at("sequence"),
              value("[\"" + std::to_string(number(commit_.sequence)) + "\",\"1\"]"));
    EXPECT_EQ(source.at("table"), value("customers"));
    EXPECT_EQ(source.at("txId"), value(number(commit_.sequence)));
    EXPECT_EQ(source.at("position"), value(transaction() + ":1"));
    EXPECT_EQ(source.at("origin"), value("till"));
    EXPECT_EQ(source.at("correlation"), value("visit-7"));
    const auto after = std::chrono::system_clock::now();
    for (const value* const times : {&source, &content}) {
        const std::int64_t us = times->at("ts_us").to_number<std::int64_t>();
        EXPECT_EQ(times->at("ts_ms").to_number<std::int64_t>(), us / 1000);
        EXPECT_EQ(times->at("ts_ns").to_number<std::int64_t>(), us * 1000);
        EXPECT_GE(DateTime{us}.to_chrono() + 1s, before);
        EXPECT_LE(DateTime{us}.to_chrono(), after + 1s);
    }
}

/// postgresql.html#postgresql-update-events, #postgresql-delete-events, #postgresql-tombstone-events
TEST_F(DebeziumTest, ADeleteHasATombstoneAfterIt) {
    of(insert_anne);
    std::vector<Parsed> messages = of([](Transaction& tx) {
        tx.update(people_table, 1, Record{{"first_name", "Anne Marie"}});
    });
    ASSERT_EQ(messages.size(), 3u);
    EXPECT_EQ(messages[1].content.at("op"), value("u"));
    EXPECT_TRUE(messages[1].content.at("before").is_null()) << "it is not stored";
    EXPECT_EQ(messages[1].content.at("after").at("first_name"), value("Anne Marie"));

    messages = of([](Transaction& tx) { tx.erase(people_table, 1); });
    ASSERT_EQ(messages.size(), 4u);
    EXPECT_EQ(messages[1].content.at("op"), value("d"));
    EXPECT_EQ(messages[1].content.at("before"), json::parse(R"({"id": 1})"));
    EXPECT_TRUE(messages[1].content.at("after").is_null());
    EXPECT_EQ(messages[2].topic, messages[1].topic);
    EXPECT_EQ(messages[2].key, messages[1].key);
    EXPECT_TRUE(messages[2].content.is_null());
}

TEST_F(DebeziumTest, AStateBeforeThatIsStoredIsShown) {
    of([](Transaction& tx) {
        tx.insert(kept, Record{{"id", 1}, {"snapshot", "one"}});
        tx.insert(kept_people, {{"_id", 1}, {"n", 1}});
    });
    std::vector<Parsed> messages = of([](Transaction& tx) {
        tx.update(kept, 1, Record{{"snapshot", "two"}});
        tx.update(kept_people, Id{1}, {{"$set", Document{{"n", 2}}}});
    });
    ASSERT_EQ(messages.size(), 4u);
    EXPECT_EQ(messages[1].content.at("before"), json::parse(R"({"id": 1, "snapshot": "one"})"));
    EXPECT_EQ(messages[1].content.at("after"), json::parse(R"({"id": 1, "snapshot": "two"})"));
    EXPECT_EQ(messages[2].content.at("before"), value(R"({"_id": 1, "n": 1})"));
    EXPECT_EQ(messages[2].content.at("after"), value(R"({"_id": 1, "n": 2})"));
    messages = of([](Transaction& tx) {
        tx.erase(kept, 1);
        tx.erase(kept_people, Id{1});
    });
    ASSERT_EQ(messages.size(), 6u);
    EXPECT_EQ(messages[1].content.at("before"), json::parse(R"({"id": 1, "snapshot": "two"})"));
    EXPECT_EQ(messages[3].content.at("before"), value(R"({"_id": 1, "n": 2})"));
    EXPECT_TRUE(messages[4].content.is_null());
}

/// mongodb.html#mongodb-create-events and #mongodb-tombstone-events: a document is its JSON as a text.
TEST_F(DebeziumTest, ADocumentIsATextAsInTheExampleOfMongo) {
    std::vector<Parsed> messages = of([](Transaction& tx) {
        tx.insert(people, {{"_id", std::int64_t{1004}},
                           {"first_name", "Anne"},
                           {"last_name", "Kretchmar"},
                           {"email", "annek@noanswer.org"}});
    });
    ASSERT_EQ(messages.size(), 3u);
    EXPECT_EQ(messages[1].topic, "fulfillment.inventory.people");
    EXPECT_EQ(messages[1].key, json::parse(R"({"id": "1004"})"));
    EXPECT_EQ(messages[1].content.at("op"), value("c"));
    EXPECT_TRUE(messages[1].content.at("before").is_null());
    EXPECT_EQ(messages[1].content.at("after"),
              value(R"({"_id": 1004, "first_name": "Anne", "last_name": "Kretchmar", )"
                    R"("email": "annek@noanswer.org"})"));
    EXPECT_EQ(messages[1].content.at("source").at("collection"), value("people"));
    EXPECT_FALSE(messages[1].content.at("source").as_object().contains("table"));
    messages = of([](Transaction& tx) { tx.erase(people, Id{1004}); });
    ASSERT_EQ(messages.size(), 4u);
    EXPECT_EQ(messages[1].key, json::parse(R"({"id": "1004"})"));
    EXPECT_TRUE(messages[1].content.at("before").is_null());
    EXPECT_TRUE(messages[1].content.at("after").is_null());
    EXPECT_EQ(messages[2].key, messages[1].key);
    EXPECT_TRUE(messages[2].content.is_null());
}

/// The table below mongodb.html#mongodb-change-events-key, with the spaces of Extended JSON here.
TEST_F(DebeziumTest, KeysOfDocumentsAreThoseOfTheTable) {
    const std::vector<std::pair<BsonValue, std::string>> table{
        {1234, "1234"},
        {12.34, "12.34"},
        {"1234", R"("1234")"},
        {Document::from_json(R"({"hi": "kafka", "nums": [10.5, 100.5, 1000.5]})"),
         R"({"hi": "kafka", "nums": [10.5, 100.5, 1000.5]})"},
        {*ObjectId::parse("596e275826f08b2730779e1f"), R"({"$oid": "596e275826f08b2730779e1f"})"},
        {Blob{"kafka"}, R"({"$binary": {"base64": "a2Fma2E=", "subType": "00"}})"}};
    for (const auto& [id, text] : table) {
        const std::vector<Parsed> messages = of([&id = id](Transaction& tx) {
            tx.insert(people, {{"_id", id}});
        });
        ASSERT_EQ(messages.size(), 3u);
        EXPECT_EQ(messages[1].key, (json::object{{"id", text}}));
    }
}

/// postgresql.html#postgresql-transaction-metadata
TEST_F(DebeziumTest, ATransactionHasItsBoundariesAndItsOrder) {
    const std::vector<Parsed> messages = of([](Transaction& tx) {
        insert_anne(tx);
        tx.insert(kept, Record{{"id", 1}});
        tx.insert(kept, Record{{"id", 2}});
        tx.publish("foo", {});
    });
    ASSERT_EQ(messages.size(), 6u);
    for (const Parsed& boundary : {messages.front(), messages.back()}) {
        EXPECT_EQ(boundary.topic, "fulfillment.transaction");
        EXPECT_EQ(boundary.key, (json::object{{"id", transaction()}}));
        EXPECT_EQ(names(boundary.content),
                  (Names{"status", "id", "ts_ms", "event_count", "data_collections"}));
        EXPECT_EQ(boundary.content.at("id"), value(transaction()));
        EXPECT_EQ(boundary.content.at("ts_ms"), messages[1].content.at("source").at("ts_ms"));
    }
    EXPECT_EQ(messages[0].content.at("status"), value("BEGIN"));
    EXPECT_TRUE(messages[0].content.at("event_count").is_null());
    EXPECT_TRUE(messages[0].content.at("data_collections").is_null());
    EXPECT_EQ(messages[5].content.at("status"), value("END"));
    EXPECT_EQ(messages[5].content.at("event_count"), value(4));
    EXPECT_EQ(messages[5].content.at("data_collections"),
              json::parse(R"([{"data_collection": "inventory.customers", "event_count": 1},
                              {"data_collection": "inventory.kept", "event_count": 2},
                              {"data_collection": "message", "event_count": 1}])"));
    const int collection_orders[] = {1, 1, 2, 1};
    for (int at = 0; at < 4; ++at) {
        EXPECT_EQ(messages[static_cast<std::size_t>(at) + 1].content.at("transaction"),
                  (json::object{{"id", transaction()},
                                {"total_order", at + 1},
                                {"data_collection_order", collection_orders[at]}}));
    }
}

/// postgresql.html#postgresql-message-events
TEST_F(DebeziumTest, AnEventIsAMessage) {
    const std::vector<Parsed> messages = of([](Transaction& tx) {
        tx.publish("foo", {{"bar", 1}});
    });
    ASSERT_EQ(messages.size(), 3u);
    EXPECT_EQ(messages[1].topic, "fulfillment.message");
    EXPECT_EQ(messages[1].key, json::parse(R"({"prefix": "foo"})"));
    EXPECT_EQ(names(messages[1].content),
              (Names{"message", "source", "op", "ts_ms", "ts_us", "ts_ns", "transaction"}));
    EXPECT_EQ(messages[1].content.at("op"), value("m"));
    EXPECT_EQ(messages[1].content.at("source").at("table"), value(""));
    // base64 of {"bar": 1}
    EXPECT_EQ(messages[1].content.at("message"),
              json::parse(R"({"prefix": "foo", "content": "eyJiYXIiOiAxfQ=="})"));
}

/// mysql.html#mysql-schema-change-topic
TEST_F(DebeziumTest, AChangeOfTheSchemaIsOnATopicOfItsOwn) {
    Feed feed = db().feed();
    const std::vector<Parsed> messages = all(feed);
    ASSERT_EQ(messages.size(), 5u) << "neither BEGIN nor END";
    for (const Parsed& message : messages) {
        EXPECT_EQ(message.topic, "fulfillment");
        EXPECT_EQ(message.key, json::parse(R"({"databaseName": "inventory"})"));
        EXPECT_EQ(message.content.at("databaseName"), value("inventory"));
        EXPECT_TRUE(message.content.at("schemaName").is_null());
        EXPECT_TRUE(message.content.at("ddl").as_string().starts_with("CREATE "));
        EXPECT_EQ(message.content.at("source").at("snapshot"), value("false"));
    }
    EXPECT_EQ(messages[0].content.at("source").at("table"), value("customers"));
}

/// postgresql.html#postgresql-snapshots: `snapshot` says which message is the last one.
TEST_F(DebeziumTest, TheLastReadOfASnapshotIsMarked) {
    db().write([](Transaction& tx) {
        insert_anne(tx);
        tx.insert(kept, Record{{"id", 1}, {"snapshot", "true"}});
        tx.insert(people, {{"_id", 1}, {"snapshot", "true"}});
        tx.insert(kept_people, {{"_id", 2}, {"snapshot", "true"}});
    });
    for (const bool is_followed : {false, true}) {
        Feed feed = db().feed({.start = FeedStart::snapshot});
        if (is_followed) db().write([](Transaction& tx) { tx.publish("foo", {}); });
        std::vector<Parsed> messages = all(feed);
        for (Parsed& message : parsed(form().flush())) messages.push_back(std::move(message));
        ASSERT_EQ(messages.size(), is_followed ? 7u : 4u);
        for (std::size_t at = 0; at < 4; ++at) {
            const value& content = messages[at].content;
            EXPECT_EQ(content.at("op"), value("r"));
            EXPECT_EQ(content.at("source").at("snapshot"), value(at == 3 ? "last" : "true"));
            EXPECT_TRUE(content.at("transaction").is_null());
            EXPECT_TRUE(content.at("before").is_null());
        }
        EXPECT_EQ(messages[1].content.at("after").at("snapshot"), value("true"));
        if (is_followed) {
            EXPECT_EQ(messages[4].content.at("status"), value("BEGIN"));
        }
    }
    EXPECT_TRUE(form().flush().empty());
}

/// The last change of a commit may not be selected. Its END must come nevertheless.
TEST_F(DebeziumTest, OfAFilteredFeedThoseThatWereShownCount) {
    Feed feed = from_here({changes(kept)});
    for (int i = 1; i <= 2; ++i) {
        db().write([&](Transaction& tx) {
            tx.insert(kept, Record{{"id", i}});
            tx.insert(people, {{"_id", i}});
            tx.publish("foo", {});
        });
    }
    std::vector<Parsed> messages = all(feed);
    ASSERT_EQ(messages.size(), 5u);
    EXPECT_EQ(messages[2].content.at("status"), value("END"));
    EXPECT_EQ(messages[2].content.at("event_count"), value(1));
    EXPECT_EQ(messages[3].content.at("status"), value("BEGIN"));
    const std::vector<Parsed> rest = parsed(form().flush());
    ASSERT_EQ(rest.size(), 1u);
    EXPECT_EQ(rest[0].content.at("status"), value("END"));
    EXPECT_EQ(rest[0].content.at("id"), messages[3].content.at("id"));
    EXPECT_EQ(rest[0].content.at("data_collections"),
              json::parse(R"([{"data_collection": "inventory.kept", "event_count": 1}])"));
    EXPECT_TRUE(form().flush().empty());
}

/// postgresql.html#postgresql-events: what a topic cannot have becomes an underscore.
TEST_F(DebeziumTest, ATopicHasNoCharacterThatBrokersRefuse) {
    const std::vector<Parsed> messages = of([](Transaction& tx) {
        tx.insert(Table{"a b/é"}, Record{{"id", 1}});
    });
    ASSERT_EQ(messages.size(), 3u);
    EXPECT_EQ(messages[1].topic, "fulfillment.inventory.a_b__");
    EXPECT_EQ(messages[1].content.at("source").at("table"), value("a b/é"));
}

TEST_F(DebeziumTest, WithoutOtherNamesTheyAreThoseOfTheEngineAndTheDirectory) {
    form_.emplace(db());
    const std::vector<Parsed> messages = of(insert_anne);
    ASSERT_EQ(messages.size(), 3u);
    EXPECT_EQ(messages[0].topic, "amphora.transaction");
    EXPECT_EQ(messages[1].topic, "amphora.market.customers");
}

}  // namespace
}  // namespace amphora::market
