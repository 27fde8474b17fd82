#include "codec/json/date.hpp"

#include <chrono>

namespace amphora::codec {

namespace {

using std::chrono::days;
using std::chrono::sys_days;
using std::chrono::year_month_day;

constexpr std::int64_t day_ms = 86'400'000;
constexpr std::int64_t year_10000_ms = 253'402'300'800'000;

/// Reads a text from the front; after one mismatch every further read fails.
class Taking {
  public:
    explicit Taking(Bytes text) noexcept : rest_{text} {}

    bool take(char letter) noexcept {
        if (!fits_ || !rest_.starts_with(letter)) return false;
        rest_.remove_prefix(1);
        return true;
    }
    void require(char letter) noexcept { fits_ = take(letter) && fits_; }

    /// A number of exactly `digits` digits.
    int number(std::size_t digits, int largest) noexcept {
        int value = 0;
        for (std::size_t i = 0; i < digits; ++i) {
            if (rest_.size() <= i || !is_digit(rest_[i])) {
                fits_ = false;
                return 0;
            }
            value = value * 10 + (rest_[i] - '0');
        }
        rest_.remove_prefix(digits);
        if (value > largest) fits_ = false;
        return value;
    }

    /// Milliseconds after a point.
    int fraction() noexcept {
        int milliseconds = 0;
        int weight = 100;
        if (!next_is_digit()) fits_ = false;
        for (; next_is_digit(); rest_.remove_prefix(1), weight /= 10) {
            milliseconds += (rest_.front() - '0') * weight;
        }
        return milliseconds;
    }

    [[nodiscard]] bool next_is_digit() const noexcept {
        return !rest_.empty() && is_digit(rest_.front());
    }
    [[nodiscard]] bool complete() const noexcept { return fits_ && rest_.empty(); }

  private:
    static bool is_digit(char letter) noexcept { return letter >= '0' && letter <= '9'; }

    Bytes rest_;
    bool fits_ = true;
};

/// The number, with `digits` digits.
void append_number(Buffer& text, std::int64_t number, std::size_t digits) {
    text.resize(text.size() + digits);
    for (auto at = text.rbegin(); digits > 0; --digits, ++at, number /= 10) {
        *at = static_cast<char>('0' + number % 10);
    }
}

/// Minutes by which local time is later than UTC.
int take_offset(Taking& text) noexcept {
    if (text.take('Z')) return 0;
    const bool is_west = text.take('-');
    if (!is_west) text.require('+');
    int minutes = text.number(2, 23) * 60;
    if (text.take(':') || text.next_is_digit()) minutes += text.number(2, 59);
    return is_west ? -minutes : minutes;
}

}  // namespace

std::optional<std::int64_t> parse_iso_date(Bytes text) noexcept {
    Taking rest{text};
    const int year = rest.number(4, 9999);
    rest.require('-');
    const auto month = static_cast<unsigned>(rest.number(2, 12));
    rest.require('-');
    const auto day = static_cast<unsigned>(rest.number(2, 31));
    const year_month_day date{std::chrono::year{year}, std::chrono::month{month},
                              std::chrono::day{day}};
    rest.require('T');
    std::int64_t minutes = rest.number(2, 23) * 60;
    rest.require(':');
    minutes += rest.number(2, 59);
    std::int64_t milliseconds = 0;
    if (rest.take(':')) milliseconds = rest.number(2, 59) * 1000;
    if (rest.take('.')) milliseconds += rest.fraction();
    minutes -= take_offset(rest);
    if (!rest.complete() || !date.ok()) return std::nullopt;
    return sys_days{date}.time_since_epoch().count() * day_ms + minutes * 60'000 + milliseconds;
}

bool has_iso_date(std::int64_t milliseconds) noexcept {
    return milliseconds >= 0 && milliseconds < year_10000_ms;
}

void append_iso_date(Buffer& text, std::int64_t milliseconds) {
    const std::int64_t in_day = milliseconds % day_ms;
    const year_month_day date{sys_days{days{milliseconds / day_ms}}};
    append_number(text, static_cast<int>(date.year()), 4);
    text += '-';
    append_number(text, static_cast<unsigned>(date.month()), 2);
    text += '-';
    append_number(text, static_cast<unsigned>(date.day()), 2);
    text += 'T';
    append_number(text, in_day / 3'600'000, 2);
    text += ':';
    append_number(text, in_day / 60'000 % 60, 2);
    text += ':';
    append_number(text, in_day / 1000 % 60, 2);
    if (in_day % 1000 != 0) {
        text += '.';
        append_number(text, in_day % 1000, 3);
    }
    text += 'Z';
}

}  // namespace amphora::codec
