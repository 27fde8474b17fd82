#pragma once

#include "document/collections.hpp"
#include "document/stored_document.hpp"
#include "transaction/reading.hpp"

#include <amphora/document.hpp>

#include <optional>
#include <string>

/// REFERENCES from documents to rows: that the row is there when a document comes.
namespace amphora::document {

/// Throws `foreign_key_violation` if a reference of the stored document finds no row. A reference
/// with a field that is null or missing refers to nothing.
void require_parents(const transaction::Reading& reading, const BoundCollection& collection,
                     const StoredDocument& document);
/// Only of those references whose fields are not as they were.
void require_changed_parents(const transaction::Reading& reading, const BoundCollection& collection,
                             DocumentView before, const StoredDocument& after);

/// "user_id 17 has no row in users", if one reference finds none.
[[nodiscard]] std::optional<std::string> find_missing_parent(const transaction::Reading& reading,
                                                             const BoundCollection& collection,
                                                             const BoundReference& reference,
                                                             const StoredDocument& document);

}  // namespace amphora::document
