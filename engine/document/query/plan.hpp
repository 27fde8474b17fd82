#pragma once

#include "base/bytes.hpp"
#include "document/collection/collections.hpp"
#include "document/query/filter.hpp"
#include "transaction/reading.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// The plan of a find: the part of one index, or of the documents themselves, that contains
/// everything the filter can select. The filter is still applied to it, so a plan may be too wide,
/// but never too narrow.
namespace amphora::document {

/// Stored keys in [lower, upper).
struct KeyRange {
    Buffer lower, upper;
};

struct Plan {
    const BoundIndex* index = nullptr;  ///< null: the documents, by _id
    std::vector<KeyRange> ranges;       ///< in order, no two adjacent
    /// The only stored key in the ranges, if there is one: of a document, or of a unique entry.
    std::optional<Buffer> point;
    bool repeats = false;     ///< a document may have several entries in the ranges
    std::string description;  ///< "index activity_by_user, user_id = 7"
};

[[nodiscard]] Plan plan(const transaction::Reading& reading, const BoundCollection& collection,
                        const Filter& filter);

}  // namespace amphora::document
