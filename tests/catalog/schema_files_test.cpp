#include "catalog/schema_files.hpp"

#include "catalog/language/parser.hpp"
#include "catalog/language/print.hpp"
#include "catalog/language/retain.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

// The project's three schemas: each alone, all together, and every foreign key with an index that
// is declared in the file and not generated.

namespace amphora::catalog {
namespace {

using testing::ElementsAre;

std::vector<std::string> table_names(const Definition& schema) {
    std::vector<std::string> names;
    for (const Table& table : schema.tables) names.push_back(table.name);
    return names;
}

TEST(SchemaFiles, DeclareTheirTables) {
    const Definition mission = parse_schema(schema_file("mission.sql"), "mission.sql");
    EXPECT_THAT(table_names(mission),
                ElementsAre("regions", "stores", "users", "missions", "user_missions", "reviews",
                            "review_images", "inquiries", "inquiry_images", "alarms"));
    const Collection& logs = mission.collections.at(0);
    EXPECT_EQ(logs.name, "activity_logs");
    EXPECT_EQ(retain_period(logs.retention.age_max.value()), std::chrono::hours{24 * 90});
    EXPECT_EQ(logs.retention.by, "at");
    EXPECT_EQ(logs.retention.by_index, "activity_by_time");
    EXPECT_EQ(logs.references.at(0).index, "activity_by_user");
    EXPECT_EQ(logs.references.at(0).on_delete, OnDelete::cascade);

    const Definition learning = parse_schema(schema_file("learning.sql"), "learning.sql");
    EXPECT_THAT(table_names(learning), ElementsAre("users", "learning_metrics"));
    const Definition coaching = parse_schema(schema_file("coaching.sql"), "coaching.sql");
    EXPECT_THAT(table_names(coaching),
                ElementsAre("members", "coaching_schedule", "mentee_schedule", "cancel_request",
                            "feedback"));
    EXPECT_EQ(all_schemas().tables.size(), 16u);
}

TEST(SchemaFiles, ATakenMissionIsTakenOnce) {
    const Definition mission = parse_schema(schema_file("mission.sql"), "mission.sql");
    const Index* index = mission.find_table("user_missions")->find_index("idx_user_mission");
    ASSERT_NE(index, nullptr);
    EXPECT_TRUE(index->unique);
    EXPECT_THAT(index->columns, ElementsAre("user_id", "mission_id"));
}

TEST(SchemaFiles, DeclareAnIndexForEveryForeignKey) {
    const Definition all = all_schemas();
    const auto require_declared = [](const auto& owner) {
        for (const Reference& reference : owner.references) {
            EXPECT_FALSE(reference.index.empty());
            EXPECT_FALSE(reference.index.starts_with("fk_")) << owner.name << " " << reference.name;
        }
    };
    for (const Table& table : all.tables) require_declared(table);
    for (const Collection& collection : all.collections) require_declared(collection);
}

TEST(SchemaFiles, SayTheColumnsOfUsers) {
    const Definition mission = parse_schema(schema_file("mission.sql"), "mission.sql");
    std::vector<std::string> columns;
    for (const Column& column : mission.find_table("users")->columns) {
        columns.push_back(to_sql(column));
    }
    EXPECT_THAT(
        columns,
        ElementsAre("user_id BIGINT NOT NULL AUTO_INCREMENT", "name VARCHAR(50) NOT NULL",
                    "email VARCHAR(100) NOT NULL", "phone_num VARCHAR(20)",
                    "is_phone_authorized BOOLEAN DEFAULT FALSE", "point INT DEFAULT 0",
                    "created_at DATETIME DEFAULT NOW()", "updated_at DATETIME ON UPDATE NOW()"));
}

TEST(Retain, IsALengthOfTime) {
    using namespace std::chrono_literals;
    EXPECT_EQ(retain_period("90 days"), 24h * 90);
    EXPECT_EQ(retain_period("1 DAY"), 24h);
    EXPECT_EQ(retain_period("12  hours"), 12h);
    EXPECT_EQ(retain_period("30 minutes"), 30min);
    EXPECT_EQ(retain_period("2 weeks"), 24h * 14);
    EXPECT_EQ(retain_period("45 seconds"), 45s);
    for (const char* text :
         {"", "days", "90", "90days", "-1 days", "0 days", "1.5 days", "90 days ago", " 90 days",
          "99999999999999999999 days", "9999999999999 weeks", "90 "}) {
        EXPECT_EQ(retain_period(text), std::nullopt) << text;
    }
}

}  // namespace
}  // namespace amphora::catalog
