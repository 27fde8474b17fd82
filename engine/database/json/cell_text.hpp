#pragma once

#include "base/bytes.hpp"

#include <amphora/cell.hpp>

#include <cstdint>

namespace amphora::detail {

/// Whether a number is written with the digits that a FLOAT needs, or a DOUBLE.
enum class Precision : std::uint8_t { single, twofold };

/// The cell as JSON: whole numbers, FLOAT and DOUBLE as numbers, a blob in Base64, all others as
/// `to_string` writes them. An `enumeration` cell is a number.
void append_cell(Buffer& json, const Cell& cell, Precision precision);

}  // namespace amphora::detail
