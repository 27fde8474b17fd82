#pragma once

#include "database/core.hpp"
#include "database/rescue/quarantine.hpp"
#include "database/rescue/rebuilt_definitions.hpp"
#include "database/rescue/salvaged_trees.hpp"

#include <cstdint>
#include <map>
#include <span>

namespace amphora {

struct Rebuilt {
    std::uint64_t rows_quarantined = 0;
    std::uint64_t documents_quarantined = 0;
};

/// Makes both stores consistent after their rows and documents were recovered one by one.
/// Inconsistent entries go into quarantine, and all indexes are made again, by ordinary commits of
/// a few hundred rows each. Entries of spaces without a definition go into quarantine, too, except
/// those that are in an index of the result. AUTO_INCREMENT counters end above every number that
/// was found, in quarantine or not.
///
/// The order makes it end: parents before children, rows before documents, all of them before the
/// indexes; and again from the beginning whenever an entry was taken out to which another may
/// refer.
[[nodiscard]] Rebuilt rebuild_contents(Core& core, std::span<const SalvagedTrees::Unsound> unsound,
                                       const std::map<SpaceId, UndefinedSpace>& undefined,
                                       Quarantine& quarantine);

}  // namespace amphora
