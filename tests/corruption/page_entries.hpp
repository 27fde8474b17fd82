#pragma once

#include <cstdint>
#include <string>
#include <vector>

/// The offsets of the relational tree's entries in its file, so that damage can be aimed at them.
namespace amphora::corruption {

/// Bytes [offset, offset + bytes) of a file.
struct Extent {
    std::uint64_t offset = 0;
    std::uint64_t bytes = 0;
};

struct PageEntries {
    std::vector<Extent> catalog;  ///< of the definitions: key and value
    std::vector<Extent> rows;     ///< of rows and index entries: key and value
};

/// Of a sound database that nobody has open.
[[nodiscard]] PageEntries page_entries(const std::string& database);

}  // namespace amphora::corruption
