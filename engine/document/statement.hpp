#pragma once

#include "document/collections.hpp"
#include "document/filter.hpp"
#include "document/update.hpp"
#include "transaction/reading.hpp"

#include <amphora/document.hpp>

#include <cstdint>

/// What changes documents. Each call is one statement: it happens whole, or throws and leaves no
/// trace in the transaction.
///
/// Declared fields are held to their types: whole numbers take any number that is whole and fits,
/// and are stored as int32 (INT, SMALLINT) or int64 (BIGINT); FLOAT and DOUBLE any number, stored
/// as double; DECIMAL any number, rounded half away from zero, stored as decimal128; DATETIME a
/// date and never a text; DATE a date at midnight UTC; TIME whole microseconds, stored as int64;
/// BLOB a binary; JSON anything. Thrown are, naming collection and field: `type_mismatch`,
/// `value_out_of_range`, `value_too_large`, `not_null_violation`, `check_violation`; and naming
/// index and key: `duplicate_key`, `foreign_key_violation`.
///
/// Absent fields take their DEFAULT or stay absent. `amphora::now` becomes the moment of the
/// transaction, wherever it stands in a document or in an update. In a build with
/// AMPHORA_DEBUG_ASSERT every document is validated before it is stored.
namespace amphora::document {

/// A new document. Returns its _id, which is made (an object id) and put first if it has none; an
/// _id may not be an array, a regular expression or undefined. `duplicate_key` if it is there
/// already.
BsonValue insert(transaction::Writing& writing, const BoundCollection& collection,
                 const Document& document);

/// A new document, or in place of the one with the same _id.
BsonValue put(transaction::Writing& writing, const BoundCollection& collection,
              const Document& document);

/// Updates the document with that _id. Was there one? ON UPDATE NOW() fields that the update does
/// not name get the moment of the transaction.
bool update(transaction::Writing& writing, const BoundCollection& collection, BsonView id,
            const Update& update);

enum class Extent : std::uint8_t { first, all };

/// Updates the documents that the filter selects, or the first of them; returns how many there
/// were. A replacement is for one document: with `Extent::all` it is `invalid_argument`, whatever
/// the filter selects.
std::uint64_t update(transaction::Writing& writing, const BoundCollection& collection,
                     const Filter& filter, const Update& update, Extent extent = Extent::all);

/// Removes the document with that _id. Was there one?
bool erase(transaction::Writing& writing, const BoundCollection& collection, BsonView id);

/// Removes the documents that the filter selects, or the first of them; returns how many there
/// were.
std::uint64_t erase(transaction::Writing& writing, const BoundCollection& collection,
                    const Filter& filter, Extent extent = Extent::all);

/// Enters every document into `index`, which is one of the collection's own and empty. Throws
/// `duplicate_key`.
void fill_index(transaction::Writing& writing, const BoundCollection& collection,
                const BoundIndex& index);

/// Holds every document that is there to the declared fields, after one was declared: converts what
/// converts (an int32 to a BIGINT's int64), and throws, naming the document, for the first that
/// does not fit. DEFAULT is not applied to documents that were there.
void adopt_fields(transaction::Writing& writing, const BoundCollection& collection);

}  // namespace amphora::document
