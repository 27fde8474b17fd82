#pragma once

#include "base/bytes.hpp"
#include "codec/key/ordered_key.hpp"
#include "document/collection/collections.hpp"
#include "document/collection/stored_document.hpp"
#include "transaction/reading.hpp"

#include <amphora/document.hpp>

#include <cstdint>

/// Keeps the entries of indexes consistent with documents, inside a statement. `document_key` is
/// the document's key without its space, as entries have it.
namespace amphora::document {

/// Adds a document to one index. Throws `duplicate_key`, `type_mismatch`.
void enter(transaction::Writing& writing, const BoundCollection& collection,
           const BoundIndex& index, const StoredDocument& document, Bytes document_key);

/// Removes a document's entries from every index.
void remove_entries(transaction::Writing& writing, const BoundCollection& collection,
                    DocumentView document, Bytes document_key);

/// Changes the entries of every index from those of `before` to those of `after`.
void replace_entries(transaction::Writing& writing, const BoundCollection& collection,
                     DocumentView before, const StoredDocument& after, Bytes document_key);

/// The stored form of an entry whose fields `key` has: completes the key with the document's key,
/// unless the index is unique.
struct StoredEntry {
    Bytes key;    ///< valid until the writer or the scratch changes
    Bytes value;  ///< the document's key; empty if the entry's key has all of it
};
[[nodiscard]] StoredEntry stored_entry(const BoundIndex& index, codec::KeyWriter& fields,
                                       Bytes document_key, Buffer& scratch);

/// The key, without its space, of the entry's document. Points into `key` or `value`.
[[nodiscard]] Bytes entry_document(const BoundIndex& index, Bytes key, Bytes value);

/// The paths of the index that have met an array, in any document since the index was made: bit i
/// is path i.
[[nodiscard]] std::uint32_t read_array_mark(const transaction::Reading& reading,
                                            const BoundIndex& index);

}  // namespace amphora::document
