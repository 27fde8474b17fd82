#pragma once

#include "base/bytes.hpp"
#include "codec/key/ordered_key.hpp"
#include "document/collection/collections.hpp"
#include "document/collection/stored_document.hpp"

#include <amphora/document.hpp>

#include <cstdint>
#include <string_view>
#include <vector>

/// The entries of a document in an index: the values to which a filter's path would lead, with one
/// entry for each element of an array, as in MongoDB.
///
///   index (a, b)      {"a": 1, "b": [2, 3]}        (1, 2) (1, 3)
///   index (a.x, a.y)  {"a": [{"x": 1}, {"y": 2}]}  (1, null) (null, 2)
///   index (a)         {"a": []}                    (undefined)
///   index (a)         {}                           (null)
///
/// Two paths must not lead into different arrays of one document: the entries would be every
/// combination of their elements.
namespace amphora::document {

/// The first part of a document's entries: space and fields, not limited.
struct IndexEntries {
    std::vector<Buffer> keys;  ///< in order, each once
    std::uint32_t arrays = 0;  ///< bit i: paths[i] met an array
};

/// Throws `type_mismatch` for arrays that cannot be indexed together.
[[nodiscard]] IndexEntries index_entries(const BoundCollection& collection, const BoundIndex& index,
                                         DocumentView document);

/// The same for the usual document, which has one entry and no array on a path: writes the fields
/// after the space, without an allocation. False: use `index_entries`.
[[nodiscard]] bool write_only_entry(const BoundIndex& index, const StoredDocument& document,
                                    codec::KeyWriter& key);

/// The fields of the entry, for messages: `(user_id 7, at {"$date": ...})`.
[[nodiscard]] std::string describe_entry(const BoundIndex& index, DocumentView document);

}  // namespace amphora::document
