#pragma once

#include <cstdint>
#include <map>
#include <string>

/// Made-up data for the three schemas: stores, users and their missions, a model's feedback to
/// learners, and bookings of coaches. It is as consistent as an application would have left it:
/// every reference resolves, points are the sum of the completed missions, every user has one
/// sign-up log, and the learning figures follow from the documents.
namespace amphora::samplegen {

/// The seed of the data in schema/sample.
inline constexpr std::uint64_t default_seed = 20260105;

/// File names and contents: "users.csv", "activity_logs.jsonl". The same on every machine for the
/// same seed.
[[nodiscard]] std::map<std::string, std::string> make_sample(std::uint64_t seed);

}  // namespace amphora::samplegen
