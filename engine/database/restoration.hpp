#pragma once

#include "database/core.hpp"
#include "database/quarantine.hpp"
#include "database/salvaged_trees.hpp"

#include <cstdint>
#include <span>

namespace amphora {

struct Restored {
    std::uint64_t rows_quarantined = 0;
    std::uint64_t documents_quarantined = 0;
};

/// Makes both stores sound again whose rows and documents were brought back one by one: what does
/// not hold together goes into quarantine, and all indexes are made anew. By ordinary commits, a
/// few hundred rows each.
///
/// The order is what ends it: parents before children, rows before documents, all of them before
/// the indexes; and from the beginning again whenever something was taken out that something else
/// may refer to.
[[nodiscard]] Restored restore_contents(Core& core, std::span<const SalvagedTrees::Damaged> damaged,
                                        Quarantine& quarantine);

}  // namespace amphora
