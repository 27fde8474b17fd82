#pragma once

#include <chrono>
#include <compare>
#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

namespace amphora {
namespace detail {

/// Whether `T` is a character type, which C++ would convert to a number.
template <class T>
inline constexpr bool is_character =
    std::is_same_v<T, char> || std::is_same_v<T, wchar_t> || std::is_same_v<T, char8_t> ||
    std::is_same_v<T, char16_t> || std::is_same_v<T, char32_t>;

/// In microseconds, both ends included.
struct TimeRange {
    std::int64_t first;
    std::int64_t last;
};
inline constexpr TimeRange datetime_range{-62'167'219'200'000'000, 253'402'300'799'999'999};
inline constexpr TimeRange time_range{-3'020'399'000'000, 3'020'399'000'000};

[[noreturn]] void refuse_length(double seconds);
[[noreturn]] void refuse_now();
[[noreturn]] std::chrono::sys_days refuse_day();

template <class Rep, class Period>
[[nodiscard]] constexpr std::int64_t floor_microseconds(std::chrono::duration<Rep, Period> length,
                                                        const TimeRange& range) {
    // First as a `double`, because the number of microseconds could overflow.
    const double seconds = std::chrono::duration<double>{length}.count();
    if (!(seconds > -1e12 && seconds < 1e12)) refuse_length(seconds);
    const std::int64_t us = std::chrono::floor<std::chrono::microseconds>(length).count();
    if (us < range.first || us > range.last) refuse_length(seconds);
    return us;
}

}  // namespace detail

/// A moment: microseconds since 1970-01-01T00:00:00Z. Text form "2026-01-31 12:34:56.789012".
/// Range: years 0000 to 9999.
///
///   DateTime start = std::chrono::system_clock::now();
///   DateTime noon = std::chrono::sys_days{2026y / 1 / 31} + 12h;
///   std::chrono::sys_time<std::chrono::microseconds> again = noon.to_chrono();
///
/// A `DateTime` made from `now` is not a moment: the engine replaces it by the moment of the
/// transaction. No number of microseconds has this meaning, so a computed moment is never mistaken
/// for it.
struct DateTime {
    std::int64_t microseconds = 0;
    bool is_now = false;  ///< set only by `now`; `microseconds` is 0 then and means nothing

    constexpr DateTime() noexcept = default;
    explicit constexpr DateTime(std::int64_t microseconds_since_1970) noexcept
        : microseconds{microseconds_since_1970} {}
    /// Rounds down to the microsecond. Throws `value_out_of_range` outside of the years 0000 to
    /// 9999.
    template <class Duration>
    constexpr DateTime(std::chrono::sys_time<Duration> moment)  // NOLINT(*-explicit-*)
        : microseconds{
              detail::floor_microseconds(moment.time_since_epoch(), detail::datetime_range)} {}

    /// Throws `invalid_argument` for `now`, which is no moment yet.
    [[nodiscard]] constexpr std::chrono::sys_time<std::chrono::microseconds> to_chrono() const {
        if (is_now) detail::refuse_now();
        return std::chrono::sys_time<std::chrono::microseconds>{
            std::chrono::microseconds{microseconds}};
    }

    auto operator<=>(const DateTime&) const = default;
};

/// A day of the proleptic Gregorian calendar: days since 1970-01-01. Text form "2026-01-31".
struct Date {
    std::int32_t days = 0;

    constexpr Date() noexcept = default;
    explicit constexpr Date(std::int32_t days_since_1970) noexcept : days{days_since_1970} {}
    constexpr Date(std::chrono::sys_days day) noexcept  // NOLINT(*-explicit-*)
        : days{static_cast<std::int32_t>(day.time_since_epoch().count())} {}
    /// Throws `value_out_of_range` for a day that no month has, such as the 31st of April.
    constexpr Date(std::chrono::year_month_day day)  // NOLINT(*-explicit-*)
        : Date{day.ok() ? std::chrono::sys_days{day} : detail::refuse_day()} {}

    [[nodiscard]] constexpr std::chrono::sys_days to_chrono() const noexcept {
        return std::chrono::sys_days{std::chrono::days{days}};
    }

    auto operator<=>(const Date&) const = default;
};

/// A length of time or a time of day: microseconds, within ±838:59:59 as in MySQL. Text form
/// "12:34:56" or "72:00:00".
struct Time {
    std::int64_t microseconds = 0;

    constexpr Time() noexcept = default;
    explicit constexpr Time(std::int64_t length_microseconds) noexcept
        : microseconds{length_microseconds} {}
    /// Rounds down to the microsecond. Throws `value_out_of_range` beyond ±838:59:59.
    template <class Rep, class Period>
    constexpr Time(std::chrono::duration<Rep, Period> length)  // NOLINT(*-explicit-*)
        : microseconds{detail::floor_microseconds(length, detail::time_range)} {}

    [[nodiscard]] constexpr std::chrono::microseconds to_chrono() const noexcept {
        return std::chrono::microseconds{microseconds};
    }

    auto operator<=>(const Time&) const = default;
};

/// Stands for the moment of the transaction, wherever a DATETIME or a document's date is written:
/// the engine puts the time of its clock in its place. It is the initial value of a generated
/// member with DEFAULT NOW(). A condition on a column refuses it with `invalid_argument`.
struct Now {
    constexpr operator DateTime() const noexcept {  // NOLINT(*-explicit-*)
        DateTime stands_for_now;
        stands_for_now.is_now = true;
        return stands_for_now;
    }
};
inline constexpr Now now;

/// As the value of an AUTO_INCREMENT column: the engine chooses the next one.
inline constexpr std::int64_t auto_increment = 0;

__extension__ typedef __int128 Int128;  // NOLINT: the only spelling that -Wpedantic accepts

/// A decimal number: units * 10^-scale, at most 38 digits. Equality and order are by value: 1.5
/// equals 1.50.
///
///   Decimal price{"12.50"};
///   Decimal same{1250, 2};
///   Decimal whole = 12;
struct Decimal {
    Int128 units = 0;
    std::uint8_t scale = 0;

    constexpr Decimal() noexcept = default;
    constexpr Decimal(Int128 units_given, std::uint8_t scale_given) noexcept
        : units{units_given}, scale{scale_given} {}
    /// A whole number, of any type but `bool` and the types of characters.
    template <std::integral I>
    requires(!std::same_as<I, bool> &&
             !detail::is_character<I>) constexpr Decimal(I number) noexcept  // NOLINT(*-explicit-*)
        : units{number} {}
    /// As `parse_decimal`: throws `type_mismatch` and `value_out_of_range`.
    explicit Decimal(std::string_view text);
    /// The decimal with the fewest digits that the number is the nearest to: 0.1 for 0.1. Throws
    /// `value_out_of_range` for infinities, NaN, and numbers that need more than 38 digits.
    explicit Decimal(double number);
    explicit Decimal(float number);
};
[[nodiscard]] std::strong_ordering operator<=>(const Decimal& left, const Decimal& right) noexcept;
[[nodiscard]] bool operator==(const Decimal& left, const Decimal& right) noexcept;

/// Text forms, as the command-line tool and CSV files have them. `parse_…` throws `type_mismatch`
/// for text that is not such a value, and `value_out_of_range` for one out of range. `to_string`
/// returns the shortest text that parses to the same value. A decimal keeps its scale both ways:
/// 1.50 is printed as 1.50.
[[nodiscard]] DateTime parse_datetime(std::string_view text);
[[nodiscard]] Date parse_date(std::string_view text);
[[nodiscard]] Time parse_time(std::string_view text);
[[nodiscard]] Decimal parse_decimal(std::string_view text);
[[nodiscard]] std::string to_string(DateTime moment);
[[nodiscard]] std::string to_string(Date day);
[[nodiscard]] std::string to_string(Time time);
[[nodiscard]] std::string to_string(const Decimal& number);

/// `number` with `scale` digits after the point, rounded half away from zero. Throws
/// `value_out_of_range` if more than 38 digits would be needed.
[[nodiscard]] Decimal rescale(const Decimal& number, std::uint8_t scale);

/// The position of a commit in the order of all commits of a timeline: 1, 2, 3, without gaps.
enum class Sequence : std::uint64_t {};
[[nodiscard]] constexpr std::uint64_t number(Sequence sequence) noexcept {
    return static_cast<std::uint64_t>(sequence);
}
[[nodiscard]] constexpr Sequence next(Sequence sequence) noexcept {
    return Sequence{number(sequence) + 1};
}

/// Counts the openings of a database. A sequence that a crash took with an unsynced commit is given
/// again only under a higher epoch, so (epoch, sequence) names a commit for ever.
enum class Epoch : std::uint64_t {};
[[nodiscard]] constexpr std::uint64_t number(Epoch epoch) noexcept {
    return static_cast<std::uint64_t>(epoch);
}

/// The name of one commit, for ever. `sequence` 0 is the state before any commit.
struct Commit {
    Epoch epoch{};
    Sequence sequence{};
    auto operator<=>(const Commit&) const = default;
};

/// What a commit survives once it has returned.
enum class Durability : std::uint8_t {
    buffered,  ///< nothing: given to the operating system at an interval; for scratch data
    written,   ///< the end of the process: in the page cache, synced in the background
    synced,    ///< a power cut: on stable storage
};

/// What happens to a feed or consumer that reads too slowly, when the journal keeps as much for
/// feeds and consumers as `Options::feed_bytes_max` says.
enum class FeedFull : std::uint8_t {
    hold,  ///< its changes are kept; writers get `feed_full` until it has read on
    skip,  ///< writers continue; it loses its place, and its next read is `feed_gap`
};
/// "hold" or "skip".
[[nodiscard]] std::string_view to_string(FeedFull when_full) noexcept;

}  // namespace amphora
