#pragma once

#include "database/core.hpp"
#include "database/quarantine.hpp"
#include "database/restored_definitions.hpp"
#include "database/salvaged_trees.hpp"

#include <cstdint>
#include <map>
#include <span>

namespace amphora {

struct Restored {
    std::uint64_t rows_quarantined = 0;
    std::uint64_t documents_quarantined = 0;
};

/// Makes both stores sound again whose rows and documents were brought back one by one: what does
/// not hold together goes into quarantine, and all indexes are made anew. By ordinary commits, a
/// few hundred rows each. Entries of spaces without a definition go into quarantine, too, but for
/// those that are in an index of the result. AUTO_INCREMENT counters end up above every number that
/// was found, in quarantine or not.
///
/// The order is what ends it: parents before children, rows before documents, all of them before
/// the indexes; and from the beginning again whenever something was taken out that something else
/// may refer to.
[[nodiscard]] Restored restore_contents(Core& core, std::span<const SalvagedTrees::Unsound> unsound,
                                        const std::map<SpaceId, UndefinedSpace>& undefined,
                                        Quarantine& quarantine);

}  // namespace amphora
