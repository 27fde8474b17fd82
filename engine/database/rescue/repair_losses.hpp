#pragma once

#include "database/rescue/rebuilt_definitions.hpp"
#include "database/rescue/salvaged_trees.hpp"
#include "stores/bound_schema.hpp"

#include <string>
#include <vector>

namespace amphora {

/// What is missing, or may be missing, in a repaired database and in its quarantine, in words that
/// name the table or collection. Indexes are made again, so their damage is no loss.
[[nodiscard]] std::vector<std::string> losses_of(const SalvagedTrees& salvaged,
                                                 const RebuiltDefinitions& definitions,
                                                 const stores::BoundSchema& schema);

}  // namespace amphora
