// What the commit record says after statements of both stores: inserted, updated or deleted, and the
// state before where it is kept.

#include "codec/key/reader.hpp"
#include "codec/key/writer.hpp"
#include "stores/world.hpp"
#include "support/colliding_texts.hpp"
#include "support/recorded.hpp"

#include <gmock/gmock.h>

namespace amphora::stores {

namespace {

using support::code_of;
using testing::ElementsAre;
using testing::IsEmpty;

// `shops` and `notes` keep states before; the others do not.
constexpr std::string_view recorded_schema = R"sql(
CREATE TABLE shops (id BIGINT PRIMARY KEY, name VARCHAR(20)) WITH (before = TRUE);
CREATE TABLE items (
    id BIGINT PRIMARY KEY, shop BIGINT REFERENCES shops ON DELETE CASCADE, name VARCHAR(20) UNIQUE
);
CREATE TABLE texts (text TEXT PRIMARY KEY, n INT);
CREATE COLLECTION notes (shop BIGINT REFERENCES shops ON DELETE CASCADE, n INT)
    WITH (before = TRUE);
CREATE COLLECTION logs (shop BIGINT REFERENCES shops ON DELETE CASCADE, n INT);
)sql";

constexpr Table shops{"shops"}, items{"items"}, texts{"texts"};
constexpr Collection notes{"notes"}, logs{"logs"};

class Records : public testing::Test {
  protected:
    Records() {
        writing = vessel.begin();
        schema = std::make_shared<const BoundSchema>(
            catalog::apply_additive(*writing, catalog::Catalog{},
                                    catalog::parse_schema(recorded_schema, "recorded.sql"))
                .catalog);
        commit();
        for (const std::int64_t id : {1, 2}) {
            insert(*writing, *schema, shops, Record{{"id", id}, {"name", "old"}});
            insert(*writing, *schema, items,
                   Record{{"id", id}, {"shop", id}, {"name", "i" + std::to_string(id)}});
            insert(*writing, *schema, notes, Document{{"_id", id}, {"shop", id}, {"n", 1}});
            insert(*writing, *schema, logs, Document{{"_id", id}, {"shop", id}, {"n", 1}});
        }
        commit();
    }

    void commit() {
        vessel.engine->commit(std::move(writing));
        writing = vessel.begin();
    }
    /// Commits, and returns the changes of rows and documents.
    std::vector<std::string> changes() {
        commit();
        const Buffer bytes = vessel.vessel.journal->remains().entries.back().record;
        std::vector<std::string> all;
        const outbox::Record record{bytes, Sequence{1}};
        for (const auto& table : schema->tables().all()) {
            add(
                record, TreeId::relational, table->definition().space, table->name(),
                [&](Bytes value) {
                    return in_words(*table, relational::Row{*table, value});
                },
                all);
        }
        for (const auto& collection : schema->collections().all()) {
            add(
                record, TreeId::documents, collection->space(), collection->name(),
                [](Bytes value) { return to_json(DocumentView{value}); }, all);
        }
        return all;
    }

    support::EngineVessel vessel;
    std::shared_ptr<const BoundSchema> schema;
    std::unique_ptr<transaction::WriteTransaction> writing;  // refers to the engine

  private:
    static std::string in_words(const relational::BoundTable& table, const relational::Row& row) {
        std::vector<std::uint32_t> places;
        std::vector<Cell> cells;
        for (std::uint32_t place = 0; place < table.column_count(); ++place) {
            places.push_back(place);
            cells.push_back(row.cell(place));
        }
        return describe(table, places, cells).substr(0, 40);
    }
    static void add(const outbox::Record& record, TreeId tree, SpaceId space, std::string_view name,
                    const support::Words& value_words, std::vector<std::string>& all) {
        const codec::KeyWriter prefix{space};
        record.each_change(tree, [&](const outbox::Change& change) {
            if (!change.key.starts_with(prefix.bytes())) return;
            std::string key{name};
            if (change.key.size() < 100) {
                codec::KeyReader reader{change.key};
                key += reader.next() && reader.kind() == codec::KeyKind::number
                           ? " " + to_string(reader.number())
                           : " " + std::string{reader.text()};
            }
            all.push_back(support::in_words(record, change, key, value_words));
        });
    }
};

const std::vector<Cell> one{whole(1)};

Document some(std::int64_t id, std::int64_t shop, std::int64_t n) {
    return Document{{"_id", id}, {"shop", shop}, {"n", n}};
}

TEST_F(Records, SayWhatBecameOfRows) {
    insert(*writing, *schema, shops, Record{{"id", 3}, {"name", "new"}});
    put(*writing, *schema, shops, Record{{"id", 4}, {"name", "new"}});
    put(*writing, *schema, shops, Record{{"id", 1}, {"name", "new"}});
    update(*writing, *schema, items, one, Record{{"name", "j"}});
    replace(*writing, *schema, items, Record{{"id", 2}, {"shop", 1}, {"name", "k"}});
    EXPECT_THAT(changes(), ElementsAre("update shops 1 was (id 1, name 'old')", "insert shops 3",
                                       "insert shops 4", "update items 1", "update items 2"));

    erase(*writing, *schema, items, one);
    update(*writing, *schema, shops, std::vector{whole(3)}, Record{{"name", "2"}});
    update(*writing, *schema, shops, std::vector{whole(3)}, Record{{"name", "3"}});
    erase(*writing, *schema, shops, std::vector{whole(4)});
    EXPECT_THAT(changes(), ElementsAre("update shops 3 was (id 3, name 'new')",
                                       "delete shops 4 was (id 4, name 'new')", "delete items 1"));
}

TEST_F(Records, SayWhatBecameOfDocuments) {
    insert(*writing, *schema, notes, some(3, 1, 1));
    put(*writing, *schema, notes, some(4, 1, 1));
    put(*writing, *schema, notes, some(1, 1, 2));
    const document::Update increment{Document::from_json(R"({"$inc": {"n": 1}})")};
    update(*writing, *schema, notes, BsonValue{1}, increment);
    update(*writing, *schema, logs, document::Filter{Document{}}, increment);
    EXPECT_THAT(changes(),
                ElementsAre(R"(update notes 1 was {"_id": 1, "shop": 1, "n": 1})", "insert notes 3",
                            "insert notes 4", "update logs 1", "update logs 2"));

    erase(*writing, *schema, notes, document::Filter{Document{{"n", 1}}});
    erase(*writing, *schema, logs, BsonValue{1});
    // Replaced by the same: nothing is written.
    put(*writing, *schema, logs, some(2, 2, 2));
    EXPECT_THAT(changes(), ElementsAre(R"(delete notes 2 was {"_id": 2, "shop": 2, "n": 1})",
                                       R"(delete notes 3 was {"_id": 3, "shop": 1, "n": 1})",
                                       R"(delete notes 4 was {"_id": 4, "shop": 1, "n": 1})",
                                       "delete logs 1"));
}

/// A row that goes takes others with it, in both stores. They are deletes like every other.
TEST_F(Records, SayWhatACascadeTakes) {
    insert(*writing, *schema, notes, some(3, 1, 1));
    commit();
    update(*writing, *schema, notes, BsonValue{1},
           document::Update{Document::from_json(R"({"$set": {"n": 5}})")});
    erase(*writing, *schema, shops, one);
    EXPECT_THAT(changes(), ElementsAre("delete shops 1 was (id 1, name 'old')", "delete items 1",
                                       R"(delete notes 1 was {"_id": 1, "shop": 1, "n": 1})",
                                       R"(delete notes 3 was {"_id": 3, "shop": 1, "n": 1})",
                                       "delete logs 1"));
}

/// A changed primary key is a delete and an insert, also where the new key was in use before.
TEST_F(Records, SayThatARenamedRowIsDeletedAndInserted) {
    erase(*writing, *schema, notes, BsonValue{1});
    erase(*writing, *schema, logs, BsonValue{1});
    commit();
    erase(*writing, *schema, items, one);
    update(*writing, *schema, items, std::vector{whole(2)}, Record{{"id", 3}, {"shop", nullptr}});
    erase(*writing, *schema, shops, std::vector{whole(2)});
    update(*writing, *schema, shops, one, Record{{"id", 2}});
    EXPECT_THAT(changes(), ElementsAre("delete shops 1 was (id 1, name 'old')",
                                       "update shops 2 was (id 2, name 'old')", "delete items 1",
                                       "delete items 2", "insert items 3",
                                       R"(delete notes 2 was {"_id": 2, "shop": 2, "n": 1})",
                                       "delete logs 2"));
}

/// Of a statement that fails neither a flag nor a state stays.
TEST_F(Records, SayNothingOfAStatementThatFailed) {
    const auto taken = Record{{"id", 3}, {"shop", 1}, {"name", "i1"}};
    EXPECT_EQ(code_of([&] { insert(*writing, *schema, items, taken); }), ErrorCode::duplicate_key);
    insert(*writing, *schema, shops, Record{{"id", 3}, {"name", "1"}});
    const auto start = writing->savepoint();
    erase(*writing, *schema, shops, std::vector{whole(3)});
    update(*writing, *schema, shops, one, Record{{"name", "1"}});
    writing->rollback_to(start);
    update(*writing, *schema, shops, one, Record{{"name", "2"}});
    EXPECT_THAT(changes(), ElementsAre("update shops 1 was (id 1, name 'old')", "insert shops 3"));
}

/// A long key is prefix and hash, which name nothing: only the state before says what was deleted.
TEST_F(Records, NameWhatWasDeletedUnderALongKey) {
    const std::string long_text(300, 't');
    insert(*writing, *schema, texts, Record{{"text", long_text}, {"n", 1}});
    insert(*writing, *schema, texts, Record{{"text", "short"}, {"n", 1}});
    insert(*writing, *schema, logs, Document{{"_id", long_text}, {"n", 1}});
    EXPECT_THAT(changes(), ElementsAre("insert texts short", "insert texts", "insert logs"));

    const std::vector<Cell> long_key{Cell::of(long_text)};
    const std::vector<Cell> short_key{Cell::of("short")};
    for (const auto* key : {&long_key, &short_key}) {
        update(*writing, *schema, texts, *key, Record{{"n", 2}});
    }
    update(*writing, *schema, logs, BsonValue{long_text},
           document::Update{Document::from_json(R"({"$set": {"n": 2}})")});
    EXPECT_THAT(changes(), ElementsAre("update texts short", "update texts", "update logs"));

    // The state is that before the transaction, although the update did not keep it.
    update(*writing, *schema, logs, BsonValue{long_text},
           document::Update{Document::from_json(R"({"$set": {"n": 3}})")});
    for (const auto* key : {&long_key, &short_key}) erase(*writing, *schema, texts, *key);
    erase(*writing, *schema, logs, BsonValue{long_text});
    EXPECT_THAT(
        changes(),
        ElementsAre("delete texts short", "delete texts was (text '" + long_text.substr(0, 33),
                    R"(delete logs was {"_id": ")" + long_text + R"(", "n": 2})"));
}

/// Two long primary keys with one hash: the row is renamed under its key. The new state does not
/// name the old row, so the record does.
TEST_F(Records, NameTheRowThatARenamedOneWas) {
    const auto [text, other] = support::colliding_texts();
    insert(*writing, *schema, texts, Record{{"text", text}, {"n", 1}});
    commit();
    update(*writing, *schema, texts, std::vector{Cell::of(text)}, Record{{"text", other}});
    EXPECT_THAT(changes(), ElementsAre("update texts was (text '" + text.substr(0, 33)));
}

/// The option may be turned on and off: each commit does what its own schema says.
TEST_F(Records, FollowTheSchemaOfTheirCommit) {
    const auto turn = [&](std::string_view from, std::string_view to) {
        std::string text{recorded_schema};
        text.replace(text.find(from), from.size(), to);
        schema = std::make_shared<const BoundSchema>(
            catalog::apply_additive(*writing, schema->catalog(),
                                    catalog::parse_schema(text, "turned.sql"))
                .catalog);
        commit();
    };
    turn("VARCHAR(20)) WITH (before = TRUE)", "VARCHAR(20))");
    update(*writing, *schema, shops, one, Record{{"name", "2"}});
    EXPECT_THAT(changes(), ElementsAre("update shops 1"));
    turn("", "");
    update(*writing, *schema, shops, one, Record{{"name", "3"}});
    EXPECT_THAT(changes(), ElementsAre("update shops 1 was (id 1, name '2')"));
}

/// Index entries are no concern of a feed: they never carry a state.
TEST_F(Records, KeepNoStatesOfIndexEntries) {
    erase(*writing, *schema, shops, one);
    EXPECT_THAT(changes(), testing::Not(IsEmpty()));
    const Buffer bytes = vessel.vessel.journal->remains().entries.back().record;
    std::size_t states = 0, deletes = 0;
    for (const TreeId tree : trees_all) {
        outbox::Record{bytes, Sequence{1}}.each_change(tree, [&](const outbox::Change& change) {
            ++deletes;
            states += change.state_before.has_value();
        });
    }
    EXPECT_EQ(states, 2U);
    EXPECT_GT(deletes, 4U);
}

}  // namespace

}  // namespace amphora::stores
