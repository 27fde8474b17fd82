#pragma once

#include "samplegen/dice.hpp"

#include <amphora/types.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace amphora::samplegen {

inline constexpr std::int64_t second = 1'000'000;  // microseconds
inline constexpr std::int64_t minute = 60 * second;
inline constexpr std::int64_t hour = 60 * minute;
inline constexpr std::int64_t day = 24 * hour;

/// When the data begins and ends: 2026-01-05 and 120 days later, at midnight UTC.
inline constexpr DateTime start{1'767'571'200 * second};
inline constexpr std::int64_t days = 120;
[[nodiscard]] constexpr DateTime after(DateTime moment, std::int64_t microseconds) {
    return DateTime{moment.microseconds + microseconds};
}

using Files = std::map<std::string, std::string>;

struct User {
    std::int64_t user_id;
    DateTime created_at;
};

/// The files of mission.sql; returns its users, to whom learning.sql refers.
std::vector<User> add_mission(Dice dice, Files& files);
void add_learning(Dice dice, const std::vector<User>& users, Files& files);
void add_coaching(Dice dice, Files& files);

}  // namespace amphora::samplegen
