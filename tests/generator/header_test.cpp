#include "coaching.hpp"
#include "learning.hpp"
#include "mission.hpp"
#include "odd.hpp"
#include "support/read_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <concepts>

// What the generator writes is checked by the compiler here, and by what the structs are when
// nobody says anything about them.

namespace {

using amphora::Cell;
using amphora::TableTraits;
using amphora::support::read_file;

template <class T>
using Maybe = std::optional<T>;

static_assert(std::same_as<decltype(mission::User::user_id), std::int64_t>);
static_assert(std::same_as<decltype(mission::User::email), std::string>);
static_assert(std::same_as<decltype(mission::User::point), Maybe<std::int32_t>>);
static_assert(std::same_as<decltype(mission::Store::longitude), amphora::Decimal>);
static_assert(std::same_as<decltype(mission::Store::store_score), float>);
static_assert(std::same_as<decltype(mission::Mission::period), amphora::Time>);
static_assert(std::same_as<decltype(mission::Mission::store_id), Maybe<std::int64_t>>);
static_assert(std::same_as<decltype(mission::Mission::status), mission::MissionStatus>);
static_assert(std::same_as<TableTraits<mission::Mission>::Key, std::tuple<std::int64_t>>);
static_assert(TableTraits<mission::Inquiry>::name == "inquiries");
static_assert(TableTraits<coaching::CoachingSchedule>::name == "coaching_schedule");
static_assert(TableTraits<coaching::Feedback>::name == "feedback");
static_assert(TableTraits<learning::LearningMetric>::name == "learning_metrics");
static_assert(std::same_as<decltype(mission::NewUser::email), amphora::Required<std::string>>);
static_assert(std::same_as<decltype(mission::NewUser::point), Maybe<std::int32_t>>);
static_assert(std::same_as<TableTraits<mission::User>::New, mission::NewUser>);
static_assert(
    std::same_as<std::remove_const_t<decltype(mission::idx_user_mission)>,
                 amphora::TypedUniqueIndex<mission::UserMission, std::int64_t, std::int64_t>>);
static_assert(mission::idx_user_mission.index.name == "idx_user_mission");
static_assert(std::same_as<std::remove_const_t<decltype(mission::stores_by_region)>,
                           amphora::TypedIndex<mission::Store, std::int64_t>>);
static_assert(mission::stores_by_region.index.name == "stores_by_region");
static_assert(std::same_as<std::remove_const_t<decltype(mission::users_by_email)>,
                           amphora::TypedUniqueIndex<mission::User, std::string_view>>);
static_assert(mission::activity_logs.name == "activity_logs");
static_assert(mission::users.table.name == "users");
static_assert(to_string(mission::UserMissionStatus::challenging) == "CHALLENGING");
static_assert(sizeof(mission::StoreType) == 1);
static_assert(static_cast<int>(coaching::MemberRole::mentee) == 1);

// What a new row must name, the compiler demands; a row as it is read needs nothing.
template <class Row>
concept NeedsNoEmail = requires {
    Row{.name = "Kim"};
};
static_assert(NeedsNoEmail<mission::User>);
static_assert(!NeedsNoEmail<mission::NewUser>);
template <class Given>
concept IsName = std::constructible_from<amphora::Required<std::string>, Given>;
static_assert(IsName<const char*> && IsName<std::string> && IsName<std::string_view>);
static_assert(!IsName<int> && !IsName<std::nullptr_t> && !IsName<std::optional<std::string>>);
template <class Given>
concept IsNumber = std::constructible_from<amphora::Required<std::int32_t>, Given>;
static_assert(IsNumber<int> && IsNumber<std::size_t> && !IsNumber<double> && !IsNumber<bool>);
// NULL is a value of a column that takes it.
template <class Given>
concept SetsPhone = requires(const Given& value) {
    amphora::set(&mission::User::phone_num, value);
};
static_assert(SetsPhone<std::nullopt_t> && SetsPhone<std::string> && SetsPhone<char[4]>);
static_assert(SetsPhone<Maybe<std::string>> && !SetsPhone<int>);

TEST(Header, AMemberThatNobodyNamedIsItsDefault) {
    const mission::NewUser user{.name = "Kim", .email = "kim@example.com"};
    EXPECT_EQ(user.user_id, amphora::auto_increment);
    EXPECT_EQ(user.name.value(), "Kim");
    EXPECT_EQ(user.is_phone_authorized, false);
    EXPECT_EQ(user.point, 0);
    EXPECT_EQ(user.created_at, amphora::now);
    EXPECT_EQ(user.updated_at, std::nullopt);
    EXPECT_EQ(user.phone_num, std::nullopt);
    const learning::NewLearningMetric metric{.user_id = 1};
    EXPECT_EQ(metric.progress_rate, amphora::Decimal{});
    EXPECT_EQ(metric.level, 1);
    const coaching::NewCoachingSchedule slot{
        .coach_id = 1, .starts_at = amphora::DateTime{}, .ends_at = amphora::DateTime{}};
    EXPECT_FALSE(slot.match_yn);
}

TEST(Header, ANumberThatTheColumnDoesNotHoldIsRefused) {
    try {
        const amphora::Required<std::int16_t> small = 70'000;
        FAIL() << small.value();
    } catch (const amphora::Error& error) {
        EXPECT_EQ(error.code(), amphora::ErrorCode::value_out_of_range);
        EXPECT_THAT(error.what(), testing::HasSubstr("70000"));
    }
    const amphora::Required<std::int16_t> smallest = -32'768;
    EXPECT_EQ(smallest.value(), -32'768);
}

TEST(Header, ColumnsStandInTheOrderOfTheTable) {
    const auto of_read = amphora::detail::to_cells(mission::UserMission{
        .mission_id = 7, .user_id = 8, .status = mission::UserMissionStatus::failed});
    const auto cells = amphora::detail::new_cells<mission::UserMission>(
        {.start_at = amphora::DateTime{},
         .mission_id = 7,
         .user_id = 8,
         .status = mission::UserMissionStatus::failed});
    ASSERT_EQ(cells.size(), 5u);
    for (std::size_t place = 0; place < cells.size(); ++place) {
        EXPECT_EQ(of_read[place].kind(), cells[place].kind()) << place;
    }
    EXPECT_EQ(cells[0].integer(), 0);
    EXPECT_EQ(cells[1].kind(), Cell::Kind::datetime);
    EXPECT_EQ(cells[2].integer(), 7);
    EXPECT_EQ(cells[3].integer(), 8);
    EXPECT_EQ(cells[4].kind(), Cell::Kind::enumeration);
    EXPECT_EQ(cells[4].integer(), 2);
    EXPECT_EQ(std::get<2>(TableTraits<mission::UserMission>::columns).name, "mission_id");
    EXPECT_EQ(amphora::detail::column_name(&mission::UserMission::user_id), "user_id");
}

TEST(Header, CarriesTheSchemasTextToTheByte) {
    const std::string folder = AMPHORA_SCHEMA_FOLDER;
    EXPECT_EQ(mission::schema.name, "mission");
    EXPECT_EQ(mission::schema.text, read_file(folder + "/mission.sql"));
    EXPECT_EQ(learning::schema.text, read_file(folder + "/learning.sql"));
    EXPECT_EQ(coaching::schema.text, read_file(folder + "/coaching.sql"));
    EXPECT_GT(test::odd::schema.text.size(), 16'384u);
    EXPECT_EQ(test::odd::schema.text, read_file(AMPHORA_ODD_SCHEMA));
}

// odd.sql: keywords, names that meet, names that C++ does not have, every type and default.
TEST(Header, SurvivesOddNamesAndEveryDefault) {
    using test::odd::Class;
    using test::odd::ClassState;
    const test::odd::NewClass_ row{.int_ = 1};
    EXPECT_EQ(row.class_, amphora::auto_increment);
    EXPECT_EQ(row.odd_name, -5);
    EXPECT_EQ(row.odd_name_, std::nullopt);
    EXPECT_EQ(row.odd_name_2, std::nullopt);
    EXPECT_EQ(row.n1st, true);
    EXPECT_FALSE(row.Class_2) << "Class_ is the struct of the table class";
    EXPECT_EQ(row.ClassState_, std::nullopt);
    EXPECT_EQ(row.amphora_, amphora::Date{-1});
    EXPECT_EQ(row.schema, amphora::Time{-1'000'000});
    EXPECT_EQ(row.to_string, amphora::parse_datetime("2026-01-31 12:34:56.789012"));
    EXPECT_EQ(row.moment, amphora::now);
    EXPECT_EQ(row.smallest, INT64_MIN);
    EXPECT_EQ(row.price, (amphora::Decimal{-15, 1}));
    EXPECT_EQ(row.huge, amphora::parse_decimal("123456789012345678901234567890.12"));
    EXPECT_EQ(row.half, 0.5F);
    EXPECT_EQ(row.third, 1e300);
    EXPECT_EQ(row.whole, 2.0F);
    EXPECT_EQ(row.raw, (amphora::Blob{std::string{"\0\xff\x27", 3}}));
    EXPECT_EQ(row.document, std::nullopt);
    EXPECT_EQ(row.state, ClassState::delete_);
    EXPECT_EQ(std::get<5>(TableTraits<Class>::columns).name, "한국");
    const auto& korean = row.*std::get<5>(TableTraits<Class>::new_members);
    EXPECT_EQ(korean, "with \"quotes\", \\ and\na line");
    EXPECT_EQ(to_string(ClassState::in_progress_), "in-progress");
    EXPECT_EQ(to_string(ClassState::n3rd), "3RD");
    EXPECT_EQ(TableTraits<test::odd::Class_>::name, "class");
    EXPECT_EQ(test::odd::class_.table.name, "class");
    EXPECT_EQ(test::odd::namespace_.name, "namespace");
    EXPECT_EQ(TableTraits<test::odd::UserStatus>::name, "user statuses");
    static_assert(std::same_as<TableTraits<test::odd::UserStatus>::Key, std::tuple<std::int64_t>>);
    EXPECT_EQ(test::odd::classes_by_price_and_moment_and_half.index.name,
              "classes_by_price_and_moment_and_half");
    EXPECT_EQ(test::odd::odd_index.index.name, "odd index");
    EXPECT_EQ(test::odd::NewNewClass{}.n, 0);
}

// Two underscores in a row are reserved, anywhere in a name.
TEST(Header, TakesNoNameOfTheCompilers) {
    EXPECT_THAT(read_file(AMPHORA_ODD_HEADER), testing::Not(testing::HasSubstr("__")));
}

}  // namespace
