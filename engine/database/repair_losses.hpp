#pragma once

#include "database/bound_schema.hpp"
#include "database/restored_definitions.hpp"
#include "database/salvaged_trees.hpp"

#include <string>
#include <vector>

namespace amphora {

/// What a repaired database lacks and quarantine does not have either, or may lack, in words that
/// name the table or collection. Indexes are made anew: what was lost of them is no loss.
[[nodiscard]] std::vector<std::string> losses_of(const SalvagedTrees& salvaged,
                                                 const RestoredDefinitions& definitions,
                                                 const BoundSchema& schema);

}  // namespace amphora
