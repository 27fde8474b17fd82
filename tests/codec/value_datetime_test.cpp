#include "random.hpp"
#include "support/code_of.hpp"

#include <amphora/error.hpp>
#include <amphora/types.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cmath>

namespace amphora {
namespace {

using ::testing::HasSubstr;

template <class Parse>
ErrorCode refusal(Parse parse, std::string_view text) {
    try {
        static_cast<void>(parse(text));
    } catch (const Error& error) {
        return error.code();
    }
    ADD_FAILURE() << text << " was taken";
    return ErrorCode::invalid_argument;
}

TEST(ValueDateTime, ReadsTheFormsInUse) {
    const DateTime expected{1769862896'789012};
    EXPECT_EQ(parse_datetime("2026-01-31 12:34:56.789012"), expected);
    EXPECT_EQ(parse_datetime("2026-01-31T12:34:56.789012Z"), expected);
    EXPECT_EQ(parse_datetime("2026-01-31t12:34:56.789012z"), expected);
    EXPECT_EQ(parse_datetime("2026-01-31 21:34:56.789012+09:00"), expected);
    EXPECT_EQ(parse_datetime("2026-01-31T21:34:56.789012+0900"), expected);
    EXPECT_EQ(parse_datetime("2026-01-31T21:34:56.789012+09"), expected);
    EXPECT_EQ(parse_datetime("2026-01-31T02:04:56.789012-10:30"), expected);
    EXPECT_EQ(parse_datetime("2026-01-31 12:34"), DateTime{1769862840'000000});
    EXPECT_EQ(parse_datetime("2026-01-31"), DateTime{1769817600'000000});
    EXPECT_EQ(parse_datetime("1970-01-01 00:00:00"), DateTime{0});
    EXPECT_EQ(parse_datetime("1969-12-31 23:59:59.999999"), DateTime{-1});
    // Seven digits and more, as other systems write them, are rounded.
    EXPECT_EQ(parse_datetime("2026-01-31 12:34:56.7890124"), expected);
    EXPECT_EQ(parse_datetime("2026-01-31 12:34:56.789011500"), expected);
    EXPECT_EQ(parse_datetime("2025-12-31 23:59:59.9999995"), parse_datetime("2026-01-01"));
}

TEST(ValueDateTime, RefusesWhatIsNoMomentOrNeverWas) {
    for (const char* text : {"",
                             "now",
                             "2026",
                             "2026-1-31",
                             "26-01-31",
                             "2026-01-31 ",
                             "2026-01-31 12",
                             "2026-01-31 1:02:03",
                             "2026-01-31 12:34:56.",
                             "2026-01-31 12:34:56 Z",
                             "2026-01-31 12:34:56+",
                             "2026-01-31 12:34:56+9",
                             "2026-01-31  12:34:56",
                             " 2026-01-31",
                             "2026/01/31",
                             "-2026-01-31",
                             "10000-01-01",
                             "2026-01-31 12:34:56ZZ",
                             "2026-01-31_12:34:56",
                             "2026-01-31Z"}) {
        EXPECT_EQ(refusal(parse_datetime, text), ErrorCode::type_mismatch) << text;
    }
    for (const char* text :
         {"2026-02-29", "2026-02-30 00:00:00", "1900-02-29", "2026-00-10", "2026-13-01",
          "2026-01-00", "2026-04-31", "2026-01-31 24:00:00", "2026-01-31 23:60:00",
          "2026-01-31 23:59:60", "2026-01-31 12:00:00+24:00", "0000-01-01 00:00:00+09:00",
          "9999-12-31 23:59:59-09:00", "9999-12-31 23:59:59.9999999"}) {
        EXPECT_EQ(refusal(parse_datetime, text), ErrorCode::value_out_of_range) << text;
    }
    EXPECT_NO_THROW(static_cast<void>(parse_date("2000-02-29")));
    EXPECT_NO_THROW(static_cast<void>(parse_date("2024-02-29")));
    try {
        static_cast<void>(parse_date("2026-02-30"));
    } catch (const Error& error) {
        EXPECT_THAT(error.what(),
                    HasSubstr("\"2026-02-30\": there is no such day, month 2 of 2026 has 28"));
    }
}

/// Every day of ten thousand years, counted by the standard library's calendar.
TEST(ValueDateTime, AgreesWithTheCalendarOnEveryDay) {
    using std::chrono::sys_days;
    using std::chrono::year_month_day;
    const sys_days first{std::chrono::January / 1 / 0};
    const sys_days last{std::chrono::December / 31 / 9999};
    EXPECT_EQ(parse_date("0000-01-01").days, first.time_since_epoch().count());
    EXPECT_EQ(parse_date("9999-12-31").days, last.time_since_epoch().count());
    for (sys_days day = first; day <= last; day += std::chrono::days{17}) {
        const year_month_day civil{day};
        char text[32];
        std::snprintf(text, sizeof text, "%04d-%02u-%02u", static_cast<int>(civil.year()),
                      static_cast<unsigned>(civil.month()), static_cast<unsigned>(civil.day()));
        const Date date{static_cast<std::int32_t>(day.time_since_epoch().count())};
        ASSERT_EQ(to_string(date), text);
        ASSERT_EQ(parse_date(text), date);
    }
}

TEST(ValueDateTime, PrintsWhatParsesBackAndNoMore) {
    EXPECT_EQ(to_string(parse_datetime("2026-01-31")), "2026-01-31 00:00:00");
    EXPECT_EQ(to_string(parse_datetime("2026-01-31 12:34:56.780000")), "2026-01-31 12:34:56.78");
    EXPECT_EQ(to_string(DateTime{-1}), "1969-12-31 23:59:59.999999");
    EXPECT_EQ(to_string(DateTime{1}), "1970-01-01 00:00:00.000001");
    EXPECT_EQ(to_string(now), "NOW()");
    codec::Random random;
    const std::int64_t first = parse_datetime("0000-01-01").microseconds;
    const std::int64_t last = parse_datetime("9999-12-31 23:59:59.999999").microseconds;
    for (codec::Rounds rounds{100}; rounds.next();) {
        DateTime moment{random.between(first, last)};
        if (random.one_in(2)) moment.microseconds -= moment.microseconds % 1000;
        ASSERT_EQ(parse_datetime(to_string(moment)), moment) << to_string(moment);
    }
    // Out of range, but printing it must not fail.
    EXPECT_FALSE(to_string(DateTime{INT64_MAX}).empty());
    EXPECT_FALSE(to_string(Date{INT32_MIN}).empty());
}

TEST(ValueTime, ReadsAndPrintsLengths) {
    EXPECT_EQ(parse_time("72:00:00").microseconds, 72 * 3600'000'000LL);
    EXPECT_EQ(parse_time("-00:00:00.5").microseconds, -500'000);
    EXPECT_EQ(parse_time("1:02").microseconds, 3720'000'000);
    EXPECT_EQ(to_string(parse_time("1:02")), "01:02:00");
    EXPECT_EQ(to_string(Time{-1}), "-00:00:00.000001");
    EXPECT_EQ(to_string(parse_time("-838:59:59")), "-838:59:59");
    for (const char* text : {"", "12", "12:3", "1:2:3", "12:34:56x", "+1:00", "12:34:56."}) {
        EXPECT_EQ(refusal(parse_time, text), ErrorCode::type_mismatch) << text;
    }
    for (const char* text :
         {"839:00:00", "838:59:59.000001", "00:60:00", "00:00:60", "-839:00:00"}) {
        EXPECT_EQ(refusal(parse_time, text), ErrorCode::value_out_of_range) << text;
    }
    EXPECT_FALSE(to_string(Time{INT64_MIN}).empty());
}

/// Time points, days and durations of the standard library, with any unit.
TEST(ValueDateTime, ComesFromTheStandardLibraryAndGoesBack) {
    using namespace std::chrono;
    EXPECT_EQ(DateTime{sys_days{year{2026} / 1 / 31}}, parse_datetime("2026-01-31"));
    EXPECT_EQ(DateTime{sys_time<nanoseconds>{nanoseconds{-1}}}, DateTime{-1}) << "rounded down";
    EXPECT_EQ(DateTime{sys_time<nanoseconds>{nanoseconds{1'999}}}, DateTime{1});
    EXPECT_EQ(parse_datetime("9999-12-31 23:59:59.999999").to_chrono().time_since_epoch().count(),
              253'402'300'799'999'999);
    EXPECT_EQ(DateTime{parse_datetime("9999-12-31 23:59:59.999999").to_chrono()},
              parse_datetime("9999-12-31 23:59:59.999999"));
    EXPECT_EQ(DateTime{parse_datetime("0000-01-01").to_chrono()}, parse_datetime("0000-01-01"));
    const DateTime before{system_clock::now()};
    const DateTime after{system_clock::now()};
    EXPECT_LE(before, after);
    EXPECT_LE(sys_time<microseconds>{after.to_chrono()}, system_clock::now());

    EXPECT_EQ(Date{year{2024} / 2 / 29}, parse_date("2024-02-29"));
    EXPECT_EQ(parse_date("1969-12-31").to_chrono(), sys_days{year{1969} / 12 / 31});
    EXPECT_EQ(Time{hours{-72}}, parse_time("-72:00:00"));
    EXPECT_EQ(Time{nanoseconds{-1}}, Time{-1}) << "rounded down";
    EXPECT_EQ(Time{duration<double>{1.5}}, parse_time("00:00:01.5"));
    EXPECT_EQ(parse_time("838:59:59").to_chrono(), 838h + 59min + 59s);
    EXPECT_EQ(Time{838h + 59min + 59s}, parse_time("838:59:59"));
}

TEST(ValueDateTime, RefusesWhatTheStandardLibraryHasAndTheTypeHasNot) {
    using namespace std::chrono;
    const auto out_of_range = [](const auto& make) {
        return support::code_of(make) == ErrorCode::value_out_of_range;
    };
    EXPECT_TRUE(out_of_range([] { return DateTime{sys_days{year{10'000} / 1 / 1}}; }));
    EXPECT_TRUE(out_of_range([] { return DateTime{sys_days{year{-1} / 12 / 31}}; }));
    EXPECT_TRUE(out_of_range([] { return DateTime{sys_time<hours>{hours::max()}}; }));
    EXPECT_TRUE(out_of_range([] { return Date{year{2026} / 2 / 29}; }));
    EXPECT_TRUE(out_of_range([] { return Time{838h + 59min + 59s + 1us}; }));
    EXPECT_TRUE(out_of_range([] { return Time{-839h}; }));
    EXPECT_TRUE(out_of_range([] { return Time{duration<double>{NAN}}; }));
    EXPECT_EQ(support::code_of([] { return DateTime{now}.to_chrono(); }),
              ErrorCode::invalid_argument);
}

}  // namespace
}  // namespace amphora
