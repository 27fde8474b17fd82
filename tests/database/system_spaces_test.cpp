// The engine's own tables and collections: every database has them, anyone may read them, and only
// the engine writes to them.

#include "database/damaged_shop.hpp"
#include "database/system_rows.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

namespace amphora::shop {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

std::vector<std::string> names(const std::vector<SpaceReport>& spaces) {
    std::vector<std::string> all;
    for (const SpaceReport& space : spaces) all.push_back(space.name);
    return all;
}

Options opened(OpenMode mode) {
    Options options;
    options.mode = mode;
    return options;
}

std::uint64_t last_commit(const Database& db) {
    return number(db.snapshot().commit_seen().sequence);
}

/// Everything that was written, in words.
std::string contents(const Snapshot& now) {
    std::string text;
    for (const RowView& row : now.scan(consumers)) {
        for (const auto& [name, value] : row.record()) text += to_string(value) + ";";
    }
    for (const DocumentView letter : now.scan(dead_letters)) text += to_json(letter) + ";";
    return text;
}

TEST(SystemSpaces, AreMadeInTheCommitThatMakesTheSchema) {
    const Directory directory;
    {
        Database db = Database::open(directory.database(), schema);
        EXPECT_EQ(last_commit(db), 1u);
        EXPECT_EQ(count(db.snapshot().scan(consumers)), 0u);
        EXPECT_EQ(count(db.snapshot().scan(dead_letters)), 0u);
        db.close();
    }
    // An opening that adds nothing commits nothing.
    for (const bool with_schema : {true, false}) {
        Database db = with_schema ? Database::open(directory.database(), schema)
                                  : Database::open(directory.database());
        EXPECT_EQ(last_commit(db), 1u);
        db.close();
    }
}

TEST(SystemSpaces, ADatabaseWithoutASchemaHasThem) {
    const Directory directory;
    Database db = Database::open(directory.database());
    EXPECT_EQ(last_commit(db), 1u);
    EXPECT_THAT(db.describe(), IsEmpty());
    EXPECT_EQ(count(db.snapshot().scan(consumers)), 0u);
}

TEST(SystemSpaces, ADatabaseOfAnEarlierVersionGetsThemWhenItIsOpenedForWriting) {
    const Directory directory;
    make_without_system_spaces(directory.database(), schema);
    for (const OpenMode mode : {OpenMode::read_only, OpenMode::rescue}) {
        const Database db = Database::open(directory.database(), schema, opened(mode));
        EXPECT_THAT(names(db.describe(Spaces::all)), ElementsAre("customers", "visits"));
        EXPECT_EQ(code_of([&] { static_cast<void>(db.snapshot().find(consumers, {"a"})); }),
                  ErrorCode::no_such_table);
        EXPECT_EQ(last_commit(db), 1u);
    }
    // Together with what the user's schema adds.
    const Schema wider{"wider", "CREATE TABLE shelves (id BIGINT PRIMARY KEY);"};
    {
        Database db = Database::open(directory.database(), wider);
        EXPECT_EQ(last_commit(db), 2u);
        EXPECT_THAT(names(db.describe(Spaces::all)),
                    AllOf(Contains("shelves"), Contains("amphora.consumers"),
                          Contains("amphora.dead_letters")));
        db.close();
    }
    Database db = Database::open(directory.database());
    EXPECT_EQ(last_commit(db), 2u);
    EXPECT_THAT(db.check().findings, IsEmpty());
}

/// A user can open a full database in order to remove rows from it.
TEST(SystemSpaces, AFullDatabaseOfAnEarlierVersionOpensWithoutThem) {
    const Directory directory;
    Options small;
    small.map_bytes = 48 << 20;
    const Schema crates{"crates", "CREATE TABLE crates (id BIGINT PRIMARY KEY, content BLOB);"};
    const Table table{"crates"};
    std::int64_t stored = 0;
    {
        const auto core = open_as_earlier(directory.database(), std::span{&crates, 1}, small);
        const auto insert_one = [&](std::size_t bytes) {
            auto writing = core->engine->begin({});
            stores::insert(*writing, *core->schema, table,
                           Record{{"id", stored}, {"content", Blob{std::string(bytes, 'x')}}});
            const Commit commit = core->engine->commit(std::move(writing));
            core->engine->await_delivered(TreeId::relational, commit, Deadline{std::nullopt});
            ++stored;
        };
        // Not even a small row fits at the end.
        for (const std::size_t bytes : {200'000, 10'000, 100}) {
            EXPECT_EQ(code_of([&] {
                          while (stored < 10'000) insert_one(bytes);
                      }),
                      ErrorCode::disk_full);
        }
        core->close();
    }
    const auto has_them = [](const Database& db) {
        return testing::Value(names(db.describe(Spaces::all)), Contains("amphora.consumers"));
    };
    {
        std::vector<std::string> log;
        small.log = [&](const std::string& line) { log.push_back(line); };
        Database db = Database::open(directory.database(), crates, small);
        EXPECT_FALSE(has_them(db));
        EXPECT_THAT(log, Contains(AllOf(HasSubstr("system tables"), HasSubstr("next opening"))));
        for (std::int64_t id = 0; id < stored; ++id) {
            db.write([&](Transaction& tx) { tx.erase(table, {id}); });
        }
        db.close();
        small.log = nullptr;
    }
    Database db = Database::open(directory.database(), crates, small);
    EXPECT_TRUE(has_them(db));
}

/// Every call that writes, in both forms of rows.
TEST(SystemSpaces, AUserCannotWriteToThem) {
    const Directory directory;
    {
        Database db = Database::open(directory.database(), schema);
        add_system_rows(db, "figures", 2);
        db.close();
    }
    Database db = Database::open(directory.database(), schema);
    const std::string before = contents(db.snapshot());
    Transaction tx = db.begin();
    add_customer(tx, "kim");
    RowView stored;
    const Record row = consumer("mine");
    const std::vector<Cell> key{Cell::of(std::string_view{"figures"})};
    const std::vector<Cell> cells(12);
    const Table shouted{"AMPHORA.Consumers"};
    const std::vector<std::function<void()>> writes{
        [&] { tx.insert(consumers, row); },
        [&] { tx.insert(shouted, row); },
        [&] { tx.put(consumers, row); },
        [&] { tx.replace(consumers, consumer("figures")); },
        [&] {
            tx.update(consumers, {"figures"}, Record{{"attempts", 1}});
        },
        [&] { tx.erase(consumers, {"figures"}); },
        [&] { tx.insert_row(consumers, cells, stored); },
        [&] { tx.insert_rows(consumers, std::vector<std::vector<Cell>>{cells}); },
        [&] { tx.put_row(consumers, cells, stored); },
        [&] { tx.replace_row(consumers, cells); },
        [&] { tx.replace_row(consumers, key, cells); },
        [&] { tx.erase_row(consumers, key); },
        [&] { tx.insert(dead_letters, dead_letter("mine", 9)); },
        [&] { tx.put(dead_letters, dead_letter("mine", 1)); },
        [&] {
            tx.update(dead_letters, Id{1}, {{"$set", Document{{"attempts", 6}}}});
        },
        [&] {
            tx.update_all(dead_letters, Document{}, {{"$set", Document{{"attempts", 6}}}});
        },
        [&] { tx.erase(dead_letters, Id{1}); },
        [&] { tx.erase_all(dead_letters, Document{}); },
    };
    for (std::size_t at = 0; at < writes.size(); ++at) {
        SCOPED_TRACE(at);
        EXPECT_THAT(message_of(ErrorCode::invalid_argument, writes[at]),
                    AllOf(HasSubstr("is a system "), HasSubstr("only the engine writes to it")));
    }
    tx.commit();
    EXPECT_EQ(contents(db.snapshot()), before);
    EXPECT_EQ(count(db.snapshot().scan(customers)), 1u);
    // A name that only looks like theirs is not there.
    EXPECT_EQ(
        code_of([&] { db.write([](Transaction& one) { one.erase(Table{"amphora.mine"}, {1}); }); }),
        ErrorCode::no_such_table);
}

TEST(SystemSpaces, ASchemaThatNamesThemIsRefusedAndChangesNothing) {
    const Directory directory;
    Database::open(directory.database(), schema).close();
    const Schema referring{
        "referring",
        R"(CREATE TABLE t (id VARCHAR(255) PRIMARY KEY REFERENCES "amphora.consumers");)"};
    const Schema declaring{"declaring", R"(CREATE COLLECTION "amphora.dead_letters" ();)"};
    for (const Schema& one : {referring, declaring}) {
        EXPECT_THAT(
            message_of(ErrorCode::schema_syntax,
                       [&] { static_cast<void>(Database::open(directory.database(), one)); }),
            HasSubstr("are reserved"));
    }
    EXPECT_EQ(last_commit(Database::open(directory.database(), schema)), 1u);
}

TEST(SystemSpaces, AreShownOnlyToThoseWhoAsk) {
    Database db = Database::temporary(schema);
    EXPECT_THAT(names(db.describe()), ElementsAre("customers", "visits"));
    EXPECT_THAT(names(db.describe(Spaces::all)),
                ElementsAre("customers", "amphora.consumers", "visits", "amphora.dead_letters"));
    for (const SpaceReport& space : db.describe(Spaces::all)) {
        EXPECT_EQ(space.is_system, space.name.starts_with("amphora.")) << space.name;
    }
    EXPECT_THAT(db.schema_text(), Not(HasSubstr("amphora.")));
    EXPECT_THAT(db.schema_text(Spaces::all), HasSubstr("CREATE TABLE \"amphora.consumers\""));
    // The text makes the same schema again.
    const std::string text = db.schema_text();
    EXPECT_EQ(Database::temporary(Schema{"again", text}).schema_text(), text);
}

TEST(SystemSpaces, AreReadLikeAllOthers) {
    Database db = Database::temporary(schema);
    add_system_rows(db, "figures", 3);
    const Snapshot now = db.snapshot();
    const auto found = now.find(consumers, {"figures"});
    ASSERT_TRUE(found);
    EXPECT_EQ((*found)["state"].as<std::string>(), "running");
    EXPECT_EQ((*found)["when_full"].as<std::string>(), "hold");
    EXPECT_EQ(count(now.scan(consumers, where("attempts") == 0)), 1u);
    Documents letters =
        now.find(dead_letters, R"({"consumer": "figures", "at": {"$gt": {"$date": 0}}})");
    EXPECT_THAT(letters.explain(), HasSubstr("dead_letters_by_consumer"));
    EXPECT_EQ(count(std::move(letters)), 3u);
}

/// Every copy has them, and so has a database that was compacted.
TEST(SystemSpaces, AreCopiedCheckedAndCompactedWithAllOthers) {
    const Directory directory;
    Options archiving;
    archiving.archive_directory = directory / "archive";
    std::string expected;
    Sequence last{};
    {
        Database db = Database::open(directory.database(), schema, archiving);
        add_system_rows(db, "figures", 3);
        db.backup(directory / "backup", {.verify = Verification::checked});
        detail::SystemAccess::allow_writes(db);
        db.write([](Transaction& tx) { tx.insert(dead_letters, dead_letter("figures", 4)); });
        last = db.snapshot().commit_seen().sequence;
        expected = contents(db.snapshot());
        EXPECT_THAT(db.check().findings, IsEmpty());
        db.compact();
        db.close();
    }
    const CheckReport report = Database::check_directory(directory.database(), CheckDepth::deep);
    EXPECT_THAT(report.findings, IsEmpty());
    EXPECT_EQ(report.rows, 1u);
    EXPECT_EQ(report.documents, 4u);
    EXPECT_EQ(report.index_entries, 4u);
    Database::compact_directory(directory.database());
    EXPECT_EQ(contents(Database::open(directory.database(), schema).snapshot()), expected);

    const RestoreReport restored = Database::restore(directory / "backup", directory / "restored",
                                                     {.archive = directory / "archive"});
    EXPECT_EQ(restored.last, last);
    EXPECT_EQ(contents(Database::open(directory / "restored").snapshot()), expected);
}

/// The library itself has the text of their definitions, so a repair needs no schema for them.
class DamagedSystemSpaces : public DamagedShop {
  protected:
    void SetUp() override {
        Database db = Database::open(path(), schema);
        add_system_rows(db, "figures", 3);
        db.write([](Transaction& tx) {
            for (int customer = 1; customer <= 3; ++customer) add_visitor(tx, customer);
        });
        expected_ = contents(db.snapshot());
        db.close();
        age_journal();
    }
    void damage_consumers() const { flip_in_all("CREATE TABLE \"amphora.consumers", 8); }
    void damage_dead_letters() const { flip_in_all("CREATE COLLECTION \"amphora.dead", 8); }

    std::string expected_;
};

TEST_F(DamagedSystemSpaces, ARepairBringsTheirDefinitionsBack) {
    damage_consumers();
    damage_dead_letters();
    const RepairReport report = Database::repair_directory(path(), RepairMode::apply);
    EXPECT_TRUE(report.whole) << testing::PrintToString(report.losses);
    EXPECT_EQ(report.rows, 4u);
    EXPECT_EQ(report.documents, 6u);
    const Database db = Database::open(path(), schema);
    EXPECT_EQ(contents(db.snapshot()), expected_);
    EXPECT_THAT(names(db.describe()), ElementsAre("customers", "visits"));
}

/// What cannot be read of them goes where a user's rows go.
TEST_F(DamagedSystemSpaces, ADamagedPositionIsInQuarantine) {
    flip_in_all("11111111:7:0", 3);
    const RepairReport report = Database::repair_directory(path(), RepairMode::apply);
    EXPECT_FALSE(report.whole);
    EXPECT_EQ(report.rows_quarantined, 1u);
    EXPECT_EQ(quarantined("amphora.consumers").size(), 1u);
    const Database db = Database::open(path(), schema);
    const Snapshot now = db.snapshot();
    EXPECT_EQ(count(now.scan(consumers)), 0u);
    EXPECT_EQ(count(now.scan(dead_letters)), 3u);
    EXPECT_EQ(count(now.scan(customers)), 3u);
}

/// Their names are damaged, too: the contents tell which spaces are theirs.
TEST_F(DamagedSystemSpaces, TheirContentsTellWhoseTheyAre) {
    flip_in_all("amphora.consumers", 10);
    flip_in_all("amphora.dead_letters", 10);
    const RepairReport report = Database::repair_directory(path(), RepairMode::apply);
    EXPECT_TRUE(report.whole) << testing::PrintToString(report.losses);
    EXPECT_EQ(contents(Database::open(path(), schema).snapshot()), expected_);
}

/// A catalog in which only the engine's own definitions are left says nothing about the user's rows.
TEST_F(DamagedSystemSpaces, TheyAreNoSchemaOfTheUser) {
    flip_in_all("CREATE TABLE customers", 8);
    flip_in_all("CREATE COLLECTION visits", 8);
    EXPECT_THAT(message_of(ErrorCode::corrupt,
                           [&] { static_cast<void>(Database::repair_directory(path())); }),
                HasSubstr("--schema"));
    const RepairReport report =
        Database::repair_directory(path(), RepairMode::apply, {}, {&schema, 1});
    EXPECT_TRUE(report.whole) << testing::PrintToString(report.losses);
    EXPECT_EQ(contents(Database::open(path(), schema).snapshot()), expected_);
}

/// A user's collection of free documents fits every document, also a dead letter.
TEST_F(DamagedSystemSpaces, ACollectionOfFreeDocumentsDoesNotTakeThem) {
    const Schema free{"free", "CREATE COLLECTION notes ();"};
    {
        Database db = Database::open(path(), free);
        db.write([](Transaction& tx) { tx.insert(Collection{"notes"}, {{"text", "a"}}); });
        db.close();
    }
    age_journal();
    // In the names themselves, so that not even the names are known.
    flip_in_all("amphora.dead_letters", 10);
    flip_in_all("notes", 2);
    const RepairReport report =
        Database::repair_directory(path(), RepairMode::apply, {}, {&free, 1});
    EXPECT_TRUE(report.whole) << testing::PrintToString(report.losses);
    Database db = Database::open(path(), free);
    EXPECT_EQ(contents(db.snapshot()), expected_);
    EXPECT_EQ(count(db.snapshot().scan(Collection{"notes"})), 1u);
}

/// A database as earlier versions of the library made it.
class DamagedEarlierShop : public DamagedShop {
  protected:
    void SetUp() override {
        make_without_system_spaces(
            path(), schema, [](transaction::Writing& writing, const stores::BoundSchema& bound) {
                stores::insert(
                    writing, bound, customers,
                    Record{{"name", name_of(1)}, {"email", name_of(1) + "@example.com"}});
            });
        for (int times = 0; times < 2; ++times) open_as_earlier(path())->close();
    }
};

TEST_F(DamagedEarlierShop, ARepairMakesThemAndSaysNothing) {
    flip_in_all(name_of(1), 0);
    const RepairReport report = Database::repair_directory(path(), RepairMode::apply);
    EXPECT_EQ(report.rows_quarantined, 1u);
    EXPECT_THAT(report.losses, IsEmpty());
    EXPECT_THAT(report.notes, Not(Contains(HasSubstr("amphora."))));
    EXPECT_EQ(count(Database::open(path(), schema).snapshot().scan(consumers)), 0u);
}

/// They do not stand for a definition of the user that is missing.
TEST_F(DamagedEarlierShop, AMissingDefinitionIsStillALoss) {
    hide_from_catalog("CREATE COLLECTION visits");
    const RepairReport report = Database::repair_directory(path(), RepairMode::apply);
    EXPECT_THAT(report.losses, Contains(HasSubstr("1 definitions are missing")));
}

}  // namespace
}  // namespace amphora::shop
