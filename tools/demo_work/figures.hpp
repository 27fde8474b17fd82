#pragma once

#include <amphora/amphora.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace amphora::demo {

/// The name of the consumer that keeps the figures of `learning_metrics`.
inline constexpr const char* figures_name = "feedback-figures";

/// The end of the _id of feedback whose score makes no sense. Its change becomes a dead letter: the
/// demo provokes some of these.
inline constexpr std::string_view senseless = ".senseless";

/// From here on each new document of `ai_feedback` counts. To be called once, before any is written.
void begin_figures(Database& database);

/// Keeps the figures: each document of `ai_feedback` is counted once, in the commit that also moves
/// the consumer's position. A document that fails does not hold up the others.
[[nodiscard]] Subscription keep_figures(Database& database);

/// Waits until everything that is committed has been counted or set aside.
void catch_up_with_figures(Database& database);

/// The feedback documents among the dead letters, by _id, and how often each is there.
[[nodiscard]] std::map<std::string, std::uint64_t> dead_feedback(const Database& database);

}  // namespace amphora::demo
