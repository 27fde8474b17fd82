#include "catalog/evolution/evolution.hpp"

#include "catalog/language/parser.hpp"
#include "catalog/language/print.hpp"
#include "catalog/schema_files.hpp"
#include "support/memory_writing.hpp"

#include <amphora/error.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

#include <fmt/format.h>

// A new version of an application has a larger schema. What can be added at once is added. If
// something would not fit the stored rows, all of it is refused with a list, and nothing is
// changed.

namespace amphora::catalog {
namespace {

using testing::HasSubstr;
using Kind = Difference::Kind;

const std::string users = R"(
    CREATE TABLE users (
        id BIGINT PRIMARY KEY AUTO_INCREMENT,
        email VARCHAR(100) NOT NULL UNIQUE,
        state ENUM ('NEW', 'OLD') NOT NULL,
        points INT DEFAULT 0,
        boss BIGINT REFERENCES users,
        CHECK (points >= 0)
    );
    CREATE COLLECTION logs (
        who BIGINT REFERENCES users ON DELETE CASCADE, n INT CHECK (n > 0),
        at DATETIME
    ) WITH (retain = '90 days', retain_by = 'at');
)";

std::string replaced(std::string text, std::string_view from, std::string_view to) {
    const std::size_t at = text.find(from);
    if (at == std::string::npos) throw std::runtime_error{"no such text: " + std::string{from}};
    return text.replace(at, from.size(), to);
}

std::vector<Difference> differences(std::string_view stored, std::string_view wanted) {
    const Definition old = parse_schema(stored, "stored.sql");
    const SchemaText text{wanted, "wanted.sql"};
    return difference(old, parse_schemas({&text, 1}, old));
}

struct Case {
    std::string from, to;
    Kind kind;
    std::string said;
};

TEST(Evolution, TellsWhatCanBeAddedFromWhatCannot) {
    const std::vector<Case> cases{
        {"points INT DEFAULT 0,", "points INT DEFAULT 0, extra INT,", Kind::conflicting,
         "is not at the end"},
        {"boss BIGINT REFERENCES users,", "boss BIGINT REFERENCES users, note TEXT,",
         Kind::additive, "column note is new"},
        {"boss BIGINT REFERENCES users,",
         "boss BIGINT REFERENCES users, level INT NOT NULL DEFAULT 1,", Kind::additive,
         "column level"},
        {"boss BIGINT REFERENCES users,", "boss BIGINT REFERENCES users, level INT NOT NULL,",
         Kind::empty_only, "NOT NULL without a DEFAULT"},
        {"boss BIGINT REFERENCES users,",
         "boss BIGINT REFERENCES users, seen DATETIME DEFAULT NOW(),", Kind::empty_only,
         "DEFAULT NOW()"},
        {"boss BIGINT REFERENCES users,",
         "boss BIGINT REFERENCES users, seen DATETIME ON UPDATE NOW(),", Kind::additive,
         "column seen"},
        {"boss BIGINT REFERENCES users,",
         "boss BIGINT REFERENCES users, level INT NOT NULL DEFAULT 1 CHECK (level > 0),",
         Kind::additive, "CHECK (level > 0) is new"},
        {"boss BIGINT REFERENCES users,",
         "boss BIGINT REFERENCES users, level INT NOT NULL DEFAULT 1 CHECK (level > 1),",
         Kind::conditional, "CHECK (level > 1) is new"},
        {"boss BIGINT REFERENCES users,",
         "boss BIGINT REFERENCES users, k ENUM ('A', 'B') DEFAULT 'B' CHECK (k <> 'A'),",
         Kind::additive, "CHECK (k <> 'A') is new"},
        {"boss BIGINT REFERENCES users,",
         "boss BIGINT REFERENCES users, friend BIGINT REFERENCES users,", Kind::additive,
         "the reference (friend) to users is new"},
        {"boss BIGINT REFERENCES users,",
         "boss BIGINT REFERENCES users, friend BIGINT DEFAULT 1 REFERENCES users,",
         Kind::conditional, "the reference (friend) to users is new"},
        {"boss BIGINT REFERENCES users,", "boss BIGINT REFERENCES users, phone TEXT UNIQUE,",
         Kind::additive, "unique index users_by_phone (phone) is new"},
        {"boss BIGINT REFERENCES users,",
         "boss BIGINT REFERENCES users, phone INT DEFAULT 1 UNIQUE,", Kind::conditional,
         "unique index users_by_phone (phone) is new"},
        {"CHECK (points >= 0)", "CHECK (points >= 0), CHECK (points < 10)", Kind::conditional,
         "CHECK (points < 10) is new"},
        {"CHECK (points >= 0)", "CHECK (points >= 1)", Kind::conflicting,
         "is stored, the schema has none"},
        {"CHECK (points >= 0)", "CHECK (points >= 0), INDEX i (points)", Kind::additive,
         "index i (points) is new"},
        {"CHECK (points >= 0)", "CHECK (points >= 0), UNIQUE i (points)", Kind::conditional,
         "unique index i (points) is new"},
        {"points INT DEFAULT 0", "points INT NOT NULL DEFAULT 0", Kind::conditional,
         "column points becomes NOT NULL"},
        {"points INT DEFAULT 0", "points INT NOT NULL DEFAULT 1", Kind::conflicting,
         "points INT DEFAULT 0, the schema says"},
        {"VARCHAR(100)", "VARCHAR(101)", Kind::additive,
         "email is VARCHAR(100), the schema says VARCHAR(101)"},
        {"VARCHAR(100)", "VARCHAR(99)", Kind::conflicting,
         "email is VARCHAR(100), the schema says VARCHAR(99)"},
        {"VARCHAR(100)", "TEXT", Kind::conflicting, "the schema says TEXT"},
        {"'OLD')", "'OLD', 'GONE')", Kind::additive, "'GONE'"},
        {"'NEW', 'OLD'", "'OLD', 'NEW'", Kind::conflicting, "ENUM"},
        {"'NEW', 'OLD'", "'NEW'", Kind::conflicting, "ENUM"},
        {"DEFAULT 0", "DEFAULT 1", Kind::conflicting,
         "points INT DEFAULT 0, the schema says points INT DEFAULT 1"},
        {"points INT", "points BIGINT", Kind::conflicting, "points is INT, the schema says BIGINT"},
        {"NOT NULL UNIQUE", "UNIQUE", Kind::conflicting, "email"},
        {"NOT NULL UNIQUE", "NOT NULL", Kind::conflicting,
         "unique index users_by_email (email) is stored"},
        {"points INT DEFAULT 0,", "", Kind::conflicting,
         "column points is stored, the schema has none"},
        {"AUTO_INCREMENT", "", Kind::conflicting, "AUTO_INCREMENT"},
        {"boss BIGINT REFERENCES users", "boss BIGINT", Kind::conflicting,
         "the reference (boss) to users"},
        {"boss BIGINT REFERENCES users", "boss BIGINT REFERENCES users ON DELETE CASCADE",
         Kind::conflicting, "ON DELETE CASCADE"},
        {"ON DELETE CASCADE, n", ", n", Kind::conflicting, "the reference (who) to users"},
        {"n INT CHECK", "m TEXT, n INT CHECK", Kind::additive, "field m is new"},
        {"n INT CHECK", "m TEXT NOT NULL, n INT CHECK", Kind::conditional,
         "field m is new and NOT NULL"},
        {"n INT CHECK (n > 0)", "n INT CHECK (n > 1)", Kind::conflicting, "CHECK (n > 1) is new"},
        {"n INT CHECK (n > 0)", "n INT", Kind::conflicting, "CHECK (n > 0) is stored"},
        {", n INT CHECK (n > 0)", "", Kind::conflicting, "field n is stored"},
        {"n INT CHECK (n > 0)", "n INT CHECK (n > 0), INDEX (a.b)", Kind::additive, "is new"},
        {"n INT CHECK (n > 0)", "n INT CHECK (n > 0), UNIQUE (a.b)", Kind::conditional,
         "unique index"},
        {"n INT CHECK (n > 0)", "n INT CHECK (n > 0), CHECK (n < 9)", Kind::conditional,
         "CHECK (n < 9) is new"},
        {"n INT CHECK (n > 0)", "n INT NOT NULL CHECK (n > 0)", Kind::conditional,
         "field n becomes NOT NULL"},
        {"n INT CHECK (n > 0)", "n INT CHECK (n > 0), boss BIGINT REFERENCES users",
         Kind::conditional, "the reference (boss) to users is new"},
        {"'90 days'", "'30 days'", Kind::additive,
         "retention is retain = '90 days', retain_by = 'at'; the schema says: retain = '30 days'"},
        {" WITH (retain = '90 days', retain_by = 'at')", "", Kind::additive,
         "the schema says: not declared"},
        {"retain_by = 'at')", "retain_by = 'at', retain_count = 7)", Kind::additive,
         "the schema says: retain = '90 days', retain_count = 7, retain_by = 'at'"},
        {"at DATETIME\n    ) WITH (", "at DATETIME, till DATETIME) WITH (expire_by = 'till', ",
         Kind::additive, "index expire_logs_till"},
        {"retain_by = 'at')", "retain_by = 'at', before = TRUE)", Kind::additive,
         "collection logs: before is FALSE, the schema says TRUE"},
        {"CHECK (points >= 0)\n    );", "CHECK (points >= 0)\n    ) WITH (before = TRUE);",
         Kind::additive, "table users: before is FALSE, the schema says TRUE"},
        {"CREATE COLLECTION", "CREATE TABLE more (id INT PRIMARY KEY); CREATE COLLECTION",
         Kind::additive, "table more: is new"},
        {"COLLECTION logs", "COLLECTION other", Kind::additive, "collection other: is new"},
        {"COLLECTION logs (", "COLLECTION more (); CREATE TABLE logs (id INT PRIMARY KEY,",
         Kind::conflicting, "is stored as a collection"},
    };
    for (const Case& one : cases) {
        SCOPED_TRACE(one.from + "  =>  " + one.to);
        std::string wanted = replaced(users, one.from, one.to);
        if (one.to.empty() && one.from.starts_with("points")) {
            wanted = replaced(wanted, "CHECK (points >= 0)", "CHECK (id > 0)");
        }
        if (one.said == "is stored as a collection") {
            wanted = replaced(wanted, " WITH (retain = '90 days', retain_by = 'at')", "");
        }
        const std::vector<Difference> found = differences(users, wanted);
        ASSERT_FALSE(found.empty());
        Kind worst = Kind::additive;
        std::string all;
        for (const Difference& difference : found) {
            worst = std::max(worst, difference.kind);
            all += difference.text + "\n";
        }
        EXPECT_EQ(worst, one.kind) << all;
        EXPECT_THAT(all, HasSubstr(one.said));
    }
}

/// States before are kept from the opening on that asks for them, and not from the one on that does
/// not. It says nothing about what is stored, so it needs no condition.
TEST(Evolution, TurnsStatesBeforeOnAndOff) {
    support::MemoryWriting database;
    const auto with = [](std::string_view table, std::string_view collection) {
        return parse_schema(fmt::format("CREATE TABLE t (id INT PRIMARY KEY){};"
                                        "CREATE COLLECTION c (){};",
                                        table, collection),
                            "app.sql");
    };
    constexpr std::string_view on = " WITH (before = TRUE)";
    constexpr std::string_view off = " WITH (before = FALSE)";
    struct Step {
        std::string_view table, collection;
        bool table_keeps, collection_keeps, changed;
    };
    const std::vector<Step> steps{
        {"", "", false, false, true}, {off, off, false, false, false}, {on, "", true, false, true},
        {on, on, true, true, true},   {on, on, true, true, false},     {"", on, false, true, true},
        {on, off, true, false, true}, {"", "", false, false, true},
    };
    SpaceId space{};
    for (const Step& step : steps) {
        const Definition wanted = with(step.table, step.collection);
        const Applied applied = apply_additive(database, *load(database), wanted);
        EXPECT_EQ(applied.changed, step.changed);
        EXPECT_TRUE(applied.conditions.empty());
        const auto now = load(database);
        EXPECT_EQ(now->definition(), applied.catalog->definition());
        const Table& table = *now->definition().find_table("t");
        EXPECT_EQ(table.keeps_before, step.table_keeps);
        EXPECT_EQ(now->definition().find_collection("c")->keeps_before, step.collection_keeps);
        if (space == SpaceId{}) space = table.space;
        EXPECT_EQ(table.space, space);
    }
    // Another schema that only uses the table does not turn it off.
    static_cast<void>(apply_additive(database, *load(database), with(on, on)));
    const SchemaText uses{"CREATE TABLE IF NOT EXISTS t (id INT PRIMARY KEY)", "other.sql"};
    const auto stored = load(database);
    EXPECT_FALSE(
        apply_additive(database, *stored, parse_schemas({&uses, 1}, stored->definition())).changed);
    EXPECT_TRUE(load(database)->definition().find_table("t")->keeps_before);
}

/// Columns after a new one in the middle, and CHECKs over them, are no differences.
TEST(Evolution, AColumnInTheMiddleIsTheOnlyDifference) {
    const auto found = differences(
        users, replaced(users, "id BIGINT PRIMARY KEY", "first TEXT, id BIGINT PRIMARY KEY"));
    ASSERT_EQ(found.size(), 1u) << found.back().text;
    EXPECT_EQ(found[0].kind, Kind::conflicting);
    EXPECT_EQ(found[0].text,
              "table users: column first is new, but is not at the end; a new column comes "
              "after those that are stored");
}

/// If two columns change places, both have moved.
TEST(Evolution, ColumnsThatChangePlacesHaveMoved) {
    const std::string points = "points INT DEFAULT 0,";
    const std::string boss = "boss BIGINT REFERENCES users,";
    const std::string swapped = replaced(replaced(users, points, ""), boss, boss + points);
    std::vector<std::string> texts;
    for (const Difference& one : differences(users, swapped)) texts.push_back(one.text);
    EXPECT_THAT(texts,
                testing::ElementsAre(HasSubstr("column points is number 4, in the schema number 5"),
                                     HasSubstr("column boss is number 5, in the schema number 4")));
}

TEST(Evolution, SeesNoDifferenceWhereThereIsNone) {
    EXPECT_TRUE(differences(users, users).empty());
    // Spelling, the order of tables and generated names make no difference.
    std::string other = replaced(users, "CREATE TABLE users", "create table USERS");
    other = replaced(other, "points INT DEFAULT 0", "POINTS INTEGER DEFAULT 0");
    other = replaced(other, "CHECK (points >= 0)", "CONSTRAINT positive CHECK ( POINTS>=0 )");
    other = replaced(other, "boss BIGINT REFERENCES users",
                     "boss BIGINT DEFAULT NULL REFERENCES Users (ID)");
    other = replaced(other, "who BIGINT REFERENCES users ON DELETE CASCADE, n INT CHECK (n > 0)",
                     "n INT CHECK (n > 0), who BIGINT REFERENCES users ON DELETE CASCADE");
    EXPECT_TRUE(differences(users, other).empty());
    // Stored tables that the schema does not name belong to other schemas.
    EXPECT_TRUE(differences(users + "CREATE TABLE coaching (id INT PRIMARY KEY);", users).empty());
    EXPECT_TRUE(
        differences(replaced(users, "CHECK (points", "INDEX i (points), CHECK (points"), users)
            .empty());
}

TEST(Evolution, TakesEachModuleInAnyOrder) {
    for (const auto& order : {std::vector{0, 1, 2}, std::vector{2, 1, 0}, std::vector{1, 0, 2}}) {
        support::MemoryWriting database;
        for (const int place : order) {
            const std::string& name = schema_names()[static_cast<std::size_t>(place)];
            const Definition wanted = parse_schema(schema_file(name), name);
            const Applied applied = apply_additive(database, *load(database), wanted);
            EXPECT_TRUE(applied.changed) << name;
            EXPECT_TRUE(applied.indexes.empty()) << name;
            EXPECT_TRUE(applied.fields.empty()) << name;
            EXPECT_TRUE(difference(load(database)->definition(), wanted).empty()) << name;
        }
        EXPECT_TRUE(difference(load(database)->definition(), all_schemas()).empty());
    }
}

// learning.sql declares the users of mission.sql for applications that use it alone.
TEST(Evolution, LearningDeclaresTheUsersOfMission) {
    Table alone = *parse_schema(schema_file("learning.sql"), "learning.sql").find_table("users");
    EXPECT_TRUE(alone.if_not_exists);
    alone.if_not_exists = false;
    EXPECT_EQ(alone, *parse_schema(schema_file("mission.sql"), "mission.sql").find_table("users"));
}

TEST(Evolution, IfNotExistsAsksOnlyForWhatItNames) {
    const std::string stored =
        "CREATE TABLE u (x TEXT, id BIGINT PRIMARY KEY, n VARCHAR(20), CHECK (x > 'a'));";
    EXPECT_TRUE(
        differences(stored, "CREATE TABLE IF NOT EXISTS u (id BIGINT PRIMARY KEY, n VARCHAR(10));")
            .empty());
    const auto missing =
        differences(stored, "CREATE TABLE IF NOT EXISTS u (id BIGINT PRIMARY KEY, m INT);");
    ASSERT_EQ(missing.size(), 1u);
    EXPECT_EQ(missing[0].kind, Kind::conflicting);
    EXPECT_THAT(missing[0].text, HasSubstr("without m"));
    EXPECT_EQ(differences(stored, "CREATE TABLE IF NOT EXISTS u (id INT PRIMARY KEY);").size(), 1u);
}

TEST(Evolution, AppliesAllThatCanBeAdded) {
    support::MemoryWriting database;
    const Definition old = parse_schema(users, "old.sql");
    const auto first = apply_additive(database, *load(database), old);
    EXPECT_TRUE(first.indexes.empty()) << "new tables have nothing to be filled from";
    database.settle();

    std::string text = replaced(users, "VARCHAR(100)", "VARCHAR(200)");
    text = replaced(text, "'OLD')", "'OLD', 'GONE')");
    text = replaced(
        text, "boss BIGINT REFERENCES users,",
        "boss BIGINT REFERENCES users, level INT NOT NULL DEFAULT 1 CHECK (level > 0), team "
        "BIGINT REFERENCES teams,");
    text = replaced(text, "CHECK (points >= 0)", "CHECK (points >= 0), INDEX i (points)");
    text = replaced(text, "n INT CHECK", "m TEXT, n INT CHECK");
    text = replaced(text, "(n > 0)", "(n > 0), INDEX deep (a.b)");
    text = replaced(text, "'90 days'", "'1 week'");
    text += "CREATE TABLE teams (id BIGINT PRIMARY KEY AUTO_INCREMENT);";
    const Definition wanted = parse_schema(text, "new.sql");
    const Applied applied = apply_additive(database, *load(database), wanted);

    EXPECT_TRUE(applied.changed);
    std::vector<std::string> indexes;
    for (const auto& [owner, index] : applied.indexes) {
        indexes.push_back(fmt::format("{}.{}", owner, index));
    }
    EXPECT_THAT(indexes,
                testing::UnorderedElementsAre("users.i", "users.fk_users_team", "logs.deep"));
    ASSERT_EQ(applied.fields.size(), 1u);
    EXPECT_EQ(applied.fields[0].field, "m");

    const auto now = load(database);
    EXPECT_EQ(now->definition(), applied.catalog->definition());
    EXPECT_EQ(now->version(), 2u);
    EXPECT_TRUE(difference(now->definition(), wanted).empty());
    // What existed before keeps its spaces.
    const Table& before = *first.catalog->definition().find_table("users");
    const Table& after = *now->definition().find_table("users");
    EXPECT_EQ(after.space, before.space);
    EXPECT_EQ(after.counter, before.counter);
    for (const Index& index : before.indexes) {
        EXPECT_EQ(after.find_index(index.name)->space, index.space);
    }
    EXPECT_EQ(now->definition().find_collection("logs")->space,
              first.catalog->definition().find_collection("logs")->space);
    EXPECT_EQ(now->definition().find_collection("logs")->retention.age_max, "1 week");

    // Once more: there is nothing to do, and nothing is written.
    const std::uint64_t writes = database.writes;
    EXPECT_FALSE(apply_additive(database, *now, wanted).changed);
    EXPECT_EQ(database.writes, writes);
}

/// A row of an earlier commit is shown with the columns that its table had then.
TEST(Evolution, KeepsAPastVersionWhileACommitNeedsIt) {
    support::MemoryWriting database;
    const auto apply_at = [&](std::uint64_t sequence, const std::string& columns,
                              std::uint64_t oldest_prior) {
        database.seen = Sequence{sequence - 1};
        const std::string text = "CREATE TABLE t (id BIGINT PRIMARY KEY" + columns + ");";
        static_cast<void>(apply_additive(database, *load(database), parse_schema(text, "t.sql"),
                                         Sequence{oldest_prior}));
        database.settle();
    };
    const auto columns_as_of = [&](std::uint64_t commit) {
        const auto past = past_version(database, Sequence{commit});
        const auto catalog = past ? stored::catalog_of(*past) : load(database);
        EXPECT_EQ(stored::encode(stored::version_of(*catalog)),
                  encoded_version(database, Sequence{commit}));
        const Table* const table = catalog->definition().find_table("t");
        return table == nullptr ? 0 : table->columns.size();
    };
    apply_at(1, "", 0);
    apply_at(10, ", a INT", 0);
    apply_at(20, ", a INT, b INT", 0);
    const std::array<std::pair<std::uint64_t, std::size_t>, 7> expected{
        {{0, 0}, {1, 1}, {9, 1}, {10, 2}, {19, 2}, {20, 3}, {1000, 3}}};
    for (const auto& [commit, columns] : expected) EXPECT_EQ(columns_as_of(commit), columns);
    EXPECT_EQ(load(database)->version(), 3u);

    apply_at(30, ", a INT, b INT, c INT", 9);
    EXPECT_EQ(past_versions(database).size(), 3u);
    EXPECT_EQ(columns_as_of(9), 1u) << "the journal has commit 10, which begins with that version";
    apply_at(40, ", a INT, b INT, c INT, d INT", 20);
    const std::vector<PastVersion> left = past_versions(database);
    ASSERT_EQ(left.size(), 2u);
    EXPECT_EQ(left[0].changed_by, Sequence{30});
    EXPECT_EQ(columns_as_of(20), 3u);
    EXPECT_EQ(columns_as_of(40), 5u);
}

TEST(Evolution, ChangesNothingWhereOnePartConflicts) {
    support::MemoryWriting database;
    static_cast<void>(apply_additive(database, *load(database), parse_schema(users, "old.sql")));
    const auto before = database.contents(TreeId::relational);
    std::string text = replaced(users, "VARCHAR(100)", "VARCHAR(10)");
    text = replaced(text, "points INT DEFAULT 0", "points BIGINT DEFAULT 0");
    text += "CREATE TABLE more (id INT PRIMARY KEY);";
    try {
        static_cast<void>(apply_additive(database, *load(database), parse_schema(text, "new.sql")));
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::schema_mismatch);
        EXPECT_THAT(error.what(), HasSubstr("email is VARCHAR(100), the schema says VARCHAR(10)"));
        EXPECT_THAT(error.what(), HasSubstr("points is INT, the schema says BIGINT"));
        EXPECT_THAT(error.what(), HasSubstr("table more: is new (could be added)"));
    }
    EXPECT_EQ(database.contents(TreeId::relational), before);
}

TEST(Evolution, FindsConflictsThatOnlyTheWholeShows) {
    // A circle through a table that the new schema does not name.
    const std::string stored =
        "CREATE TABLE a (id BIGINT PRIMARY KEY); CREATE TABLE b (id BIGINT PRIMARY KEY REFERENCES "
        "a);";
    const auto circle =
        differences(stored, "CREATE TABLE a (id BIGINT PRIMARY KEY, back BIGINT REFERENCES b);");
    ASSERT_FALSE(circle.empty());
    EXPECT_EQ(circle.back().kind, Kind::conflicting);
    EXPECT_THAT(circle.back().text, HasSubstr("circle"));
    // A key becomes wider than the columns that refer to it.
    const std::string keyed =
        "CREATE TABLE a (k ENUM ('x') PRIMARY KEY);"
        "CREATE TABLE b (k ENUM ('x') PRIMARY KEY REFERENCES a);";
    const auto wider = differences(keyed, "CREATE TABLE a (k ENUM ('x', 'y') PRIMARY KEY);");
    ASSERT_FALSE(wider.empty());
    EXPECT_EQ(wider.back().kind, Kind::conflicting);
    std::string both = replaced(keyed, "('x')", "('x', 'y')");
    both = replaced(both, "('x')", "('x', 'y')");
    for (const Difference& one : differences(keyed, both)) {
        EXPECT_EQ(one.kind, Kind::additive) << one.text;
    }
}

}  // namespace
}  // namespace amphora::catalog
