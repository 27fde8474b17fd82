#include "catalog/system/system_schema.hpp"

#include "catalog/definition/catalog.hpp"
#include "catalog/evolution/evolution.hpp"
#include "catalog/language/parser.hpp"
#include "catalog/language/print.hpp"
#include "catalog/schema_files.hpp"
#include "support/memory_writing.hpp"

#include <amphora/error.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

// The engine keeps its own data in tables and collections of its own names. No schema can take such
// a name, and what a schema declares is the same with and without them.

namespace amphora::catalog {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

Definition with_system(Definition definition) {
    const Definition missing = missing_system_definition(definition);
    definition.tables.insert(definition.tables.end(), missing.tables.begin(), missing.tables.end());
    definition.collections.insert(definition.collections.end(), missing.collections.begin(),
                                  missing.collections.end());
    return definition;
}

TEST(SystemSchema, ASystemNameIsKnownByItsBeginning) {
    for (const char* const name : {"amphora.consumers", "Amphora.X", "AMPHORA.", "amphora..a"}) {
        EXPECT_TRUE(is_system_name(name)) << name;
    }
    for (const char* const name : {"", "amphora", "amphora_x", "amphoras", "amphorA", "xamphora.y",
                                   "amphorb.x", "users", "a.b", "1234567.x"}) {
        EXPECT_FALSE(is_system_name(name)) << name;
    }
}

TEST(SystemSchema, AllItsNamesAreSystemNames) {
    for (const Table& table : system_definition().tables) {
        EXPECT_TRUE(is_system_name(table.name)) << table.name;
        EXPECT_TRUE(table.references.empty()) << table.name;
    }
    for (const Collection& collection : system_definition().collections) {
        EXPECT_TRUE(is_system_name(collection.name)) << collection.name;
        EXPECT_TRUE(collection.references.empty()) << collection.name;
    }
    const Definition again =
        parse_schema(to_sql(system_definition()), "printed", SystemNames::allowed);
    EXPECT_EQ(again, system_definition());
}

/// In every place where a schema names a table or collection, and in every spelling. Before names
/// were reserved, a quoted one was accepted.
TEST(SystemSchema, AUsersSchemaCannotNameASystemTable) {
    const std::vector<std::string> texts{
        R"(CREATE TABLE "amphora.mine" (id INT PRIMARY KEY);)",
        R"(CREATE TABLE IF NOT EXISTS "amphora.consumers" (name VARCHAR(255) PRIMARY KEY);)",
        "CREATE TABLE `Amphora.Mine` (id INT PRIMARY KEY);",
        "CREATE TABLE amphora.mine (id INT PRIMARY KEY);",
        R"(CREATE COLLECTION "amphora.mine" ();)",
        "CREATE COLLECTION AMPHORA.mine ();",
        R"(CREATE INDEX more ON "amphora.consumers" (state);)",
        "CREATE INDEX more ON amphora.dead_letters (error);",
        R"(CREATE TABLE t (id VARCHAR(255) PRIMARY KEY REFERENCES "amphora.consumers");)",
        R"(CREATE TABLE t (id VARCHAR(255) PRIMARY KEY,
                           FOREIGN KEY (id) REFERENCES "amphora.consumers" (name));)",
        "CREATE TABLE t (id VARCHAR(255) PRIMARY KEY REFERENCES amphora.consumers);",
        R"(CREATE COLLECTION c (name VARCHAR(255) REFERENCES "amphora.consumers" (name));)"};
    for (const std::string& text : texts) {
        const SchemaText one{text, "app.sql"};
        try {
            static_cast<void>(parse_schemas({&one, 1}, system_definition()));
            ADD_FAILURE() << "accepted: " << text;
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), ErrorCode::schema_syntax) << text;
            EXPECT_THAT(error.what(), AllOf(HasSubstr("app.sql:"), HasSubstr("are reserved"),
                                            HasSubstr("use another name")));
        }
    }
    EXPECT_NO_THROW(static_cast<void>(
        parse_schema("CREATE TABLE amphora (\"amphora.x\" INT PRIMARY KEY);", "app.sql")));
}

/// A schema's spaces have the same numbers whether or not the engine adds to it, so databases of
/// both kinds have the same keys.
TEST(SystemSchema, ItsSpacesComeAfterThoseOfTheSchema) {
    support::MemoryWriting alone, together;
    const Definition schema = all_schemas();
    const auto without = apply_additive(alone, Catalog{}, schema).catalog;
    const auto with = apply_additive(together, Catalog{}, with_system(schema)).catalog;
    const Definition& definition = with->definition();
    for (const Table& table : without->definition().tables) {
        EXPECT_EQ(*definition.find_table(table.name), table);
    }
    for (const Collection& collection : without->definition().collections) {
        EXPECT_EQ(*definition.find_collection(collection.name), collection);
    }
    for (const Table& table : system_definition().tables) {
        EXPECT_GE(definition.find_table(table.name)->space, without->next_space());
    }
    EXPECT_EQ(load(together)->definition(), definition);
}

TEST(SystemSchema, NothingIsMissingOnceItIsThere) {
    support::MemoryWriting database;
    const auto catalog = apply_additive(database, Catalog{}, with_system(all_schemas())).catalog;
    EXPECT_EQ(missing_system_definition(catalog->definition()), Definition{});
    // Schemas that come later add to what is there, and the system tables stay as they are.
    const auto differences = difference(catalog->definition(), all_schemas());
    EXPECT_TRUE(differences.empty());
}

/// A later version adds columns and fields at the end. A database of an earlier version gets them; a
/// database of a later version keeps what it has more.
TEST(SystemSchema, OnlyWhatAnEarlierVersionLacksIsMissing) {
    Definition earlier = system_definition();
    earlier.tables[0].columns.pop_back();
    earlier.collections[0].fields.pop_back();
    const Definition missing = missing_system_definition(earlier);
    EXPECT_EQ(missing.tables.size(), 1u);
    EXPECT_EQ(missing.collections.size(), 1u);
    for (const Difference& one : difference(earlier, missing)) {
        EXPECT_EQ(one.kind, Difference::Kind::additive) << one.text;
    }

    Definition later = system_definition();
    later.tables[0].columns.push_back(later.tables[0].columns.back());
    later.tables[0].columns.back().name = "of_a_later_version";
    EXPECT_EQ(missing_system_definition(later), Definition{});
}

/// A user who mistypes the name of a table is not shown those of the engine.
TEST(SystemSchema, AMessageListsNamesOfTheSameKind) {
    support::MemoryWriting database;
    const auto catalog = apply_additive(database, Catalog{}, with_system(all_schemas())).catalog;
    const auto message = [&](const char* name) -> std::string {
        try {
            static_cast<void>(catalog->require(amphora::Table{name}));
        } catch (const Error& error) {
            return error.what();
        }
        return {};
    };
    EXPECT_THAT(message("usres"), AllOf(HasSubstr("users"), Not(HasSubstr("amphora."))));
    EXPECT_THAT(message("amphora.consumer"),
                AllOf(HasSubstr("amphora.consumers"), Not(HasSubstr("users"))));
}

}  // namespace
}  // namespace amphora::catalog
