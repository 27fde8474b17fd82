// The changes in an archive, read without the database: each with the columns of its commit.

#include "events/archived_market.hpp"

#include <gmock/gmock.h>

#include <tuple>

namespace amphora {

namespace market {
/// As the second schema has it, and as a third one would.
struct Item {
    std::int64_t item_id = 0;
    std::string name;
    Decimal price;
};
struct WiderItem {
    std::int64_t item_id = 0;
    std::string name;
    Decimal price;
    std::int64_t stock = 0;
};
}  // namespace market

template <>
struct TableTraits<market::Item> {
    static constexpr auto columns =
        std::tuple{column("item_id", &market::Item::item_id), column("name", &market::Item::name),
                   column("price", &market::Item::price)};
};
template <>
struct TableTraits<market::WiderItem> {
    static constexpr auto columns = std::tuple{
        column("item_id", &market::WiderItem::item_id), column("name", &market::WiderItem::name),
        column("price", &market::WiderItem::price), column("stock", &market::WiderItem::stock)};
};

}  // namespace amphora

namespace amphora::market {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class ArchiveFeedTest : public ArchivedMarket {};

TEST_F(ArchiveFeedTest, ShowsEachChangeWithTheColumnsOfItsCommit) {
    three_segments();
    fs::remove_all(place("db"));
    FeedOptions options;
    options.selections = {changes(items), changes(tags), changes(notes), topics("item.*")};
    EXPECT_THAT(
        lines_of(archive(), options),
        ElementsAre(
            R"("op": "insert", "table": "items", "key": {"item_id": 1}, "after": {"item_id": 1, "name": "cup"}})",
            R"("op": "insert", "collection": "notes", "key": 1, "after": {"_id": 1, "item_id": 1, "text": "blue"}})",
            R"("op": "event", "topic": "item.noted", "payload": {"item_id": 1}})",
            R"("op": "update", "table": "items", "key": {"item_id": 1}, "before": {"item_id": 1, "name": "cup", "price": "1.50"}, "after": {"item_id": 1, "name": "mug", "price": "1.50"}})",
            R"("op": "insert", "table": "tags", "key": {"tag": "new"}, "after": {"tag": "new"}})",
            R"("op": "erase", "collection": "notes", "key": 1, "after": null})",
            R"("op": "erase", "table": "items", "key": {"item_id": 1}, "before": {"item_id": 1, "name": "mug", "price": "1.50"}, "after": null})",
            R"("op": "insert", "table": "items", "key": {"item_id": 2}, "after": {"item_id": 2, "name": "jug", "price": "1.50"}})"));
}

TEST_F(ArchiveFeedTest, ShowsWhatTheDatabaseHasShown) {
    three_segments();
    std::vector<Seen> archived = all_of(archive());
    ASSERT_GT(live_.size(), 6u);
    ASSERT_GT(archived.size(), live_.size());
    archived.resize(live_.size());
    EXPECT_EQ(archived, live_);
}

/// Positions are in the middle of commits and segments, before and after the schema has changed.
TEST_F(ArchiveFeedTest, ContinuesAfterEachPosition) {
    three_segments();
    const Archive from = archive();
    const std::vector<Seen> all = all_of(from);
    for (std::size_t at = 0; at < all.size(); ++at) {
        const std::vector<Seen> rest(all.begin() + static_cast<std::ptrdiff_t>(at) + 1, all.end());
        EXPECT_EQ(all_of(from, {.after = all[at].position}), rest) << at;
    }
    Feed feed = from.feed();
    while (feed.next()) {
    }
    feed.seek(all.front().position);
    EXPECT_EQ(feed.next()->position(), all[1].position);
    EXPECT_EQ(from.feed({.start = FeedStart::end}).next(), nullptr);
}

TEST_F(ArchiveFeedTest, AJournalShowsTheColumnsOfTheCommitToo) {
    {
        Database db = open(first_schema);
        keep_journal(db);
        put_item(db, 1, "cup");
        db.close();
    }
    Database db = open(second_schema);
    put_item(db, 2, "jug");
    Feed feed = db.feed({.selections = {changes(items)}});
    const Change* change = feed.next();
    ASSERT_NE(change, nullptr);
    EXPECT_EQ(change->row_after()->record().size(), 2u);
    EXPECT_EQ(code_of([&] { static_cast<void>((*change->row_after())["price"]); }),
              ErrorCode::no_such_column);
    change = feed.next();
    ASSERT_NE(change, nullptr);
    EXPECT_EQ(to_string(Value::from((*change->row_after())["price"])), "1.50");
    // A condition is on the schema as it is now.
    EXPECT_EQ(
        all_of(db, {.selections = {changes(items, where("price") == Decimal{"1.50"})}}).size(), 2u);
}

TEST_F(ArchiveFeedTest, ATypedRowHasTheColumnsOfTheNewestSchema) {
    three_segments();
    Feed feed = archive().feed({.selections = {changes(items)}});
    const Change* change = feed.next();
    ASSERT_NE(change, nullptr);
    EXPECT_EQ(change->row_after()->record().size(), 2u);
    EXPECT_EQ(to_string(change->after(TypedTable<Item>{"items"})->price), "1.50");
    const TypedTable<WiderItem> wider{"items"};
    EXPECT_EQ(code_of([&] { static_cast<void>(change->after(wider)); }),
              ErrorCode::schema_mismatch);
    change = feed.next();
    ASSERT_NE(change, nullptr);
    EXPECT_EQ(change->before(TypedTable<Item>{"items"})->name, "cup");
}

TEST_F(ArchiveFeedTest, SelectsWhatThereIsAtAnyTime) {
    three_segments();
    const Archive from = archive();
    EXPECT_EQ(all_of(from, {.selections = {changes(tags)}}).size(), 1u);
    EXPECT_EQ(all_of(from, {.selections = {changes(items, where("price") > Decimal{"1"})}}).size(),
              4u);
    EXPECT_EQ(all_of(from, {.selections = {schema_changes()}}).size(), 4u);
    const std::string words = message_of(ErrorCode::no_such_table, [&] {
        static_cast<void>(from.feed({.selections = {changes(Table{"nothing"})}}));
    });
    EXPECT_THAT(words, HasSubstr("items, tags"));
}

/// The segments of the first opening are archived when the schema has already changed.
TEST_F(ArchiveFeedTest, AnArchiveThatIsMadeLaterHasTheCatalogOfEachBeginning) {
    const std::string path = place("unarchived");
    {
        Database db = Database::open(path, first_schema);
        keep_journal(db);
        put_item(db, 1, "cup");
        db.close();
    }
    {
        Database db = Database::open(path, first_schema);
        put_item(db, 2, "mug");
        db.close();
    }
    {
        Database db = Database::open(path, second_schema);
        put_item(db, 3, "jug");
        db.archive(place("archive"));
        db.close();
    }
    const Archive from = archive();
    ASSERT_GE(files().size(), 3u);
    FeedOptions options{.selections = {changes(items)}};
    std::vector<std::size_t> columns;
    Feed feed = from.feed(options);
    while (const Change* change = feed.next()) {
        columns.push_back(change->row_after()->record().size());
        if (columns.size() == 1) options.after = change->position();
    }
    EXPECT_THAT(columns, ElementsAre(2u, 2u, 3u));
    EXPECT_EQ(from.feed(options).next()->row_after()->record().size(), 2u);
}

/// A journal of several segments in one opening: the archiver's thread copies them.
TEST_F(ArchiveFeedTest, FollowsASchemaOverManySegments) {
    Options options = archiving();
    options.segment_bytes = 64 << 10;
    options.journal_bytes_max = 4 * options.segment_bytes;
    const auto write_many = [&](const Schema& schema, std::int64_t from) {
        Database db = Database::open(place("db"), schema, options);
        for (std::int64_t id = from; id < from + 150; ++id) {
            db.write([&](Transaction& tx) {
                tx.put(items, Record{{"item_id", id}, {"name", "cup"}});
                tx.insert(notes, {{"_id", id}, {"text", std::string(2000, 'x')}});
            });
        }
        db.close();
    };
    write_many(first_schema, 0);
    write_many(second_schema, 150);
    ASSERT_GT(files().size(), 6u);
    EXPECT_EQ(files().size(), files(".catalog").size());
    const Archive from = archive();
    Feed feed = from.feed({.selections = {changes(items)}});
    std::vector<FeedPosition> positions;
    for (std::int64_t id = 0; id < 300; ++id) {
        const Change* const change = feed.next();
        ASSERT_NE(change, nullptr) << id;
        EXPECT_EQ(change->key()["item_id"].as<std::int64_t>(), id);
        EXPECT_EQ(change->row_after()->record().size(), id < 150 ? 2u : 3u) << id;
        positions.push_back(change->position());
    }
    EXPECT_EQ(feed.next(), nullptr);
    for (std::size_t at = 0; at + 1 < positions.size(); at += 7) {
        Feed rest = from.feed({.selections = {changes(items)}, .after = positions[at]});
        const Change* const change = rest.next();
        ASSERT_NE(change, nullptr) << at;
        EXPECT_EQ(change->position(), positions[at + 1]);
        EXPECT_EQ(change->row_after()->record().size(), at + 1 < 150 ? 2u : 3u) << at;
    }
}

/// An earlier version of the library archived segments alone.
/// The archive has the abandoned branch, too: a program can ask for it by its timeline.
TEST_F(ArchiveFeedTest, ARestoredTimelineContinuesTheOneBefore) {
    FeedPosition kept, left_out;
    {
        Database db = open(first_schema);
        put_item(db, 1, "cup");
        db.backup(place("backup"));
        put_item(db, 2, "mug");
        kept = *db.feed({.start = FeedStart::end}).position();
        put_item(db, 3, "abandoned");
        left_out = *db.feed({.start = FeedStart::end}).position();
        db.close();
    }
    const std::string old = archive().timeline();
    Database::restore(place("backup"), place("new"),
                      {.archive = place("archive"), .to_sequence = kept.sequence()});
    {
        Database db = open(second_schema, "new");
        put_item(db, 3, "jug");
        db.close();
    }
    const Archive from = archive();
    EXPECT_NE(from.timeline(), old);
    const auto names = [](const Archive& one, const FeedOptions& options = {}) {
        std::vector<std::string> found;
        FeedOptions of_items = options;
        of_items.selections = {changes(items)};
        Feed feed = one.feed(of_items);
        while (const Change* change = feed.next()) {
            found.emplace_back((*change->row_after())["name"].text());
        }
        return found;
    };
    EXPECT_THAT(names(from), ElementsAre("cup", "mug", "jug"));
    EXPECT_THAT(names(from, {.after = kept}), ElementsAre("jug"));
    EXPECT_EQ(code_of([&] { static_cast<void>(from.feed({.after = left_out})); }),
              ErrorCode::unknown_position);
    EXPECT_THAT(names(archive({.timeline = old})), ElementsAre("cup", "mug", "abandoned"));

    Database::restore(place("backup"), place("other"), {.archive = place("archive")});
    {
        Database db = open(first_schema, "other");
        put_item(db, 4, "pot");
        db.close();
    }
    const std::string words =
        message_of(ErrorCode::invalid_argument, [&] { static_cast<void>(archive()); });
    EXPECT_THAT(words, HasSubstr(from.timeline()));
    EXPECT_THAT(words, Not(HasSubstr(old)));
    EXPECT_THAT(names(archive({.timeline = from.timeline()})), ElementsAre("cup", "mug", "jug"));
}

}  // namespace
}  // namespace amphora::market
