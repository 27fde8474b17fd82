#include "journal/live/commit_clock.hpp"

#include "base/clock.hpp"

#include <algorithm>
#include <cstdlib>
#include <ctime>

#include <fmt/chrono.h>
#include <fmt/format.h>

namespace amphora::journal {
namespace {

constexpr std::int64_t second_us = 1'000'000;
constexpr std::int64_t hour_us = 3'600 * second_us;
constexpr std::int64_t year_us = 365 * 24 * hour_us;

std::string text_of(std::int64_t time_us) {
    const std::time_t seconds = time_us / second_us;
    std::tm parts{};
    if (::gmtime_r(&seconds, &parts) == nullptr) return fmt::format("{} us after 1970", time_us);
    return fmt::format("{:%Y-%m-%d %H:%M:%S} UTC", parts);
}

}  // namespace

CommitClock::CommitClock(std::int64_t last_us, Log log) : log_{std::move(log)}, time_us_{now_us()} {
    ahead_us_ = time_us_ - uptime_ms() * 1'000;
    if (last_us != 0) tell_opening(last_us, time_us_);
}

std::int64_t CommitClock::next_us() {
    const std::int64_t now = now_us();
    const std::int64_t ahead_us = now - uptime_ms() * 1'000;
    const std::int64_t jump_us = ahead_us - ahead_us_;
    if (std::abs(jump_us) > hour_us) {
        ahead_us_ = ahead_us;
        tell_jump(now - jump_us, now);
    }
    time_us_ = given_ ? std::max(time_us_, now) : now;
    given_ = true;
    return time_us_;
}

/// The database may have been closed for any time, so a step forward is reported only if it is more
/// than a year.
void CommitClock::tell_opening(std::int64_t last_us, std::int64_t now_us) const {
    if (!log_) return;
    if (now_us < last_us - hour_us) {
        log_(
            fmt::format("clock: it is {}, but the last commit was made at {}: the clock was set "
                        "back, or was wrong then; new commits get the time of the clock, so a "
                        "restore to a time takes the later commits of that time: if the clock is "
                        "wrong now, close the database and set it",
                        text_of(now_us), text_of(last_us)));
    }
    if (now_us > last_us + year_us) {
        log_(
            fmt::format("clock: it is {}, and the last commit was made at {}, more than a year "
                        "ago: if the clock is wrong, close the database and set it",
                        text_of(now_us), text_of(last_us)));
    }
}

void CommitClock::tell_jump(std::int64_t expected_us, std::int64_t now_us) const {
    if (!log_) return;
    log_(fmt::format("clock: it was set from {} to {} while the database is open; {}",
                     text_of(expected_us), text_of(now_us),
                     now_us < expected_us
                         ? "commits keep the last time until the clock has passed it or the "
                           "database is opened again"
                         : "if it is wrong now, set it and open the database again: commit times "
                           "do not fall before that"));
}

}  // namespace amphora::journal
