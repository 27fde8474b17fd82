#pragma once

#include "base/bytes.hpp"

#include <cstdint>
#include <string>

namespace amphora::rocks {

/// Keys of one table file that cannot be read: those after `after` and before `before`. If nothing
/// before or after the gap can be read, the bound is the file's first or last key itself.
struct Gap {
    std::string file;          ///< "000012.sst"
    std::uint64_t offset = 0;  ///< of the first unreadable block; 0 for a whole file
    Buffer after;
    Buffer before;
    std::string why;
};

}  // namespace amphora::rocks
