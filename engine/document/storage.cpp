#include "document/storage.hpp"

#include "base/assert.hpp"
#include "codec/bson/validator.hpp"
#include "document/collection/keys.hpp"
#include "document/index/writer.hpp"

namespace amphora::document {
namespace {

using transaction::KeptState;

void require_whole(const StoredDocument& document) {
    AMPHORA_DEBUG_ASSERT(!codec::find_document_fault(document.view().bytes()));
    static_cast<void>(document);
}

}  // namespace

void store_new(transaction::Writing& writing, const BoundCollection& collection,
               const StoredDocument& document, Bytes key) {
    require_whole(document);
    for (const BoundIndex& index : collection.indexes()) {
        enter(writing, collection, index, document, without_space(key));
    }
    writing.put(TreeId::documents, key, document.view().bytes());
}

void store_over(transaction::Writing& writing, const BoundCollection& collection,
                DocumentView before, const StoredDocument& after, Bytes key) {
    require_whole(after);
    replace_entries(writing, collection, before, after, without_space(key));
    writing.put_over(
        TreeId::documents, key, after.view().bytes(),
        collection.definition().keeps_before ? KeptState{before.bytes()} : std::nullopt);
}

void remove(transaction::Writing& writing, const BoundCollection& collection, DocumentView document,
            Bytes key) {
    remove_entries(writing, collection, document, without_space(key));
    // A limited key does not name the document, so the commit record must.
    const bool keeps = collection.definition().keeps_before || !fits(key);
    writing.erase(TreeId::documents, key, keeps ? KeptState{document.bytes()} : std::nullopt);
}

}  // namespace amphora::document
