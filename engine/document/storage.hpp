#pragma once

#include "base/bytes.hpp"
#include "document/collection/collections.hpp"
#include "document/collection/stored_document.hpp"
#include "transaction/reading.hpp"

#include <amphora/document.hpp>

/// Stores a document together with its index entries: the end of every statement and cascade. The
/// caller has tested the constraints; here only uniqueness is tested. `key` is the document's key.
/// Only these functions write documents.
namespace amphora::document {

/// Stores a document whose key is not in use.
void store_new(transaction::Writing& writing, const BoundCollection& collection,
               const StoredDocument& document, Bytes key);

/// Stores a document in place of `before`, which has the same _id. `before` is in memory that is
/// valid until its key is written.
void store_over(transaction::Writing& writing, const BoundCollection& collection,
                DocumentView before, const StoredDocument& after, Bytes key);

/// Erases a document. It is in memory that is valid until its key is written.
void remove(transaction::Writing& writing, const BoundCollection& collection, DocumentView document,
            Bytes key);

}  // namespace amphora::document
