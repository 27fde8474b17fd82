// Commits as the journal of a closed database has them: origin and correlation, and states before as
// the schema of each opening asks for them.

#include "database/opening.hpp"
#include "database/shop.hpp"
#include "support/recorded.hpp"

#include <gmock/gmock.h>

#include <string>
#include <string_view>
#include <vector>

namespace amphora::shop {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// Calls `visit(record)` for each commit in the journal.
template <class Visit>
void each_record(const Directory& directory, Visit visit) {
    const auto core = open_core(directory.database(), std::nullopt, {.mode = OpenMode::read_only});
    const Sequence oldest = core->journal->recovery().oldest;
    ASSERT_NE(oldest, Sequence{});
    core->journal->replay(Sequence{number(oldest) - 1},
                          [&](const journal::Entry& entry) { visit(entry.record); });
}

/// Who wrote what: the topics of the events with their contexts.
std::vector<std::string> events(const Directory& directory) {
    std::vector<std::string> all;
    each_record(directory, [&](Bytes bytes) {
        const outbox::Record record{bytes, Sequence{1}};
        record.each_event([&](const outbox::Record::Event& event) {
            std::string text{*DocumentView{event.bytes}.field("topic")->as_text()};
            if (!record.contexts().empty()) {
                text += support::in_words(record.contexts()[event.context]);
            }
            all.push_back(text);
        });
    });
    return all;
}

/// A support engineer asks which part of the application made a change, and why.
TEST(RecordsOfADatabase, HaveOriginAndCorrelation) {
    const Directory directory;
    {
        Database db = Database::open(directory.database(), schema);
        const std::string longest(255, 'x');
        db.write([](Transaction& tx) { tx.publish("plain", Document{}); });
        db.write([](Transaction& tx) { tx.publish("both", Document{}); },
                 {.origin = "web", .correlation = "session 7"});
        db.write([](Transaction& tx) { tx.publish("story", Document{}); },
                 {.correlation = "여정 7"});
        Transaction tx = db.begin({.origin = longest});
        tx.publish("long", Document{});
        tx.commit();
    }
    EXPECT_THAT(events(directory),
                ElementsAre("plain", "both by web/session 7/", "story by /여정 7/",
                            "long by " + std::string(255, 'x') + "//"));
}

/// A text that no commit can hold is refused before the transaction begins.
TEST(RecordsOfADatabase, RefuseOriginsThatCannotBe) {
    Database db = Database::temporary(schema);
    const auto nothing = [](Transaction&) {};
    const std::string too_long(256, 'x');
    EXPECT_THAT(
        message_of(ErrorCode::value_too_large, [&] { db.write(nothing, {.origin = too_long}); }),
        HasSubstr("the origin of a transaction has 256 bytes; it may have 255"));
    EXPECT_THAT(message_of(ErrorCode::value_too_large,
                           [&] { db.write(nothing, {.correlation = too_long}); }),
                HasSubstr("the correlation of a transaction"));
    EXPECT_THAT(
        message_of(ErrorCode::invalid_utf8, [&] { db.write(nothing, {.origin = "a\xff"}); }),
        HasSubstr("the origin of a transaction is not UTF-8"));
    EXPECT_EQ(code_of([&] { db.write(nothing, {.correlation = "\xc0\x80"}); }),
              ErrorCode::invalid_utf8);
    EXPECT_THAT(message_of(ErrorCode::invalid_argument,
                           [&] { db.write(nothing, {.origin = "amphora.retain"}); }),
                HasSubstr("amphora.retain is reserved"));
    // Not reserved: another name that begins alike, and a correlation.
    db.write(nothing, {.origin = "amphora", .correlation = "amphora.retain"});
}

/// `before` is turned on by one opening and off by the next. Each commit follows the schema under
/// which it was made, and readers of older commits are not disturbed.
TEST(RecordsOfADatabase, KeepStatesBeforeAsTheSchemaOfTheOpeningSays) {
    const Directory directory;
    const std::string_view off = "CREATE TABLE t (id INT PRIMARY KEY, name TEXT)";
    const std::string_view on =
        "CREATE TABLE t (id INT PRIMARY KEY, name TEXT) "
        "WITH (before = TRUE)";
    constexpr Table table{"t"};
    constexpr Bytes space{"\0\0\0\x10", 4};
    std::vector<std::string> rows;
    for (const std::string_view text : {off, on, on, off}) {
        {
            Database db = Database::open(directory.database(), Schema{"app", text});
            db.write([&](Transaction& tx) {
                const std::string name = "name " + std::to_string(rows.size());
                tx.put(table, Record{{"id", 1}, {"name", name}});
            });
        }
        // Earlier segments of the journal may be recycled by now.
        std::vector<std::string> changes;
        each_record(directory, [&](Bytes bytes) {
            changes = support::changes_in_words(
                bytes, TreeId::relational,
                [](Bytes key) { return std::string{key.starts_with(space) ? "row" : ""}; },
                [](Bytes value) { return std::string{value.substr(value.find("name"))}; });
        });
        ASSERT_EQ(changes.size(), 1U);
        rows.push_back(changes.front());
    }
    EXPECT_THAT(rows, ElementsAre("insert row", "update row was name 0", "update row was name 1",
                                  "update row"));
}

}  // namespace
}  // namespace amphora::shop
