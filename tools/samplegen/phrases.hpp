#pragma once

#include <array>
#include <cstdint>
#include <string_view>

/// The words of the sample data. The names are in several scripts, as those of real users are.
namespace amphora::samplegen::phrases {

struct Person {
    std::string_view name;
    std::string_view mail;  ///< of the name, in ASCII
};
extern const std::array<Person, 48> people;

struct Region {
    std::string_view name;
    std::int32_t longitude_e6, latitude_e6;
};
extern const std::array<Region, 12> regions;

extern const std::array<std::string_view, 20> store_places;
extern const std::array<std::string_view, 6> store_kinds;    ///< in the order of the ENUM
extern const std::array<std::string_view, 6> store_endings;  ///< for each kind
extern const std::array<std::string_view, 10> streets;
extern const std::array<std::string_view, 14> missions;
extern const std::array<std::string_view, 18> reviews;
extern const std::array<std::string_view, 8> inquiry_titles;
extern const std::array<std::string_view, 8> inquiries;
extern const std::array<std::string_view, 12> topics;
extern const std::array<std::string_view, 8> diagnoses;
extern const std::array<std::string_view, 8> recommendations;
extern const std::array<std::string_view, 8> encouragements;
extern const std::array<std::string_view, 6> cancel_reasons;
extern const std::array<std::string_view, 8> coach_feedback;

}  // namespace amphora::samplegen::phrases
