#pragma once

#include <array>
#include <cstdint>
#include <string>

/// The paths of a victim's copies, next to the database: of the last one that was made, and of the
/// next one.
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
[[nodiscard]] inline std::array<std::string, 3> copy_places(const std::string& database) {
    return {place_of_copy(database, 0), place_of_copy(database, 1), place_of_restored(database)};
}

}  // namespace amphora::crash
