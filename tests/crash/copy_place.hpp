#pragma once

#include <array>
#include <cstdint>
#include <string>

/// Where a victim's copies lie, beside the database: the last that was made, and the next one.
namespace amphora::crash {

[[nodiscard]] inline std::string place_of_copy(const std::string& database, std::uint64_t number) {
    return database + (number % 2 == 0 ? ".copy-even" : ".copy-odd");
}

[[nodiscard]] inline std::string place_of_restored(const std::string& database) {
    return database + ".restored";
}

/// For databases that have one.
[[nodiscard]] inline std::string place_of_archive(const std::string& database) {
    return database + ".archive";
}

/// All copies.
[[nodiscard]] inline std::array<std::string, 3> places_beside(const std::string& database) {
    return {place_of_copy(database, 0), place_of_copy(database, 1), place_of_restored(database)};
}

}  // namespace amphora::crash
