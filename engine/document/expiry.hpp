#pragma once

#include "document/collection/collections.hpp"
#include "document/query/plan.hpp"
#include "transaction/reading.hpp"

#include <cstdint>
#include <functional>
#include <optional>

/// Documents in the order of a moment that they hold, and their removal in this order: the part of
/// retention that knows keys. `index` is one of `catalog::Retention`: it begins with the moment and
/// has one entry for each document. Documents without the moment are not in these ranges.
namespace amphora::document {

/// The entries whose moment is `until_ms` or earlier.
[[nodiscard]] KeyRange entries_until(const BoundIndex& index, std::int64_t until_ms);

/// The first key in `range`.
[[nodiscard]] std::optional<Buffer> first_entry(const transaction::Reading& reading,
                                                const KeyRange& range);

/// The moment of such an entry, ms since 1970.
[[nodiscard]] std::int64_t moment_of(Bytes entry);

/// The entries that have `count` later ones; none if there are not so many, or if `may_continue`,
/// which is asked from time to time, says no. Reads `count` entries.
[[nodiscard]] std::optional<KeyRange> entries_before_newest(
    const transaction::Reading& reading, const BoundIndex& index, std::uint64_t count,
    const std::function<bool()>& may_continue);

struct Removed {
    std::uint64_t documents = 0;
    std::uint64_t bytes = 0;   ///< of these documents
    Buffer next;               ///< the rest of the range begins here
    bool is_complete = false;  ///< there is no rest
};

/// Removes the documents of the entries in `range` in their order, each as `erase` does, as long as
/// `may_continue` says so; at least one. If one that is not the first cannot be removed, ends
/// before it; if the first cannot, throws the error. Throws `corrupt` for an entry without its
/// document.
[[nodiscard]] Removed remove_documents(transaction::Writing& writing,
                                       const BoundCollection& collection, const BoundIndex& index,
                                       const KeyRange& range,
                                       const std::function<bool(const Removed&)>& may_continue);

}  // namespace amphora::document
