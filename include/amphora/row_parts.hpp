#pragma once

#include <cstdint>

namespace amphora::detail {

/// Where the parts of a stored row begin, in bytes from its start; engine/codec/row.hpp describes
/// them. Found once for a row, and used for each of its cells.
struct RowParts {
    std::uint32_t fixed_at = 0;      ///< the fixed-width part
    std::uint32_t ends_at = 0;       ///< the ends of the variable-width columns
    std::uint32_t variables_at = 0;  ///< the variable part
    std::uint16_t columns = 0;       ///< columns that were stored
    std::uint8_t end_bytes = 0;      ///< width of an end: 2 or 4
};

}  // namespace amphora::detail
