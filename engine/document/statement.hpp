#pragma once

#include "document/collection/collections.hpp"
#include "document/query/filter.hpp"
#include "document/update/update.hpp"
#include "transaction/reading.hpp"

#include <amphora/document.hpp>

#include <cstdint>

/// Changes to documents. Each call is one statement: it happens as a whole, or it throws and
/// changes nothing in the transaction.
///
/// Declared fields have types. INT and SMALLINT take any number that is whole and fits, and store
/// int32; BIGINT stores int64. FLOAT and DOUBLE take any number and store a double. DECIMAL takes
/// any number, rounds half away from zero and stores a decimal128. DATETIME takes a date, never a
/// text. DATE takes a date at midnight UTC. TIME takes whole microseconds and stores int64. BLOB
/// takes a binary; JSON takes anything.
///
/// Throws, with collection and field in the message: `type_mismatch`, `value_out_of_range`,
/// `value_too_large`, `not_null_violation`, `check_violation`; with index and key in the message:
/// `duplicate_key`, `foreign_key_violation`.
///
/// Absent fields take their DEFAULT or stay absent. `amphora::now`, anywhere in a document or an
/// update, becomes the moment of the transaction. Where AMPHORA_DEBUG is defined every document is
/// validated before it is stored.
namespace amphora::document {

/// Inserts a document. Returns its _id; a document without one gets an ObjectId as its first field.
/// An _id must not be an array, a regular expression or undefined. Throws `duplicate_key` if the
/// _id exists.
BsonValue insert(transaction::Writing& writing, const BoundCollection& collection,
                 const Document& document);

/// Inserts a document, or replaces the one with the same _id.
BsonValue put(transaction::Writing& writing, const BoundCollection& collection,
              const Document& document);

/// Updates the document with that _id. Was there one? ON UPDATE NOW() fields that the update does
/// not name become the moment of the transaction.
bool update(transaction::Writing& writing, const BoundCollection& collection, BsonView id,
            const Update& update);

enum class Extent : std::uint8_t { first, all };

/// Updates the documents that the filter selects, or the first of them, and returns how many there
/// were. A replacement is for one document: with `Extent::all` it is `invalid_argument`, also if
/// the filter selects only one.
std::uint64_t update(transaction::Writing& writing, const BoundCollection& collection,
                     const Filter& filter, const Update& update, Extent extent = Extent::all);

/// Removes the document with that _id. Was there one?
bool erase(transaction::Writing& writing, const BoundCollection& collection, BsonView id);

/// Removes the documents that the filter selects, or the first of them, and returns how many there
/// were.
std::uint64_t erase(transaction::Writing& writing, const BoundCollection& collection,
                    const Filter& filter, Extent extent = Extent::all);

/// Adds every document to `index`, an empty index of the collection. Throws `duplicate_key` with
/// the _id of the document.
void fill_index(transaction::Writing& writing, const BoundCollection& collection,
                const BoundIndex& index);

/// Checks all stored documents against the declared fields, CHECKs and references, after one was
/// declared. Converts values that can be converted (an int32 to a BIGINT's int64). Throws for the
/// first document that does not fit, with its _id. DEFAULT is not applied to stored documents.
void adopt_fields(transaction::Writing& writing, const BoundCollection& collection);

}  // namespace amphora::document
