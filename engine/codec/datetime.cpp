// Moments, days and lengths of time as text, in the proleptic Gregorian calendar.
//
// The conversions between days and dates are those of Howard Hinnant, "chrono-Compatible Low-Level
// Date Algorithms": years begin in March, so the leap day is the last of its year.
#include "codec/utf8.hpp"

#include <amphora/error.hpp>
#include <amphora/types.hpp>

#include <fmt/format.h>

#include <optional>

namespace amphora {

namespace {

constexpr std::int64_t second_us = 1'000'000;
constexpr std::int64_t minute_us = 60 * second_us;
constexpr std::int64_t hour_us = 60 * minute_us;
constexpr std::int64_t day_us = 24 * hour_us;

constexpr std::int64_t days_from_civil(std::int64_t year, int month, int day) noexcept {
    year -= month <= 2 ? 1 : 0;
    const std::int64_t era = (year >= 0 ? year : year - 399) / 400;
    const std::int64_t year_of_era = year - era * 400;
    const std::int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    const std::int64_t day_of_era =
        year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146'097 + day_of_era - 719'468;
}

struct Civil {
    std::int64_t year;
    int month, day;
};

constexpr Civil civil_from_days(std::int64_t days) noexcept {
    days += 719'468;
    const std::int64_t era = (days >= 0 ? days : days - 146'096) / 146'097;
    const std::int64_t day_of_era = days - era * 146'097;
    const std::int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
    const std::int64_t day_of_year =
        day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const std::int64_t month = (5 * day_of_year + 2) / 153;
    const int day = static_cast<int>(day_of_year - (153 * month + 2) / 5 + 1);
    const int civil_month = static_cast<int>(month < 10 ? month + 3 : month - 9);
    return {year_of_era + era * 400 + (civil_month <= 2 ? 1 : 0), civil_month, day};
}

constexpr std::int64_t first_moment_us = days_from_civil(0, 1, 1) * day_us;
constexpr std::int64_t last_moment_us = days_from_civil(10'000, 1, 1) * day_us - 1;
constexpr std::int64_t longest_time_us = detail::time_range.last;

constexpr int days_in_month(std::int64_t year, int month) noexcept {
    constexpr int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month == 2 && leap ? 29 : days[month - 1];
}

// Reads a text front to back, and throws an error that says what was expected.
class Text {
  public:
    Text(std::string_view text, std::string_view expected)
        : whole_{text}, rest_{text}, expected_{expected} {}

    [[nodiscard]] bool at_end() const { return rest_.empty(); }
    [[nodiscard]] bool at_digit() const {
        return !rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9';
    }
    bool accept(char wanted) {
        if (rest_.empty() || rest_.front() != wanted) return false;
        rest_.remove_prefix(1);
        return true;
    }
    void expect(char wanted) {
        if (!accept(wanted)) mismatch();
    }
    int digits(int least, int most) {
        int value = 0;
        int count = 0;
        for (; count < most && at_digit(); ++count, rest_.remove_prefix(1)) {
            value = value * 10 + (rest_.front() - '0');
        }
        if (count < least) mismatch();
        return value;
    }
    // The digits after a point, as microseconds; more than six are rounded.
    int fraction() {
        if (!at_digit()) mismatch();
        int value = 0;
        int count = 0;
        bool up = false;
        for (; at_digit(); ++count, rest_.remove_prefix(1)) {
            const int digit = rest_.front() - '0';
            if (count < 6) value = value * 10 + digit;
            if (count == 6) up = digit >= 5;
        }
        for (; count < 6; ++count) value *= 10;
        return value + (up ? 1 : 0);
    }
    [[noreturn]] void mismatch() const {
        throw Error{ErrorCode::type_mismatch, fmt::format("\"{}\" is not {}", shown(), expected_)};
    }
    [[noreturn]] void out_of_range(std::string_view why) const {
        throw Error{ErrorCode::value_out_of_range, fmt::format("\"{}\": {}", shown(), why)};
    }
    void require_end() const {
        if (!at_end()) mismatch();
    }

  private:
    [[nodiscard]] std::string_view shown() const { return codec::first_bytes(whole_, 64); }

    std::string_view whole_, rest_, expected_;
};

std::int64_t take_days(Text& text) {
    const int year = text.digits(4, 4);
    text.expect('-');
    const int month = text.digits(2, 2);
    text.expect('-');
    const int day = text.digits(2, 2);
    if (month < 1 || month > 12) text.out_of_range("there is no such month");
    if (day < 1 || day > days_in_month(year, month)) {
        text.out_of_range(fmt::format("there is no such day, month {} of {} has {}", month, year,
                                      days_in_month(year, month)));
    }
    return days_from_civil(year, month, day);
}

// ":mm[:ss[.ffffff]]"
std::int64_t take_minutes(Text& text) {
    text.expect(':');
    const int minutes = text.digits(2, 2);
    int seconds = 0;
    int microseconds = 0;
    if (text.accept(':')) {
        seconds = text.digits(2, 2);
        if (text.accept('.')) microseconds = text.fraction();
    }
    if (minutes > 59) text.out_of_range("there are 60 minutes in an hour");
    if (seconds > 59) text.out_of_range("there are 60 seconds in a minute");
    return minutes * minute_us + seconds * second_us + microseconds;
}

// "Z", "+09:00", "+0900", "+09" or nothing.
std::int64_t take_offset(Text& text) {
    if (text.accept('Z') || text.accept('z') || text.at_end()) return 0;
    const bool west = text.accept('-');
    if (!west) text.expect('+');
    const int hours = text.digits(2, 2);
    text.accept(':');
    const int minutes = text.at_end() ? 0 : text.digits(2, 2);
    if (hours > 23 || minutes > 59) text.out_of_range("there is no such offset from UTC");
    const std::int64_t offset = hours * hour_us + minutes * minute_us;
    return west ? -offset : offset;
}

std::string fraction_text(std::int64_t microseconds) {
    if (microseconds == 0) return {};
    std::string text = fmt::format(".{:06}", microseconds);
    text.erase(text.find_last_not_of('0') + 1);
    return text;
}

std::string day_text(std::int64_t days) {
    const Civil civil = civil_from_days(days);
    return fmt::format("{:04}-{:02}-{:02}", civil.year, civil.month, civil.day);
}

}  // namespace

void detail::refuse_length(double seconds) {
    throw Error{
        ErrorCode::value_out_of_range,
        fmt::format("{} seconds are beyond what the type holds: a DATETIME lies in the years "
                    "0000 to 9999, a TIME within 838:59:59",
                    seconds)};
}

void detail::refuse_now() {
    throw Error{ErrorCode::invalid_argument,
                "amphora::now is no moment before its transaction; take the value that was stored"};
}

std::chrono::sys_days detail::refuse_day() {
    throw Error{ErrorCode::value_out_of_range,
                "the calendar has no such day; give one of its month"};
}

DateTime parse_datetime(std::string_view text) {
    Text cursor{text,
                "a moment; expected YYYY-MM-DD hh:mm:ss[.ffffff], with T, Z or +hh:mm if you like"};
    std::int64_t moment = take_days(cursor) * day_us;
    if (!cursor.at_end()) {
        if (!cursor.accept(' ') && !cursor.accept('T')) cursor.expect('t');
        const int hours = cursor.digits(2, 2);
        if (hours > 23) cursor.out_of_range("there are 24 hours in a day");
        moment += hours * hour_us + take_minutes(cursor);
        moment -= take_offset(cursor);
    }
    cursor.require_end();
    if (moment < first_moment_us || moment > last_moment_us) {
        cursor.out_of_range("a DATETIME is within the years 0000 to 9999, in UTC");
    }
    return DateTime{moment};
}

Date parse_date(std::string_view text) {
    Text cursor{text, "a day; expected YYYY-MM-DD"};
    const std::int64_t days = take_days(cursor);
    cursor.require_end();
    return Date{static_cast<std::int32_t>(days)};
}

Time parse_time(std::string_view text) {
    Text cursor{text, "a time; expected [-]hh:mm[:ss[.ffffff]]"};
    const bool negative = cursor.accept('-');
    const std::int64_t hours = cursor.digits(1, 4);
    const std::int64_t length = hours * hour_us + take_minutes(cursor);
    cursor.require_end();
    if (length > longest_time_us) cursor.out_of_range("a TIME is between -838:59:59 and 838:59:59");
    return Time{negative ? -length : length};
}

std::string to_string(DateTime moment) {
    if (moment.is_now) return "NOW()";
    std::int64_t days = moment.microseconds / day_us;
    std::int64_t rest = moment.microseconds % day_us;
    if (rest < 0) {
        rest += day_us;
        --days;
    }
    return fmt::format("{} {:02}:{:02}:{:02}{}", day_text(days), rest / hour_us,
                       rest / minute_us % 60, rest / second_us % 60,
                       fraction_text(rest % second_us));
}

std::string to_string(Date day) {
    return day_text(day.days);
}

std::string to_string(Time time) {
    const auto length = time.microseconds < 0 ? 0 - static_cast<std::uint64_t>(time.microseconds)
                                              : static_cast<std::uint64_t>(time.microseconds);
    return fmt::format("{}{:02}:{:02}:{:02}{}", time.microseconds < 0 ? "-" : "", length / hour_us,
                       length / minute_us % 60, length / second_us % 60,
                       fraction_text(static_cast<std::int64_t>(length % second_us)));
}

}  // namespace amphora
