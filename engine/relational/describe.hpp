#pragma once

#include "relational/tables.hpp"

#include <amphora/cell.hpp>

#include <cstdint>
#include <span>
#include <string>

/// Values as messages say them.
namespace amphora::relational {

/// "4", "NULL", "'Kim'"; long text is cut. An ENUM's place is given as its member.
[[nodiscard]] std::string describe(const Cell& cell, const catalog::ColumnType& type);

/// "(user_id 4, mission_id 7)": one cell for each place.
[[nodiscard]] std::string describe(const BoundTable& table, std::span<const std::uint32_t> places,
                                   std::span<const Cell> cells);

}  // namespace amphora::relational
