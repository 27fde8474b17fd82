#pragma once

#include <cstddef>
#include <cstdint>

/// The first bytes of a row; see row.hpp.
namespace amphora::codec::row_format {

inline constexpr std::uint8_t narrow = 1;
inline constexpr std::uint8_t wide = 2;
inline constexpr std::size_t header_bytes = 3;

}  // namespace amphora::codec::row_format
