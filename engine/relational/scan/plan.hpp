#pragma once

#include "base/bytes.hpp"
#include "relational/scan/filter.hpp"
#include "relational/scan/scan.hpp"

#include <string>
#include <vector>

namespace amphora::relational {

/// The plan of a scan: one index, the ranges of it that are walked, and the conditions that must be
/// tested on each row.
struct Plan {
    /// Stored keys in [lower, upper).
    struct Range {
        Buffer lower;
        Buffer upper;
    };
    const BoundIndex* index = nullptr;
    /// Ascending, without overlap; none: no row can fulfil the conditions.
    std::vector<Range> ranges;
    Filters filters;                       ///< all conditions
    std::vector<const Filter*> in_bounds;  ///< those that the ranges express
    std::vector<const Filter*> in_rows;    ///< those to be tested on each row
};

/// The plan that `scan` follows. Among the indexes that give the wanted order it takes the one
/// whose first columns are fixed by the most equalities; then one with a list or a range on the
/// next column; and the primary key if no other is better, because it needs one look-up less for
/// each row.
[[nodiscard]] Plan plan(const BoundTable& table, const Scan& scan);

[[nodiscard]] std::string describe(const BoundTable& table, const Plan& plan);

}  // namespace amphora::relational
