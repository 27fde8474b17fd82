#pragma once

#include "relational/tables.hpp"

#include <amphora/cell.hpp>

#include <cstdint>
#include <span>
#include <string>

/// Values in messages.
namespace amphora::relational {

/// "4", "NULL", "'Kim'". Long text is cut. The position of an ENUM's member is written as its name.
[[nodiscard]] std::string describe(const Cell& cell, const catalog::ColumnType& type);

/// "(user_id 4, mission_id 7)": one cell for each position.
[[nodiscard]] std::string describe(const BoundTable& table, std::span<const std::uint32_t> places,
                                   std::span<const Cell> cells);

}  // namespace amphora::relational
