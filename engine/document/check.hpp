#pragma once

#include "document/collections.hpp"
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

/// Walks every invariant of every collection: each document is valid BSON and stands under the key
/// of its _id; declared fields are of their types, NOT NULL and CHECK hold; each index entry has
/// its document and each document its entries, no more; array marks cover what is there; every
/// reference finds its row. Calls `report` with a sentence for each finding; changes nothing and
/// throws only what reading throws.
CheckSummary check(const transaction::Reading& reading, const Collections& collections,
                   const std::function<void(std::string)>& report);

/// What is wrong with one document, by itself and with the rows that it refers to; its index
/// entries are not asked for.
[[nodiscard]] std::optional<std::string> find_fault(const transaction::Reading& reading,
                                                    const BoundCollection& collection, Bytes key,
                                                    Bytes value);

}  // namespace amphora::document
