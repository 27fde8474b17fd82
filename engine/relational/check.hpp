#pragma once

#include "relational/tables.hpp"
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

/// Walks every invariant of every table: each row decodes and stands under its own key; each index
/// entry has its row and each row its entries, no more; types, NOT NULL and CHECK hold; every
/// foreign key resolves; no AUTO_INCREMENT counter lies below what it has given. Calls `report`
/// with a sentence for each finding; changes nothing and throws only what reading throws.
CheckSummary check(const transaction::Reading& reading, const Tables& tables,
                   const std::function<void(std::string)>& report);

/// What is wrong with one row, by itself and with the rows that it refers to; its index entries are
/// not asked for.
[[nodiscard]] std::optional<std::string> find_fault(const transaction::Reading& reading,
                                                    const BoundTable& table, Bytes key,
                                                    Bytes value);

}  // namespace amphora::relational
