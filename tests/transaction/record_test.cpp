// What a transaction's commit record says of each key: whether it existed, its state before, and the
// context of the write.

#include "support/engine_vessel.hpp"
#include "support/message_of.hpp"
#include "support/random.hpp"
#include "support/recorded.hpp"

#include <gmock/gmock.h>

#include <map>
#include <string>
#include <vector>

namespace amphora::transaction {
namespace {

using support::EngineVessel;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr TreeId rows = TreeId::relational;
constexpr TreeId docs = TreeId::documents;

class TransactionRecordTest : public testing::Test {
  protected:
    /// Commits `old` as the value of these keys in the rows.
    explicit TransactionRecordTest(std::string_view keys = "abc") {
        writing = vessel.begin();
        for (const char key : keys) writing->put(rows, {&key, 1}, "old");
        commit();
        writing = vessel.begin();
    }
    void commit() { vessel.engine->commit(std::move(writing)); }
    [[nodiscard]] Buffer last_record() const {
        return vessel.vessel.journal->remains().entries.back().record;
    }
    [[nodiscard]] std::vector<std::string> changes(TreeId tree = rows) {
        commit();
        return support::changes_in_words(last_record(), tree);
    }

    EngineVessel vessel;
    std::unique_ptr<WriteTransaction> writing;
};

/// An insert, an update and a delete are told apart; only the stores know, and the writes that say
/// nothing count as inserts.
TEST_F(TransactionRecordTest, SaysWhatTheStoresHaveFound) {
    writing->put_over(rows, "a", "new", {});
    writing->erase(rows, "b");
    writing->put(rows, "d", "new");
    writing->put_over(docs, "x", "new", {});
    EXPECT_THAT(changes(), ElementsAre("update a", "delete b", "insert d"));
    EXPECT_THAT(support::changes_in_words(last_record(), docs), ElementsAre("update x"));
}

/// A reader of the feed sees a transaction's net effect, whatever it wrote in between.
TEST_F(TransactionRecordTest, TellsTheNetEffectOfManyWrites) {
    // Deleted and inserted again: an update.
    writing->erase(rows, "a");
    writing->put(rows, "a", "new");
    // Updated and deleted: a delete.
    writing->put_over(rows, "b", "new", {});
    writing->erase(rows, "b");
    // Inserted, updated and deleted: nothing.
    writing->put(rows, "d", "1");
    writing->put_over(rows, "d", "2", {});
    writing->erase(rows, "d");
    // Inserted and updated: an insert.
    writing->put(rows, "e", "1");
    writing->put_over(rows, "e", "2", {});
    EXPECT_THAT(changes(), ElementsAre("update a", "delete b", "none d", "insert e"));
}

/// What a savepoint has undone was never found and never kept.
TEST_F(TransactionRecordTest, ForgetsWhatIsRolledBack) {
    const auto start = writing->savepoint();
    writing->put(rows, "a", "1");
    writing->put(rows, "d", "1");
    writing->erase(rows, "b", "wrong");
    writing->rollback_to(start);
    writing->put_over(rows, "a", "2", "old");
    writing->put(rows, "d", "2");
    writing->erase(rows, "c", "old");
    const auto between = writing->savepoint();
    writing->put(rows, "c", "3");
    writing->erase(rows, "d", "2");
    writing->rollback_to(between);
    EXPECT_THAT(changes(), ElementsAre("update a was old", "delete c was old", "insert d"));
}

/// The state before is that before the transaction, not that before the last statement.
TEST_F(TransactionRecordTest, KeepsTheStateBeforeTheFirstWrite) {
    writing->put_over(rows, "a", "1", "old");
    writing->put_over(rows, "a", "2", "1");
    writing->erase(rows, "b", "old");
    writing->put(rows, "b", "1");
    writing->put_over(rows, "b", "2", "1");
    writing->put(rows, "d", "1");
    writing->put_over(rows, "d", "2", "1");
    writing->put(rows, "e", "1");
    writing->erase(rows, "e", "1");
    EXPECT_THAT(changes(),
                ElementsAre("update a was old", "update b was old", "insert d", "none e"));
}

/// An update that keeps nothing, and then a delete that must name its row: the record has the state
/// before the transaction all the same.
TEST_F(TransactionRecordTest, FindsTheStateBeforeIfAnEarlierWriteDidNotKeepIt) {
    for (const bool is_delivered : {false, true}) {
        if (is_delivered) vessel.vessel.deliver_all();
        writing->put_over(rows, "a", "new", {});
        writing->put_over(rows, "b", "1", {});
        const auto between = writing->savepoint();
        writing->erase(rows, "b", "1");
        writing->rollback_to(between);
        writing->erase(rows, "a", "new");
        EXPECT_THAT(changes(), ElementsAre("delete a was old", "update b"));
        writing = vessel.begin();
        writing->put(rows, "a", "old");
        commit();
        writing = vessel.begin();
    }
}

/// Random writes, savepoints and rollbacks against a map: the record says exactly what has become of
/// each key.
TEST_F(TransactionRecordTest, IsTheDifferenceOfTwoStates) {
    using State = std::map<std::string, std::string>;
    support::Random random;
    State state;
    for (const char key : std::string_view{"abc"}) state.emplace(std::string{key}, "old");
    for (std::uint64_t round = 0; round < 200 * support::test_scale(); ++round) {
        const State before = state;
        std::vector<std::pair<Writing::Savepoint, State>> savepoints;
        std::uint64_t number = 0;
        for (std::uint64_t step = 1 + random() % 20; step > 0; --step) {
            const std::string key(1, static_cast<char>('a' + random() % 6));
            const std::string value = std::to_string(round) + "." + std::to_string(++number);
            const auto found = state.find(key);
            if (random.once_in(6)) {
                savepoints.emplace_back(writing->savepoint(), state);
            } else if (random.once_in(6) && !savepoints.empty()) {
                savepoints.resize(1 + random() % savepoints.size(), savepoints.front());
                writing->rollback_to(savepoints.back().first);
                state = savepoints.back().second;
            } else if (found == state.end()) {
                writing->put(rows, key, value);
                state.emplace(key, value);
            } else if (random.once_in(3)) {
                writing->erase(rows, key, found->second);
                state.erase(found);
            } else {
                writing->put_over(rows, key, value, found->second);
                found->second = value;
            }
        }
        const Commit seen = writing->commit_seen();
        const Commit commit = vessel.engine->commit(std::move(writing));
        writing = vessel.begin();
        if (commit == seen) {
            EXPECT_EQ(state, before);
            continue;
        }
        const Buffer bytes = last_record();
        const outbox::Record record{bytes, commit.sequence};
        State after = before;
        record.each_change(rows, [&](const outbox::Change& change) {
            const std::string key{change.key};
            const auto old = before.find(key);
            EXPECT_EQ(change.before == outbox::Before::present, old != before.end());
            EXPECT_EQ(change.state_before,
                      old == before.end() ? std::nullopt : std::optional<Bytes>{old->second})
                << key;
            after.erase(key);
            if (change.value) after.emplace(key, *change.value);
        });
        ASSERT_EQ(after, state) << random.seed_text();
    }
}

/// A state before is memory and journal, so it counts; once undone it does not.
TEST(TransactionRecordBounds, CountStatesBeforeAndContexts) {
    EngineVessel vessel{support::Vessel::quiet(), {.commit_bytes_max = 1000}};
    const std::string large(600, 's');
    auto writing = vessel.begin();
    const auto start = writing->savepoint();
    writing->put_over(rows, "a", "1", large);
    EXPECT_THAT(support::message_of(ErrorCode::transaction_too_large,
                                    [&] { writing->put_over(rows, "b", "1", large); }),
                HasSubstr("commit_bytes_max"));
    EXPECT_THAT(support::message_of(ErrorCode::transaction_too_large,
                                    [&] { writing->erase(rows, "b", large); }),
                HasSubstr("commit_bytes_max"));
    writing->rollback_to(start);
    writing->put_over(rows, "b", "1", large);
    const std::string origin(255, 'o');
    writing->set_context({.origin = origin});
    // The same again needs no room.
    writing->set_context({});
    writing->set_context({.origin = origin});
    EXPECT_EQ(
        support::code_of([&] { writing->set_context({.origin = origin, .correlation = origin}); }),
        ErrorCode::transaction_too_large);
    writing->put(rows, "c", "1");
    vessel.engine->commit(std::move(writing));
    const Buffer record = vessel.vessel.journal->remains().entries.back().record;
    EXPECT_THAT(support::changes_in_words(record, rows).back(), "insert c by " + origin + "//");
}

/// Each write and event has the context that was in force; of a key written twice, that of the
/// later write.
TEST_F(TransactionRecordTest, HasTheContextOfEachWrite) {
    writing->put(rows, "d", "1");
    writing->publish("none", {});
    writing->set_context({.origin = "shop", .correlation = "7"});
    writing->put(rows, "e", "1");
    writing->publish("of shop", {});
    writing->set_context({.origin = "shop", .correlation = "7", .causation = "9"});
    writing->put(rows, "f", "1");
    writing->put_over(rows, "e", "2", {});
    writing->set_context({.origin = "shop", .correlation = "7"});
    writing->put(docs, "x", "1");
    EXPECT_THAT(changes(), ElementsAre("insert d", "insert e by shop/7/9", "insert f by shop/7/9"));
    const Buffer bytes = last_record();
    EXPECT_THAT(support::changes_in_words(bytes, docs), ElementsAre("insert x by shop/7/"));
    EXPECT_THAT(support::events_in_words(bytes), ElementsAre("none", "of shop by shop/7/"));
    EXPECT_EQ((outbox::Record{bytes, Sequence{1}}.contexts().size()), 3U);
}

/// Contexts that no write has are not stored, and one for all costs no reference.
TEST_F(TransactionRecordTest, StoresOnlyContextsThatAreUsed) {
    writing->put(rows, "d", "1");
    commit();
    const Buffer plain = last_record();
    EXPECT_THAT((outbox::Record{plain, Sequence{1}}.contexts()), IsEmpty());

    writing = vessel.begin();
    writing->set_context({.origin = "of nothing"});
    const auto start = writing->savepoint();
    writing->set_context({.origin = "undone"});
    writing->put(rows, "x", "1");
    writing->rollback_to(start);
    writing->set_context({});
    writing->put(rows, "e", "1");
    commit();
    EXPECT_EQ(last_record().size(), plain.size());

    writing = vessel.begin();
    writing->set_context({.origin = "shop"});
    writing->put(rows, "f", "1");
    commit();
    EXPECT_EQ(last_record().size(), plain.size() + 3 + 4);

    // A context belongs to one transaction.
    writing = vessel.begin();
    writing->put(rows, "g", "1");
    commit();
    EXPECT_EQ(last_record().size(), plain.size());
}

/// A handler sets a context for each change that it handles.
TEST_F(TransactionRecordTest, KeepsManyContextsApart) {
    for (int number = 0; number < 1000; ++number) {
        const std::string name = std::to_string(100'000 + number);
        writing->set_context({.causation = name});
        writing->put(rows, name, "1");
    }
    commit();
    const Buffer bytes = last_record();
    const outbox::Record record{bytes, Sequence{1}};
    EXPECT_EQ(record.contexts().size(), 1000U);
    record.each_change(rows, [&](const outbox::Change& change) {
        EXPECT_EQ(record.contexts()[change.context].causation, change.key);
    });
}

}  // namespace
}  // namespace amphora::transaction
