#include "catalog/language/print.hpp"

#include "catalog/language/parser.hpp"
#include "catalog/schema_files.hpp"

#include <gtest/gtest.h>

// Printed text parses to the same definition: the catalog in the database depends on it.

namespace amphora::catalog {
namespace {

TEST(Print, ParsesBackToTheSameDefinition) {
    for (const std::string& name : schema_names()) {
        const Definition schema = parse_schema(schema_file(name), name);
        EXPECT_EQ(parse_schema(to_sql(schema), "printed"), schema) << to_sql(schema);
    }
    const Definition all = all_schemas();
    EXPECT_EQ(parse_schema(to_sql(all), "printed"), all);
}

TEST(Print, KeepsEverySpecialCase) {
    const Definition schema = parse_schema(R"sql(
        CREATE TABLE IF NOT EXISTS "select ""x""" (
            "table" VARCHAR(3) NOT NULL DEFAULT '''',
            `back``tick` DOUBLE DEFAULT -0.000125,
            big DOUBLE DEFAULT 1.7976931348623157e308,
            f FLOAT DEFAULT 0.1,
            "한국 이름" TEXT DEFAULT 'two
lines',
            d DECIMAL(38,38) DEFAULT 0.00000000000000000000000000000000000001,
            b BLOB DEFAULT X'',
            bb BLOB DEFAULT X'00FF27',
            e ENUM ('it''s', 'b,c', '한') DEFAULT '한',
            at DATETIME DEFAULT '2026-01-31 12:34:56.789012' ON UPDATE NOW(),
            day DATE DEFAULT '0000-01-01',
            t TIME DEFAULT '-838:59:59',
            yes BOOLEAN DEFAULT TRUE,
            no INT DEFAULT NULL,
            "if" INT,
            CHECK (big > 1 -- why
                AND f < 2 /* really */), -- the end
            CONSTRAINT "a check" CHECK (e IN ('b,c', '한') OR LENGTH("한국 이름") < 3),
            PRIMARY KEY ("table", day),
            UNIQUE INDEX "an index" (`back``tick`, "if")
        ) WITH (before = TRUE);
        CREATE COLLECTION `c c` (f BIGINT, "it's" DATETIME, till DATETIME, INDEX (f, "x y".z))
            WITH (before = TRUE, retain = '1 week', retain_by = 'it''s', expire_by = 'till',
                  retain_count = 1000);
        CREATE COLLECTION before () WITH (BEFORE = true);
    )sql",
                                           "app.sql");
    const std::string text = to_sql(schema);
    EXPECT_EQ(parse_schema(text, "printed"), schema) << text;
    EXPECT_EQ(to_sql(parse_schema(text, "printed")), text);
}

TEST(Print, QuotesOnlyWhatNeedsIt) {
    EXPECT_EQ(quoted("user_id"), "user_id");
    EXPECT_EQ(quoted("Order"), "Order");
    EXPECT_EQ(quoted("index"), "\"index\"");
    EXPECT_EQ(quoted("1st"), "\"1st\"");
    EXPECT_EQ(quoted("a\"b"), "\"a\"\"b\"");
}

}  // namespace
}  // namespace amphora::catalog
