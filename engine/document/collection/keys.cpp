#include "document/collection/keys.hpp"

namespace amphora::document {

std::optional<BsonValue> id_of_key(Bytes key) {
    codec::KeyReader elements{key};
    if (!fits(key)) {
        if (key.size() == part_bytes_max) return std::nullopt;
        elements.damaged("a key that is shorter or limited");
    }
    BsonValue id = codec::read_value(elements);
    if (elements.order() != codec::KeyOrder::ascending) elements.damaged("an ascending _id");
    if (!elements.at_end()) elements.damaged("the end of a document's key");
    return id;
}

}  // namespace amphora::document
