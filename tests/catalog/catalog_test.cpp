#include "catalog/definition/catalog.hpp"

#include "catalog/evolution/evolution.hpp"
#include "catalog/evolution/stored_catalog.hpp"
#include "catalog/language/parser.hpp"
#include "catalog/schema_files.hpp"
#include "support/memory_writing.hpp"

#include <amphora/error.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fmt/format.h>

#include <chrono>
#include <set>

// Tables are found quickly by name. The catalog is the same after it was stored in the database and
// loaded.

namespace amphora::catalog {
namespace {

using testing::HasSubstr;

std::shared_ptr<const Catalog> stored(support::MemoryWriting& database, const Definition& wanted) {
    return apply_additive(database, *load(database), wanted).catalog;
}

TEST(Catalog, FindsByConstantsWithoutRegardToCase) {
    support::MemoryWriting database;
    const auto catalog = stored(database, all_schemas());
    for (const Table& table : catalog->definition().tables) {
        EXPECT_EQ(catalog->find(amphora::Table{table.name}), &table);
        std::string upper = table.name;
        for (char& letter : upper) letter = static_cast<char>(std::toupper(letter));
        EXPECT_EQ(&catalog->require(amphora::Table{upper}), &table);
        EXPECT_EQ(&catalog->definition().tables[catalog->place_of(table)], &table);
    }
    constexpr amphora::Collection logs{"activity_logs"};
    EXPECT_EQ(catalog->find(logs)->name, "activity_logs");
    EXPECT_EQ(catalog->find(amphora::Table{"activity_logs"}), nullptr);
    EXPECT_EQ(catalog->find(amphora::Table{"nowhere"}), nullptr);
    EXPECT_EQ(Catalog{}.find(amphora::Table{"users"}), nullptr);
    try {
        static_cast<void>(catalog->require(amphora::Table{"activity_logs"}));
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::no_such_table);
        EXPECT_THAT(error.what(), HasSubstr("it is a collection"));
    }
}

TEST(Catalog, TwoNamesWithOneHashAreStillTwo) {
    support::MemoryWriting database;
    const auto catalog = stored(database, all_schemas());
    amphora::Table impostor{"users"};
    impostor.name = "somebody_else";  // the hash of users under another name
    EXPECT_EQ(catalog->find(impostor), nullptr);
}

TEST(Catalog, KnowsWhoRefersToATable) {
    support::MemoryWriting database;
    const auto catalog = stored(database, all_schemas());
    std::set<std::string> children;
    for (const Child& child : catalog->children(catalog->require(amphora::Table{"users"}))) {
        children.insert(child.table != nullptr ? child.table->name : child.collection->name);
        EXPECT_EQ(child.reference->parent, "users");
    }
    EXPECT_EQ(children,
              (std::set<std::string>{"user_missions", "reviews", "inquiries", "alarms",
                                     "learning_metrics", "activity_logs", "ai_feedback"}));
}

TEST(Catalog, IsTheSameAfterItWentThroughTheDatabase) {
    for (const auto answers :
         {support::MemoryWriting::Answers::in_place, support::MemoryWriting::Answers::in_scratch}) {
        support::MemoryWriting database{answers};
        EXPECT_EQ(stored_version(database), 0u);
        const auto written = stored(database, all_schemas());
        const auto read = load(database);
        EXPECT_EQ(read->definition(), written->definition());
        EXPECT_EQ(read->version(), 1u);
        EXPECT_EQ(stored_version(database), 1u);
        EXPECT_EQ(read->next_space(), written->next_space());
    }
}

TEST(Catalog, GivesEverySpaceOnce) {
    support::MemoryWriting database;
    const auto catalog = stored(database, all_schemas());
    std::set<SpaceId> spaces;
    std::size_t count = 0;
    const auto take = [&](SpaceId space) {
        ++count;
        spaces.insert(space);
        EXPECT_GE(space, space_first_free);
        EXPECT_LT(space, catalog->next_space());
    };
    for (const Table& table : catalog->definition().tables) {
        take(table.space);
        EXPECT_EQ(table.counter != SpaceId{}, table.columns[0].auto_increment) << table.name;
        if (table.counter != SpaceId{}) take(table.counter);
        for (const Index& index : table.indexes) take(index.space);
    }
    for (const Collection& collection : catalog->definition().collections) {
        take(collection.space);
        for (const Index& index : collection.indexes) take(index.space);
    }
    EXPECT_EQ(spaces.size(), count);
}

// Entries of a dropped table are swept later; a new table must not find them.
TEST(Catalog, NeverGivesASpaceAgain) {
    support::MemoryWriting database;
    const auto before = stored(database, parse_schema("CREATE TABLE a (id BIGINT PRIMARY KEY);"
                                                      "CREATE TABLE last (id BIGINT PRIMARY KEY);",
                                                      "app.sql"));
    const SpaceId gone = before->definition().find_table("last")->space;
    const auto entries = database.contents(TreeId::relational);
    for (const auto& [key, value] : entries) {
        if (value.find("last") != std::string::npos) database.erase(TreeId::relational, key);
    }
    catalog::stored::Header header =
        catalog::stored::decode_header(entries.at(catalog::stored::header_key()));
    --header.entries;
    database.put(TreeId::relational, catalog::stored::header_key(),
                 catalog::stored::encode(header));
    ASSERT_EQ(load(database)->definition().find_table("last"), nullptr);
    const auto after =
        stored(database, parse_schema("CREATE TABLE fresh (id BIGINT PRIMARY KEY);", "app.sql"));
    EXPECT_GT(after->definition().find_table("fresh")->space, gone);
    EXPECT_EQ(after->version(), 2u);
}

TEST(Catalog, NamesDamage) {
    support::MemoryWriting sound;
    static_cast<void>(stored(sound, all_schemas()));
    auto entries = sound.contents(TreeId::relational);
    // `load` reads no past version.
    std::erase_if(entries, [](const auto& one) {
        return catalog::stored::changed_by(one.first).has_value();
    });
    const auto outcome = [&](const std::string& key, std::optional<std::string> value) {
        support::MemoryWriting damaged;
        for (const auto& [at, bytes] : entries) damaged.put(TreeId::relational, at, bytes);
        if (value) damaged.put(TreeId::relational, key, *value);
        if (!value) damaged.erase(TreeId::relational, key);
        try {
            static_cast<void>(load(damaged));
            return std::optional<ErrorCode>{};
        } catch (const Error& error) {
            return std::optional{error.code()};
        }
    };
    for (const auto& [key, value] : entries) {
        // Every value cut anywhere is damage; so is one stored under another's key.
        for (std::size_t length = 0; length < value.size(); length += 1 + value.size() / 23) {
            EXPECT_EQ(outcome(key, value.substr(0, length)), ErrorCode::corrupt);
        }
        EXPECT_EQ(outcome(key, value + "x"), ErrorCode::corrupt);
        std::string newer = value;
        newer[0] = static_cast<char>(value[0] + 1);
        EXPECT_EQ(outcome(key, newer), ErrorCode::newer_format);
        for (char older_format = 1; older_format < value[0]; ++older_format) {
            std::string older = value;
            older[0] = older_format;
            EXPECT_EQ(outcome(key, older), ErrorCode::unsupported);
        }
        EXPECT_EQ(outcome(key + "x", value), ErrorCode::corrupt);
    }
    // Without the header, or without any of the entries.
    for (const auto& [key, value] : entries) {
        EXPECT_EQ(outcome(key, std::nullopt), ErrorCode::corrupt);
    }
}

TEST(Catalog, NamesDamageOfAPastVersion) {
    support::MemoryWriting database;
    static_cast<void>(stored(database, all_schemas()));
    database.seen = Sequence{2};
    database.settle();
    static_cast<void>(
        stored(database, parse_schema("CREATE TABLE more (id INT PRIMARY KEY);", "more.sql")));
    const Buffer key = catalog::stored::past_key(Sequence{3});
    const Buffer value = database.contents(TreeId::relational).at(key);
    const auto outcome = [&](const Buffer& damaged) {
        database.put(TreeId::relational, key, damaged);
        try {
            static_cast<void>(encoded_version(database, Sequence{2}));
            return std::optional<ErrorCode>{};
        } catch (const Error& error) {
            return std::optional{error.code()};
        }
    };
    EXPECT_EQ(outcome(value), std::nullopt);
    for (std::size_t length = 0; length < value.size(); length += 1 + value.size() / 23) {
        EXPECT_EQ(outcome(value.substr(0, length)), ErrorCode::corrupt);
    }
    EXPECT_EQ(outcome(value + "x"), ErrorCode::corrupt);
    EXPECT_EQ(outcome(static_cast<char>(value[0] + 1) + value.substr(1)), ErrorCode::newer_format);
}

// Typed constants carry their hash; a look-up costs the same, however many tables there are.
TEST(Catalog, FindsQuickly) {
    std::string text;
    for (int i = 0; i < 500; ++i) text += fmt::format("CREATE TABLE t{} (id INT PRIMARY KEY);", i);
    support::MemoryWriting database;
    const auto catalog = stored(database, parse_schema(text, "app.sql"));
    constexpr amphora::Table wanted{"t250"};
    const auto start = std::chrono::steady_clock::now();
    std::size_t found = 0;
    constexpr int rounds = 1'000'000;
    for (int i = 0; i < rounds; ++i) found += catalog->find(wanted) != nullptr ? 1 : 0;
    const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - start;
    EXPECT_EQ(found, static_cast<std::size_t>(rounds));
    RecordProperty("ns_per_find", fmt::format("{:.1f}", took.count() / rounds));
}

}  // namespace
}  // namespace amphora::catalog
