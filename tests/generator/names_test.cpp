#include "schemagen/names.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace amphora::schemagen {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

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
    EXPECT_EQ(scope.take("a"), "a_2");
    EXPECT_EQ(scope.take("a_2"), "a_2_");
    EXPECT_EQ(scope.take("a"), "a_3");
    EXPECT_EQ(scope.take("class"), "class_");
    EXPECT_EQ(scope.take("std"), "std_");
}

TEST(Names, NoneIsOneOfTheCompilers) {
    Scope scope;
    for (const char* name : {"__init__", "_Bool", "a__b", "a_ _b", "A_", "_", "--", "class", "_9_9",
                             "한__국", "__한", "user__statuses"}) {
        for (const auto& made : {struct_name, pascal_case, enumerator_name, identifier}) {
            for (int time = 0; time < 4; ++time) {
                const std::string given = scope.take(made(name));
                EXPECT_THAT(given, Not(HasSubstr("__"))) << name;
                EXPECT_THAT(given, Not(StartsWith("_"))) << name;
            }
        }
    }
}

}  // namespace
}  // namespace amphora::schemagen
