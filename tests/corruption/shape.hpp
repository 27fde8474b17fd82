#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

/// The shapes of the databases that are damaged. The effect of a damage depends on its
/// surroundings: RocksDB reads a table file alone in its level in another way than one of several,
/// and a journal of one segment is read in another way than one of six.
namespace amphora::corruption {

enum class Ending : std::uint8_t {
    closed,  ///< everything is in the trees
    killed,  ///< the later half of the commits is in the journal alone
};

struct Shape {
    std::string_view name;
    Ending ending = Ending::closed;
    /// How many times the database is opened, filled further and closed. Each closing adds a table
    /// file of level 0; at four of them RocksDB merges them.
    std::uint32_t openings = 1;
    /// After the first opening the documents become one level of several table files; after the
    /// last one where the database is killed afterwards.
    bool small_tables = false;
    std::uint64_t times = 1;  ///< so many times as many transactions as the others
};

inline constexpr std::array<Shape, 6> shapes{{
    {.name = "closed"},
    {.name = "killed", .ending = Ending::killed},
    {.name = "closed, one level of several files", .small_tables = true},
    {.name = "closed, several levels", .openings = 3, .small_tables = true},
    {.name = "closed, files of level 0", .openings = 3},
    {.name = "killed, one level of several files, many segments",
     .ending = Ending::killed,
     .openings = 2,
     .small_tables = true,
     .times = 3},
}};

}  // namespace amphora::corruption
