#pragma once

#include "catalog/definition/definition.hpp"

#include <amphora/cell.hpp>

#include <string>

/// Values in messages.
namespace amphora::relational {

/// "4", "NULL", "'Kim'". Long text is cut. The position of an ENUM's member is written as its name.
[[nodiscard]] std::string describe(const Cell& cell, const catalog::ColumnType& type);

}  // namespace amphora::relational
