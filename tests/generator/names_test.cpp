#include "schemagen/names.hpp"

#include <gtest/gtest.h>

namespace amphora::schemagen {
namespace {

TEST(Names, TablesBecomeOneOfThem) {
    const std::pair<const char*, const char*> tables[]{
        {"users", "User"},
        {"regions", "Region"},
        {"user_missions", "UserMission"},
        {"inquiries", "Inquiry"},
        {"review_images", "ReviewImage"},
        {"alarms", "Alarm"},
        {"coaching_schedule", "CoachingSchedule"},
        {"feedback", "Feedback"},
        {"learning_metrics", "LearningMetric"},
        {"USERS", "User"},
        {"addresses", "Address"},
        {"boxes", "Box"},
        {"batches", "Batch"},
        {"statuses", "Status"},
        {"status", "Status"},
        {"class", "Class"},
        {"analysis", "Analysis"},
        {"news", "News"},
        {"people", "Person"},
        {"houses", "House"},
        {"courses", "Course"},
        {"movies", "Movie"},
        {"ties", "Tie"},
        {"v1_2_rows", "V1_2Row"},
    };
    for (const auto& [table, name] : tables) EXPECT_EQ(struct_name(table), name) << table;
}

TEST(Names, MembersAreLowerSnakeCase) {
    EXPECT_EQ(enumerator_name("CHALLENGING"), "challenging");
    EXPECT_EQ(enumerator_name("In Progress!"), "in_progress");
    EXPECT_EQ(enumerator_name("3RD"), "n3rd");
    EXPECT_EQ(enumerator_name("--"), "unnamed");
    EXPECT_EQ(enumerator_name("한"), "ued959c");
}

TEST(Names, AScopeGivesEachNameOnce) {
    Scope scope;
    EXPECT_EQ(scope.take("a"), "a");
    EXPECT_EQ(scope.take("a"), "a_");
    EXPECT_EQ(scope.take("a"), "a__");
    EXPECT_EQ(scope.take("class"), "class_");
    EXPECT_EQ(scope.take("std"), "std_");
}

}  // namespace
}  // namespace amphora::schemagen
