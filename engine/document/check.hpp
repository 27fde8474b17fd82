#pragma once

#include "document/collection/collections.hpp"
#include "transaction/reading.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace amphora::document {

struct CheckSummary {
    std::uint64_t documents = 0;
    std::uint64_t index_entries = 0;
    std::uint64_t findings = 0;
};

/// Checks every invariant of every collection: each document is valid BSON and is stored under the
/// key of its _id; declared fields have their types; NOT NULL and CHECK hold; each index entry has
/// its document, and each document has its entries and no others; array marks cover all arrays;
/// every reference finds its row. Calls `report` with a sentence for each finding. Changes nothing,
/// and throws only what reading throws.
CheckSummary check(const transaction::Reading& reading, const Collections& collections,
                   const std::function<void(std::string)>& report);

/// A mistake in one document by itself or in its references to rows; none if it is sound. Its index
/// entries are not checked.
[[nodiscard]] std::optional<std::string> find_fault(const transaction::Reading& reading,
                                                    const BoundCollection& collection, Bytes key,
                                                    Bytes value);

}  // namespace amphora::document
