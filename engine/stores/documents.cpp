#include "stores/documents.hpp"

#include "document/query/document_scan.hpp"
#include "document/query/document_window.hpp"

#include <cstddef>
#include <utility>

namespace amphora::stores {

using document::DocumentSource;
using document::Extent;
using document::Filter;
using document::Update;
using transaction::Reading;
using transaction::Writing;

std::optional<DocumentView> find(const Reading& reading, const BoundSchema& schema,
                                 const Collection& collection, BsonView id, Buffer& scratch) {
    return document::find(reading, schema.require(collection), id, scratch);
}

std::unique_ptr<DocumentSource> find(const Reading& reading, const BoundSchema& schema,
                                     const Collection& collection, Filter filter,
                                     const FindOptions& options) {
    std::unique_ptr<DocumentSource> found = std::make_unique<document::DocumentScan>(
        document::find(reading, schema.require(collection), std::move(filter), options.direction));
    const bool shows_all = options.skip == 0 && options.limit == SIZE_MAX;
    if (shows_all) return found;
    return std::make_unique<document::DocumentWindow>(std::move(found), options);
}

BsonValue insert(Writing& writing, const BoundSchema& schema, const Collection& collection,
                 const Document& document) {
    return document::insert(writing, schema.require(collection), document);
}

BsonValue put(Writing& writing, const BoundSchema& schema, const Collection& collection,
              const Document& document) {
    return document::put(writing, schema.require(collection), document);
}

bool update(Writing& writing, const BoundSchema& schema, const Collection& collection, BsonView id,
            const Update& update) {
    return document::update(writing, schema.require(collection), id, update);
}

std::uint64_t update(Writing& writing, const BoundSchema& schema, const Collection& collection,
                     const Filter& filter, const Update& update, Extent extent) {
    return document::update(writing, schema.require(collection), filter, update, extent);
}

bool erase(Writing& writing, const BoundSchema& schema, const Collection& collection, BsonView id) {
    return document::erase(writing, schema.require(collection), id);
}

std::uint64_t erase(Writing& writing, const BoundSchema& schema, const Collection& collection,
                    const Filter& filter, Extent extent) {
    return document::erase(writing, schema.require(collection), filter, extent);
}

}  // namespace amphora::stores
