#pragma once

#include <cstdint>
#include <map>
#include <string>

/// Made-up data for the three schemas: stores, users and their missions, what a model told
/// learners, and who booked which coach. It is consistent as an application would have left it:
/// every reference resolves, points are the sum of the missions that succeeded, every user has one
/// log of the sign-up, the learning figures follow from the documents.
namespace amphora::samplegen {

/// The seed of what is in schema/sample.
inline constexpr std::uint64_t default_seed = 20260105;

/// File names and contents: "users.csv", "activity_logs.jsonl". The same for the same seed,
/// everywhere.
[[nodiscard]] std::map<std::string, std::string> make_sample(std::uint64_t seed);

}  // namespace amphora::samplegen
