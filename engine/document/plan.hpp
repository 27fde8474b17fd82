#pragma once

#include "base/bytes.hpp"
#include "document/collections.hpp"
#include "document/filter.hpp"
#include "transaction/reading.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// Where a find looks: the part of one index, or of the documents themselves, in which everything
/// lies that the filter can select. What lies there is still put to the filter, so a plan may be
/// wide, but never too narrow.
namespace amphora::document {

/// Stored keys in [lower, upper).
struct KeyRange {
    Buffer lower, upper;
};

struct Plan {
    const BoundIndex* index = nullptr;  ///< null: the documents, by _id
    std::vector<KeyRange> ranges;       ///< in order, none touches another
    /// The one stored key that all of it comes down to: of a document, or of a unique entry.
    std::optional<Buffer> point;
    bool repeats = false;     ///< a document may have several entries in the ranges
    std::string description;  ///< "index activity_by_user, user_id = 7"
};

[[nodiscard]] Plan plan(const transaction::Reading& reading, const BoundCollection& collection,
                        const Filter& filter);

}  // namespace amphora::document
