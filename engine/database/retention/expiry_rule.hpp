#pragma once

#include "document/collection/collections.hpp"
#include "document/query/plan.hpp"

#include <amphora/types.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

namespace amphora::retention {

/// One reason why documents of a collection expire. Valid as long as its Collections.
struct ExpiryRule {
    const document::BoundCollection* collection = nullptr;
    const document::BoundIndex* index = nullptr;
    /// A document expires so long after the moment in its index ...
    std::chrono::milliseconds after{};
    /// ... or once so many have a later one. None: by time.
    std::optional<std::uint32_t> count_max{};

    /// The entries of documents that have expired at `now_us`. Only for a rule by time.
    [[nodiscard]] document::KeyRange expired_at(std::int64_t now_us) const;
    /// When the document of such an entry has expired.
    [[nodiscard]] DateTime moment_of_expiry(Bytes entry) const;
};

[[nodiscard]] std::vector<ExpiryRule> expiry_rules(const document::BoundCollection& collection);

}  // namespace amphora::retention
