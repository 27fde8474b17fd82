#pragma once

#include "relational/table/tables.hpp"
#include "transaction/reading.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace amphora::relational {

struct CheckSummary {
    std::uint64_t rows = 0;
    std::uint64_t index_entries = 0;
    std::uint64_t findings = 0;
};

/// Checks every invariant of every table: each row decodes and is stored under its own key; each
/// index entry has its row, and each row has its entries and no others; types, NOT NULL and CHECK
/// hold; every foreign key resolves; no AUTO_INCREMENT counter is below a number that was given.
/// Calls `report` with a sentence for each finding. Changes nothing, and throws only what reading
/// throws.
CheckSummary check(const transaction::Reading& reading, const Tables& tables,
                   const std::function<void(std::string)>& report);

/// A mistake in one row by itself or in its references to other rows; none if it is sound. Its
/// index entries are not checked.
[[nodiscard]] std::optional<std::string> find_fault(const transaction::Reading& reading,
                                                    const BoundTable& table, Bytes key,
                                                    Bytes value);

}  // namespace amphora::relational
