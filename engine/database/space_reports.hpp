#pragma once

#include "catalog/definition/definition.hpp"

#include <amphora/statistics.hpp>

#include <string_view>
#include <vector>

namespace amphora::detail {

[[nodiscard]] bool is_meant(std::string_view name, Spaces spaces) noexcept;
/// The tables and collections of a schema, for tools.
[[nodiscard]] std::vector<SpaceReport> space_reports(const catalog::Definition& definition,
                                                     Spaces spaces);

}  // namespace amphora::detail
