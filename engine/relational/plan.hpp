#pragma once

#include "base/bytes.hpp"
#include "relational/filter.hpp"
#include "relational/scan.hpp"

#include <string>
#include <vector>

namespace amphora::relational {

/// How a scan goes about it: one index, the ranges of it that are walked, and what is left to be
/// looked at in each row.
struct Plan {
    /// Stored keys in [lower, upper).
    struct Range {
        Buffer lower;
        Buffer upper;
    };
    const BoundIndex* index = nullptr;
    std::vector<Range> ranges;  ///< ascending, apart from each other; none: no row can fulfil
    Filters filters;            ///< all conditions
    std::vector<const Filter*> in_bounds;  ///< those that the ranges say
    std::vector<const Filter*> in_rows;    ///< those to be asked of each row
};

/// The plan that `scan` follows: the index whose first columns are fixed by the most equalities, of
/// those that give the wanted order; then one that has a list or a range on the next column; the
/// primary key where nothing speaks for another, because a row costs one look-up less there.
[[nodiscard]] Plan plan(const BoundTable& table, const Scan& scan);

[[nodiscard]] std::string describe(const BoundTable& table, const Plan& plan);

}  // namespace amphora::relational
