#include "document/rebuild.hpp"

#include "document/check.hpp"
#include "document/collection/keys.hpp"
#include "document/index/writer.hpp"
#include "transaction/each_entry.hpp"

#include <amphora/error.hpp>

namespace amphora::document {

namespace {

void refuse(transaction::Writing& writing, Bytes key, Bytes value, const std::string& why,
            const Refused& refused) {
    refused(key, value, why);
    writing.erase(TreeId::documents, Buffer{key});
}

}  // namespace

std::optional<Buffer> rebuild_documents(transaction::Writing& writing,
                                        const BoundCollection& collection, Bytes from,
                                        std::size_t documents_max, const Refused& refused) {
    return transaction::each_entry(
        writing, TreeId::documents, collection.space(), from, documents_max,
        [&](Bytes key, Bytes value) {
            if (const auto fault = find_fault(writing, collection, key, value)) {
                refuse(writing, key, value, *fault, refused);
            }
        });
}

std::optional<Buffer> rebuild_indexes(transaction::Writing& writing,
                                      const BoundCollection& collection, Bytes from,
                                      std::size_t documents_max, const Refused& refused) {
    return transaction::each_entry(
        writing, TreeId::documents, collection.space(), from, documents_max,
        [&](Bytes key, Bytes value) {
            try {
                transaction::atomically(writing, [&] {
                    for (const BoundIndex& index : collection.indexes()) {
                        enter(writing, collection, index, DocumentView{value}, without_space(key));
                    }
                });
            } catch (const Error& error) {
                if (error.code() != ErrorCode::duplicate_key) throw;
                refuse(writing, key, value, error.what(), refused);
            }
        });
}

}  // namespace amphora::document
