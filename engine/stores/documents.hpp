#pragma once

#include "document/query/document_source.hpp"
#include "document/query/filter.hpp"
#include "document/statement.hpp"
#include "document/update/update.hpp"
#include "stores/bound_schema.hpp"
#include "transaction/reading.hpp"

#include <amphora/document.hpp>
#include <amphora/query.hpp>
#include <amphora/schema.hpp>

#include <cstdint>
#include <memory>
#include <optional>

/// Documents, by the names of their collections. For everything above the two stores: the public
/// interface, SQL, and handlers of events.
///
/// `document/query/document_scan.hpp` and `document/statement.hpp` have the rules: how declared
/// fields are converted, how long a document is valid, that a statement happens as a whole or not
/// at all, and what it throws. In addition each function throws `no_such_table`.
namespace amphora::stores {

/// The document with that _id.
[[nodiscard]] std::optional<DocumentView> find(const transaction::Reading& reading,
                                               const BoundSchema& schema,
                                               const Collection& collection, BsonView id,
                                               Buffer& scratch);

/// The documents that the filter selects; all of them with an empty filter. `reading` and `schema`
/// must outlive the source.
[[nodiscard]] std::unique_ptr<document::DocumentSource> find(const transaction::Reading& reading,
                                                             const BoundSchema& schema,
                                                             const Collection& collection,
                                                             document::Filter filter,
                                                             const FindOptions& options = {});

/// Inserts a document, and returns its _id.
BsonValue insert(transaction::Writing& writing, const BoundSchema& schema,
                 const Collection& collection, const Document& document);

/// Inserts a document, or replaces the one with the same _id. Returns the _id.
BsonValue put(transaction::Writing& writing, const BoundSchema& schema,
              const Collection& collection, const Document& document);

/// Updates the document with that _id. Was there one?
bool update(transaction::Writing& writing, const BoundSchema& schema, const Collection& collection,
            BsonView id, const document::Update& update);

/// Updates the documents that the filter selects, or the first of them, and returns how many there
/// were.
std::uint64_t update(transaction::Writing& writing, const BoundSchema& schema,
                     const Collection& collection, const document::Filter& filter,
                     const document::Update& update,
                     document::Extent extent = document::Extent::all);

/// Removes the document with that _id. Was there one?
bool erase(transaction::Writing& writing, const BoundSchema& schema, const Collection& collection,
           BsonView id);

/// Removes the documents that the filter selects, or the first of them, and returns how many there
/// were.
std::uint64_t erase(transaction::Writing& writing, const BoundSchema& schema,
                    const Collection& collection, const document::Filter& filter,
                    document::Extent extent = document::Extent::all);

}  // namespace amphora::stores
