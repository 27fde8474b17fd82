#include "catalog/language/parser.hpp"

#include "catalog/language/print.hpp"
#include "catalog/schema_files.hpp"

#include <amphora/error.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fmt/format.h>

// A schema may be written in every order and spelling that SQL allows. What is not understood is
// named with its place, and what is understood but would not be enforced is refused by name.

namespace amphora::catalog {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

struct Refusal {
    ErrorCode code{};
    std::string message;
};
Refusal refusal(std::string_view text, const Definition& stored = {}) {
    try {
        const SchemaText one{text, "app.sql"};
        static_cast<void>(parse_schemas({&one, 1}, stored));
    } catch (const Error& error) {
        return {error.code(), error.what()};
    }
    ADD_FAILURE() << "accepted: " << text;
    return {};
}

std::string syntax_error(std::string_view text) {
    const Refusal found = refusal(text);
    EXPECT_EQ(found.code, ErrorCode::schema_syntax) << text << "\n" << found.message;
    return found.message;
}
std::string unsupported(std::string_view text) {
    const Refusal found = refusal(text);
    EXPECT_EQ(found.code, ErrorCode::unsupported) << text << "\n" << found.message;
    return found.message;
}

/// A table with a key and one more column.
std::string with_column(std::string_view column) {
    return fmt::format("CREATE TABLE t (id BIGINT PRIMARY KEY, {});", column);
}
Column column_of(std::string_view column) {
    return parse_schema(with_column(column), "app.sql").tables.at(0).columns.at(1);
}

TEST(Parser, ReadsATableWithEverythingThatAColumnCanHave) {
    const Definition schema = parse_schema(R"(
        CREATE TABLE Users (
            user_id BIGINT PRIMARY KEY AUTO_INCREMENT,
            email VARCHAR(100) UNIQUE NOT NULL,
            nick varchar(20) NULL DEFAULT 'it''s',
            active BOOLEAN DEFAULT FALSE,
            score DECIMAL(5,2) NOT NULL DEFAULT -1.5 CHECK (score < 100),
            seen DATETIME DEFAULT CURRENT_TIMESTAMP ON UPDATE NOW(),
            boss BIGINT REFERENCES users (user_id) ON DELETE CASCADE
        );)",
                                           "app.sql");
    const Table* users = schema.find_table("USERS");
    ASSERT_NE(users, nullptr);
    EXPECT_EQ(users->name, "Users");
    EXPECT_THAT(users->primary_key, ElementsAre(0u));
    EXPECT_TRUE(users->columns[0].auto_increment);
    EXPECT_TRUE(users->columns[0].not_null);
    EXPECT_EQ(users->columns[1].type.length_max, 100u);
    EXPECT_EQ(users->columns[2].default_value, Default{Value{"it's"}});
    EXPECT_FALSE(users->columns[2].not_null);
    EXPECT_EQ(users->columns[3].default_value, Default{Value{false}});
    EXPECT_EQ(users->columns[4].default_value, (Default{Value{Decimal{-150, 2}}}));
    EXPECT_EQ(users->columns[5].default_value, Default{Now{}});
    EXPECT_TRUE(users->columns[5].now_on_update);
    ASSERT_EQ(users->checks.size(), 1u);
    EXPECT_EQ(users->checks[0].name, "Users_check_1");
    EXPECT_EQ(users->checks[0].text, "score < 100");

    ASSERT_EQ(users->indexes.size(), 2u);
    EXPECT_EQ(users->indexes[0].name, "Users_by_email");
    EXPECT_TRUE(users->indexes[0].unique);
    EXPECT_EQ(users->indexes[1].name, "fk_Users_boss");
    ASSERT_EQ(users->references.size(), 1u);
    EXPECT_EQ(users->references[0].parent, "Users");
    EXPECT_EQ(users->references[0].index, "fk_Users_boss");
    EXPECT_EQ(users->references[0].on_delete, OnDelete::cascade);
}

TEST(Parser, ReadsEveryTypeInEverySpelling) {
    const std::vector<std::pair<std::string, std::string>> types{
        {"BIGINT", "BIGINT"},
        {"int", "INT"},
        {"INTEGER", "INT"},
        {"SmallInt", "SMALLINT"},
        {"BOOLEAN", "BOOLEAN"},
        {"BOOL", "BOOLEAN"},
        {"FLOAT", "FLOAT"},
        {"DOUBLE", "DOUBLE"},
        {"DOUBLE PRECISION", "DOUBLE"},
        {"DECIMAL(38,10)", "DECIMAL(38,10)"},
        {"NUMERIC (5)", "DECIMAL(5,0)"},
        {"VARCHAR( 7 )", "VARCHAR(7)"},
        {"TEXT", "TEXT"},
        {"BLOB", "BLOB"},
        {"DATETIME", "DATETIME"},
        {"DATETIME(6)", "DATETIME"},
        {"DATE", "DATE"},
        {"TIME", "TIME"},
        {"JSON", "JSON"},
        {"ENUM('a','it''s')", "ENUM ('a', 'it''s')"},
    };
    for (const auto& [written, meant] : types) {
        EXPECT_EQ(to_sql(column_of("c " + written).type), meant) << written;
    }
}

TEST(Parser, SaysLineColumnAndWhatWasExpected) {
    EXPECT_EQ(syntax_error("-- users\nCREATE TABLE t (\n  id BIGNIT PRIMARY KEY);"),
              "app.sql:3:6: expected a column type, found 'BIGNIT'");
    EXPECT_EQ(syntax_error("CREATE TABLE t (id BIGINT PRIMARY KEY"),
              "app.sql:1:38: expected ',' or ')', found the end of the text");
    EXPECT_EQ(syntax_error("CREATE TABLE t (id BIGINT PRIMARY KEY) x"),
              "app.sql:1:40: expected ';', found 'x'");
    EXPECT_EQ(syntax_error("CREATE TABEL t"),
              "app.sql:1:8: expected TABLE, COLLECTION, INDEX or UNIQUE INDEX, found 'TABEL'");
    EXPECT_EQ(syntax_error("HELLO"), "app.sql:1:1: expected CREATE, found 'HELLO'");
    EXPECT_EQ(syntax_error(with_column("c VARCHAR")), "app.sql:1:49: expected '(', found ')'");
    EXPECT_EQ(syntax_error(with_column("c VARCHAR(0)")),
              "app.sql:1:50: expected a number of characters from 1 to 16000000, found 0");
    EXPECT_EQ(syntax_error("CREATE TABLE order (id BIGINT PRIMARY KEY, KEY BIGINT)"),
              "app.sql:1:54: expected '(', found ')'");
    EXPECT_THAT(
        syntax_error("CREATE TABLE table (id BIGINT)"),
        HasSubstr("app.sql:1:14: expected the name of a table, found the word table; as a name "
                  "it is written \"table\""));
    // Columns of errors count characters, not bytes.
    EXPECT_EQ(syntax_error("CREATE TABLE \"한국\" (id BIGNIT)"),
              "app.sql:1:23: expected a column type, found 'BIGNIT'");
}

TEST(Parser, SaysWhatIsWrongWithWhatItCannotEvenRead) {
    EXPECT_EQ(syntax_error("CREATE /* no end"),
              "app.sql:1:8: this comment has no end: expected '*/'");
    EXPECT_EQ(syntax_error("CREATE TABLE 'x"),
              "app.sql:1:14: this text has no end: expected \"'\"");
    EXPECT_EQ(syntax_error("CREATE TABLE \"x"), "app.sql:1:14: this quoted name has no end");
    EXPECT_EQ(syntax_error("CREATE TABLE \"\" ()"), "app.sql:1:14: a name cannot be empty");
    EXPECT_EQ(syntax_error("CREATE TABLE t {"), "app.sql:1:16: unexpected character '{'");
    EXPECT_EQ(syntax_error("CREATE\n TABLE \xFF"), "app.sql:2:8: byte 0xff is not UTF-8");
    EXPECT_EQ(syntax_error("CREATE TABLE 1t"),
              "app.sql:1:14: a name cannot begin with a digit; put it in double quotes");
    EXPECT_THAT(syntax_error(with_column("c BLOB DEFAULT X'0'")), HasSubstr("two digits"));
    EXPECT_THAT(syntax_error(with_column("c BLOB DEFAULT X'0g'")), HasSubstr("hexadecimal"));
}

TEST(Parser, RefusesEveryClauseThatWouldNotBeEnforced) {
    const std::string parent = "CREATE TABLE p (id BIGINT PRIMARY KEY);";
    const std::vector<std::pair<std::string, std::string>> cases{
        {"c BIGINT REFERENCES p (id) ON DELETE SET NULL", "ON DELETE SET NULL"},
        {"c BIGINT REFERENCES p (id) ON DELETE SET DEFAULT", "ON DELETE SET DEFAULT"},
        {"c BIGINT REFERENCES p (id) ON UPDATE CASCADE", "ON UPDATE CASCADE"},
        {"c BIGINT REFERENCES p (id) ON DELETE CASCADE ON UPDATE CASCADE", "ON UPDATE CASCADE"},
        {"c BIGINT REFERENCES p (id) DEFERRABLE INITIALLY DEFERRED", "DEFERRABLE"},
        {"c BIGINT REFERENCES p (id) NOT DEFERRABLE", "NOT DEFERRABLE"},
        {"c BIGINT REFERENCES p (id) MATCH FULL", "MATCH"},
        {"c TEXT COLLATE utf8mb4_bin", "COLLATE"},
        {"c VARCHAR(5) CHARACTER SET latin1", "CHARACTER SET"},
        {"c INT UNSIGNED", "UNSIGNED"},
        {"c INT GENERATED ALWAYS AS (1)", "GENERATED"},
        {"c INT COMMENT 'x'", "COMMENT"},
        {"c INT DEFAULT (1 + 1)", "DEFAULT with an expression"},
        {"c DATETIME(3)", "six digits"},
        {"c INT(11)", "has no length"},
        {"c TEXT CHECK (c LIKE 'a%')", "LIKE"},
        {"c TEXT CHECK (UPPER(c) = 'A')", "the function UPPER"},
        {"c INT CHECK (c > 0) NOT ENFORCED", "NOT ENFORCED"},
        {"c INT, INDEX i (c DESC)", "DESC"},
        {"c TEXT, INDEX i (c(10))", "beginning of a column"},
        {"c TEXT, INDEX i ((c))", "expression"},
        {"c INT, UNIQUE (c) WHERE (c > 1)", "WHERE"},
        {"c INT, INDEX i (c) USING HASH", "USING"},
        {"c INT AUTO_INCREMENT", "AUTO_INCREMENT"},
        {"c JSON, INDEX i (c)", "JSON"},
        {"c JSON DEFAULT '{}'", "JSON"},
        {"c BIGINT REFERENCES app.p (id)", "names with a point"},
        {"c ENUM ('a') CHECK (c > 'a')", "ENUM has no order"},
    };
    for (const auto& [clause, named] : cases) {
        const std::string message = unsupported(parent + with_column(clause));
        EXPECT_THAT(message, HasSubstr(named)) << clause;
        EXPECT_THAT(message, HasSubstr("app.sql:1:")) << clause;
    }
    const std::string table = "CREATE TABLE t (id BIGINT PRIMARY KEY, n INT)";
    EXPECT_THAT(unsupported(table + " ENGINE=InnoDB"), HasSubstr("ENGINE"));
    EXPECT_THAT(unsupported(table + " WITHOUT ROWID"), HasSubstr("WITHOUT"));
    EXPECT_THAT(unsupported(table + " AUTO_INCREMENT = 7"), HasSubstr("WITH (before = TRUE)"));
    EXPECT_THAT(unsupported(table + " WITH (retain = '1 day')"),
                HasSubstr("a table has only before"));
    EXPECT_THAT(unsupported(table + "; CREATE INDEX i ON t (n DESC)"), HasSubstr("DESC"));
    EXPECT_THAT(unsupported(table + "; CREATE INDEX i ON t (n) WHERE n > 1"), HasSubstr("WHERE"));
    EXPECT_THAT(unsupported(table + "; CREATE INDEX IF NOT EXISTS i ON t (n)"),
                HasSubstr("IF NOT EXISTS"));
    EXPECT_THAT(unsupported("CREATE VIEW v"), HasSubstr("CREATE VIEW"));
    EXPECT_THAT(unsupported("CREATE SCHEMA s"), HasSubstr("CREATE SCHEMA"));
    EXPECT_THAT(unsupported("DROP TABLE t"), HasSubstr("DROP"));
    EXPECT_THAT(unsupported("ALTER TABLE t"), HasSubstr("ALTER"));
    EXPECT_THAT(unsupported("INSERT INTO t VALUES (1)"), HasSubstr("INSERT"));
    EXPECT_THAT(unsupported("CREATE TABLE main.t (id BIGINT PRIMARY KEY)"), HasSubstr("point"));
}

TEST(Parser, RefusesInACollectionWhatDocumentsDoNotHave) {
    const auto with_field = [](std::string_view field) {
        return fmt::format("CREATE COLLECTION c ({});", field);
    };
    EXPECT_THAT(unsupported(with_field("f BIGINT PRIMARY KEY")), HasSubstr("_id"));
    EXPECT_THAT(unsupported(with_field("f BIGINT AUTO_INCREMENT")), HasSubstr("AUTO_INCREMENT"));
    EXPECT_THAT(unsupported(with_field("_id BIGINT")), HasSubstr("_id"));
    EXPECT_THAT(unsupported("CREATE COLLECTION c () WITH (capped = '1')"), HasSubstr("capped"));
    EXPECT_THAT(syntax_error(with_field("\"a.b\" BIGINT")), HasSubstr("has no '.'"));
    EXPECT_THAT(syntax_error(with_field("\"$a\" BIGINT")), HasSubstr("'$'"));
    EXPECT_THAT(syntax_error("CREATE COLLECTION c (); CREATE INDEX i ON c (\"a..b\")"),
                HasSubstr("no path"));
}

TEST(Parser, RefusesWhatContradictsItself) {
    const std::vector<std::pair<std::string, std::string>> cases{
        {with_column("ID TEXT"), "column ID twice"},
        {with_column("c INT NOT NULL NULL"), "NULL and NOT NULL"},
        {with_column("c INT DEFAULT 1 DEFAULT 2"), "DEFAULT is said twice"},
        {with_column("c INT NOT NULL DEFAULT NULL"), "DEFAULT NULL on a column that is NOT NULL"},
        {with_column("c INT, PRIMARY KEY (c)"), "second PRIMARY KEY"},
        {with_column("c INT, INDEX i (c), INDEX I (id)"), "has an index I already"},
        {with_column("c INT, INDEX \"primary\" (c)"), "has an index primary already"},
        {with_column("c INT, INDEX i (c, C)"), "column C twice"},
        {with_column("c INT, INDEX i (d)"), "table t has no column d"},
        {with_column("c INT CHECK (d > 1)"), "there is no column d"},
        {with_column("c INT CHECK (c)"), "asks for a truth value, this is a number"},
        {with_column("c INT CHECK (c > 'a')"), "a number cannot be compared with a text"},
        {with_column("c INT CHECK (c = NULL)"), "write IS NULL"},
        {with_column("c INT CHECK (c > 1 > 2)"), "not chained"},
        {with_column("c BOOLEAN CHECK (c = 1)"), "a truth value cannot be compared with a number"},
        {with_column("c ENUM('a') CHECK (c = 'b')"), "has no member 'b'"},
        {with_column("c DATETIME CHECK (c > 'soon')"), "app.sql"},
        {with_column("c INT CHECK (LENGTH(c) > 1)"), "LENGTH is that of a text"},
        {with_column("c TEXT CHECK (c + 1 > 1)"), "expected a number, found a text"},
        {with_column("c ENUM('a','b','a')"), "member 'a' twice"},
        {with_column("c ENUM('')"), "cannot be empty"},
        {with_column("c TEXT AUTO_INCREMENT"), "AUTO_INCREMENT is for BIGINT"},
        {with_column("c DATE DEFAULT NOW()"), "DEFAULT NOW() is for DATETIME"},
        {with_column("c DATE ON UPDATE NOW()"), "ON UPDATE NOW() is for DATETIME"},
        {with_column("c DECIMAL(39,0)"), "from 1 to 38"},
        {with_column("c DECIMAL(5,6)"), "from 0 to 5"},
        {with_column("c BIGINT REFERENCES nowhere"), "there is no table nowhere"},
        {with_column("c INT REFERENCES t"), "t.c is INT, but t.id, to which it refers, is BIGINT"},
        {with_column("c BIGINT REFERENCES t (missing)"), "table t has no column missing"},
        {"CREATE TABLE t (id BIGINT)", "table t needs a PRIMARY KEY"},
        {"CREATE TABLE t (id BIGINT NULL PRIMARY KEY)", "cannot be NULL"},
        {"CREATE TABLE t (id BIGINT DEFAULT NULL PRIMARY KEY)", "cannot be NULL"},
        {"CREATE TABLE t (id BIGINT DEFAULT 1 PRIMARY KEY AUTO_INCREMENT)", "not both"},
        {"CREATE TABLE t (id BIGINT PRIMARY KEY); CREATE TABLE T (id BIGINT PRIMARY KEY)",
         "T is declared twice; first at app.sql:1:14"},
        {"CREATE TABLE t (id BIGINT PRIMARY KEY); CREATE COLLECTION t ()",
         "is a table and a collection"},
        {"CREATE INDEX i ON nowhere (x)", "there is no table or collection nowhere"},
        {"CREATE COLLECTION c () WITH (retain = 'long')", "expected a length of time"},
        {"CREATE COLLECTION c () WITH (retain = '0 days')", "expected a length of time"},
        {"CREATE COLLECTION c () WITH (retain = '90days')", "expected a length of time"},
        {"CREATE COLLECTION c () WITH (retain = '1 day')", "retain needs retain_by = 'FIELD'"},
        {"CREATE COLLECTION c () WITH (retain_count = 7)",
         "retain_count needs retain_by = 'FIELD'"},
        {"CREATE COLLECTION c (at DATETIME) WITH (retain_by = 'at')",
         "retain_by alone removes nothing"},
        {"CREATE COLLECTION c (at DATETIME) WITH (retain = '1 day', retain_by = 'when')",
         "retain_by names when, a field that collection c does not declare"},
        {"CREATE COLLECTION c (at DATETIME) WITH (retain = '1 day', retain_by = 'At')",
         "retain_by names At, a field"},
        {"CREATE COLLECTION c (at DATE) WITH (retain = '1 day', retain_by = 'at')",
         "app.sql:1:67: retain_by names at, which is DATE: only a DATETIME"},
        {"CREATE COLLECTION c (n INT) WITH (expire_by = 'n')", "expire_by names n, which is INT"},
        {"CREATE COLLECTION c () WITH (expire_by = '_id')", "expire_by names _id, a field"},
        {"CREATE COLLECTION c (at DATETIME) WITH (expire_by = at)", "the name of a field"},
        {"CREATE COLLECTION c (at DATETIME) WITH (retain = '1 day', retain_by = 'at', expire_by = "
         "'at')",
         "expire_by and retain_by both name at"},
        {"CREATE COLLECTION c (at DATETIME) WITH (retain_count = 0, retain_by = 'at')",
         "a number of documents"},
        {"CREATE COLLECTION c (at DATETIME) WITH (retain_count = -1, retain_by = 'at')",
         "a number of documents"},
        {"CREATE COLLECTION c (at DATETIME) WITH (expire_by = 'at', EXPIRE_BY = 'at')",
         "EXPIRE_BY is said twice"},
        {"CREATE COLLECTION c () WITH (before = 1)", "expected TRUE or FALSE"},
        {"CREATE COLLECTION c () WITH (before = 'TRUE')", "expected TRUE or FALSE"},
        {"CREATE COLLECTION c () WITH (before = TRUE, before = TRUE)", "before is said twice"},
        {"CREATE TABLE t (id INT PRIMARY KEY) WITH (before)", "'='"},
    };
    for (const auto& [text, said] : cases) EXPECT_THAT(syntax_error(text), HasSubstr(said)) << text;
    EXPECT_THAT(unsupported("CREATE TABLE a (id BIGINT PRIMARY KEY REFERENCES b);"
                            "CREATE TABLE b (id BIGINT PRIMARY KEY REFERENCES c);"
                            "CREATE TABLE c (id BIGINT PRIMARY KEY REFERENCES a);"),
                HasSubstr("a -> b -> c -> a"));
    EXPECT_THAT(
        unsupported("CREATE COLLECTION c (); CREATE TABLE t (id BIGINT PRIMARY KEY REFERENCES c)"),
        HasSubstr("c is a collection"));
    EXPECT_THAT(unsupported("CREATE TABLE p (id BIGINT PRIMARY KEY, n BIGINT UNIQUE);"
                            "CREATE TABLE t (id BIGINT PRIMARY KEY REFERENCES p (n))"),
                HasSubstr("other columns than the primary key"));
}

TEST(Parser, TakesADefaultOnlyAsItsColumnCouldStoreIt) {
    EXPECT_EQ(column_of("c SMALLINT DEFAULT -32768").default_value, Default{Value{-32768}});
    EXPECT_EQ(column_of("c BIGINT DEFAULT -9223372036854775808").default_value,
              Default{Value{INT64_MIN}});
    EXPECT_EQ(column_of("c BOOLEAN DEFAULT 1").default_value, Default{Value{true}});
    EXPECT_EQ(column_of("c DOUBLE DEFAULT 1e3").default_value, Default{Value{1000.0}});
    EXPECT_EQ(column_of("c FLOAT DEFAULT 0.1").default_value,
              Default{Value{static_cast<double>(0.1F)}});
    EXPECT_EQ(column_of("c BLOB DEFAULT X'00ff'").default_value,
              (Default{Value{Blob{std::string{"\0\xff", 2}}}}));
    EXPECT_EQ(column_of("c DATE DEFAULT '1970-01-02'").default_value, Default{Value{Date{1}}});
    EXPECT_EQ(column_of("c VARCHAR(2) DEFAULT '한국'").default_value, Default{Value{"한국"}});
    EXPECT_EQ(column_of("c INT DEFAULT NULL").default_value, Default{Value{}});
    for (const char* column :
         {"c SMALLINT DEFAULT 32768", "c INT DEFAULT 2147483648", "c INT DEFAULT 1.5",
          "c INT DEFAULT 'x'", "c BIGINT DEFAULT 9223372036854775808", "c BOOLEAN DEFAULT 2",
          "c VARCHAR(2) DEFAULT 'abc'", "c DECIMAL(5,2) DEFAULT 1000",
          "c DECIMAL(5,2) DEFAULT 0.005", "c ENUM('a') DEFAULT 'A'", "c FLOAT DEFAULT 1e39",
          "c DOUBLE DEFAULT 1e999", "c BLOB DEFAULT 'x'", "c TEXT DEFAULT 5",
          "c DATE DEFAULT '2026-02-30'", "c DATETIME DEFAULT 'now'",
          "c TIME DEFAULT '900:00:00'"}) {
        syntax_error(with_column(column));
    }
}

TEST(Parser, GivesEveryForeignKeyAnIndex) {
    const Definition schema = parse_schema(R"(
        CREATE TABLE child (
            id BIGINT PRIMARY KEY, a BIGINT REFERENCES p, b BIGINT REFERENCES p, c BIGINT REFERENCES p,
            UNIQUE INDEX both (b, a));
        CREATE INDEX by_c ON child (c, id);
        CREATE TABLE same (id BIGINT PRIMARY KEY REFERENCES p ON DELETE RESTRICT);
        CREATE TABLE p (id BIGINT PRIMARY KEY);
        CREATE COLLECTION logs (who BIGINT REFERENCES p ON DELETE NO ACTION);)",
                                           "app.sql");
    EXPECT_EQ(schema.tables.front().name, "p") << "parents come first";
    const Table& child = *schema.find_table("child");
    EXPECT_EQ(child.references[0].index, "fk_child_a");
    EXPECT_EQ(child.references[1].index, "both");
    EXPECT_EQ(child.references[2].index, "by_c");
    EXPECT_EQ(child.find_index("fk_child_a")->columns, std::vector<std::string>{"a"});
    EXPECT_EQ(schema.find_table("same")->references[0].index, "PRIMARY");
    EXPECT_TRUE(schema.find_table("same")->indexes.empty());
    EXPECT_EQ(schema.find_collection("logs")->references[0].index, "fk_logs_who");
}

TEST(Parser, LetsIfNotExistsGiveWayWhereverItStands) {
    const SchemaText guest{
        "CREATE TABLE IF NOT EXISTS u (id BIGINT PRIMARY KEY);"
        "CREATE TABLE m (id BIGINT PRIMARY KEY REFERENCES u);",
        "guest.sql"};
    const SchemaText host{"CREATE TABLE u (id BIGINT PRIMARY KEY, n INT);", "host.sql"};
    for (const auto& order : {std::vector{guest, host}, std::vector{host, guest}}) {
        const Definition schema = parse_schemas(order);
        EXPECT_EQ(schema.tables.size(), 2u);
        EXPECT_EQ(schema.find_table("u")->columns.size(), 2u);
        EXPECT_FALSE(schema.find_table("u")->if_not_exists);
    }
    const Definition alone = parse_schemas({&guest, 1});
    EXPECT_TRUE(alone.find_table("u")->if_not_exists);
    EXPECT_EQ(parse_schemas(std::vector{guest, SchemaText{"", "empty.sql"}}), alone);
}

TEST(Parser, RefersToStoredTables) {
    const Definition stored = parse_schema("CREATE TABLE u (id INT PRIMARY KEY);", "stored");
    const SchemaText good{"CREATE COLLECTION c (who INT REFERENCES u);", "app.sql"};
    const Definition schema = parse_schemas({&good, 1}, stored);
    EXPECT_TRUE(schema.tables.empty());
    EXPECT_EQ(schema.collections[0].references[0].parent, "u");
    EXPECT_THAT(refusal("CREATE COLLECTION c (who BIGINT REFERENCES u);", stored).message,
                HasSubstr("c.who is BIGINT, but u.id, to which it refers, is INT"));
}

TEST(Parser, ReadsCollections) {
    const Definition schema = parse_schema(R"(
        CREATE COLLECTION logs (
            At DATETIME NOT NULL DEFAULT NOW() ON UPDATE NOW(), any JSON, day DATE, kind ENUM ('a', 'b'), n DECIMAL(6,2) CHECK (n > 0),
            UNIQUE (kind, n)
        ) WITH (retain = '12 hours', retain_by = 'At');
        CREATE INDEX deep ON logs (context.device."os name", At ASC);
        CREATE COLLECTION free ();)",
                                           "app.sql");
    const Collection& logs = *schema.find_collection("LOGS");
    EXPECT_EQ(logs.retention.age_max, "12 hours");
    EXPECT_EQ(logs.retention.count_max, std::nullopt);
    EXPECT_EQ(logs.retention.by, "At");
    EXPECT_TRUE(logs.retention.expire_by.empty());
    EXPECT_FALSE(logs.keeps_before);
    EXPECT_NE(logs.find_field("At"), nullptr);
    EXPECT_EQ(logs.find_field("at"), nullptr) << "documents know the case of their fields";
    EXPECT_EQ(logs.find_index("deep")->columns,
              (std::vector<std::string>{"context.device.os name", "At"}));
    EXPECT_TRUE(logs.find_index("logs_by_kind_and_n")->unique);
    EXPECT_TRUE(schema.find_collection("free")->fields.empty());
}

/// The engine finds expired documents by an index: a declared one, if each document has one entry in
/// it, or one that is made.
TEST(Parser, GivesRetentionAnIndex) {
    const auto index_with = [](const std::string& indexes) {
        const Definition schema =
            parse_schema("CREATE COLLECTION c (at DATETIME, till DATETIME, kind TEXT, tags JSON" +
                             indexes + ") WITH (retain_count = 7, retain_by = 'at')",
                         "app.sql");
        const Collection& collection = *schema.find_collection("c");
        const std::string& name = collection.retention.by_index;
        EXPECT_EQ(collection.find_index(name)->columns.front(), "at");
        return name;
    };
    EXPECT_EQ(index_with(""), "retain_c_at");
    EXPECT_EQ(index_with(", INDEX own (at)"), "own");
    EXPECT_EQ(index_with(", INDEX own (at, kind)"), "own");
    EXPECT_EQ(index_with(", UNIQUE own (at, till)"), "own");
    EXPECT_EQ(index_with(", INDEX own (kind, at)"), "retain_c_at") << "does not begin with it";
    EXPECT_EQ(index_with(", INDEX own (at, tags)"), "retain_c_at") << "an array has many entries";
    EXPECT_EQ(index_with(", INDEX own (at, kind.x)"), "retain_c_at") << "not a declared field";
    EXPECT_EQ(index_with(", INDEX retain_c_at (kind)"), "retain_c_at_2");

    const Definition both = parse_schema(
        "CREATE COLLECTION c (at DATETIME, till DATETIME) WITH (retain = '1 day', "
        "retain_by = 'at', EXPIRE_BY = 'till')",
        "app.sql");
    EXPECT_EQ(both.collections[0].retention.by_index, "retain_c_at");
    EXPECT_EQ(both.collections[0].retention.expire_index, "expire_c_till");
    EXPECT_EQ(both.collections[0].indexes.size(), 2u);
}

TEST(Parser, BoundsWhatOneTableMayHave) {
    std::string columns = "c0 BIGINT PRIMARY KEY";
    for (int i = 1; i < 1000; ++i) columns += fmt::format(", c{} INT", i);
    EXPECT_EQ(parse_schema("CREATE TABLE t (" + columns + ")", "app.sql").tables[0].columns.size(),
              1000u);
    EXPECT_THAT(syntax_error("CREATE TABLE t (" + columns + ", more INT)"),
                HasSubstr("at most 1000"));

    std::string indexes;
    for (int i = 0; i < 65; ++i) indexes += fmt::format(", INDEX i{} (c)", i);
    EXPECT_THAT(syntax_error(with_column("c INT" + indexes)), HasSubstr("at most 64"));
    EXPECT_THAT(syntax_error(with_column("c INT CHECK (" + std::string(300, '(') + "c > 1" +
                                         std::string(300, ')') + ")")),
                HasSubstr("nested more than"));
    std::string chain = "c";
    for (int i = 0; i < 2000; ++i) chain += "+c";
    EXPECT_THAT(syntax_error(with_column("c INT CHECK (" + chain + " > 1)")),
                HasSubstr("operators"));
    EXPECT_THAT(syntax_error(fmt::format("CREATE TABLE {} (id BIGINT)", std::string(256, 'x'))),
                HasSubstr("at most 255 bytes"));
}

TEST(Parser, KeepsMadeNamesWithinTheBound) {
    const std::string name(250, 'n');
    const Definition schema = parse_schema(
        fmt::format(
            "CREATE TABLE {0} (id BIGINT PRIMARY KEY, a INT UNIQUE, b INT UNIQUE CHECK (b > 1),"
            "p BIGINT REFERENCES {0})",
            name),
        "app.sql");
    EXPECT_EQ(parse_schema(to_sql(schema), "again"), schema);
    EXPECT_NE(schema.tables[0].indexes[0].name, schema.tables[0].indexes[1].name);
}

}  // namespace
}  // namespace amphora::catalog
