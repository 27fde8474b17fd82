#pragma once

#include "document/collection/collections.hpp"
#include "document/collection/stored_document.hpp"
#include "transaction/reading.hpp"

#include <amphora/document.hpp>

#include <optional>
#include <string>

/// REFERENCES from documents to rows: the row must exist when a document is stored.
namespace amphora::document {

/// Throws `foreign_key_violation` if a reference of the stored document finds no row. A reference
/// with a field that is null or missing refers to nothing.
void require_parents(const transaction::Reading& reading, const BoundCollection& collection,
                     const StoredDocument& document);
/// The same, only for references whose fields have changed.
void require_changed_parents(const transaction::Reading& reading, const BoundCollection& collection,
                             DocumentView before, const StoredDocument& after);

/// "user_id 17 has no row in users", for a reference without a row; none if all have one.
[[nodiscard]] std::optional<std::string> find_missing_parent(const transaction::Reading& reading,
                                                             const BoundCollection& collection,
                                                             const BoundReference& reference,
                                                             const StoredDocument& document);

}  // namespace amphora::document
