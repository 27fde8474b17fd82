// BSON: damaged bytes are refused by name wherever they are read; what the validator accepts can be
// walked, compared, printed and read again.

#include "codec/bson/order.hpp"
#include "codec/bson/validator.hpp"
#include "fuzz/documents.hpp"
#include "fuzz/require.hpp"

#include <amphora/error.hpp>

namespace {

using namespace amphora;

/// Readers meet bytes that nobody validated only where a disk is damaged: they may say so.
void read_unvalidated(std::string_view bytes) {
    try {
        for (const Element& element : DocumentView{bytes}) {
            static_cast<void>(codec::compare(element.value, element.value));
        }
    } catch (const Error& error) {
        fuzz::require(error.code() == ErrorCode::malformed_bson, "damage is malformed_bson",
                      [&] { return std::string{error.what()}; });
    }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes = fuzz::text_of(data, size);
    const auto fault = codec::find_bson_fault(bytes);
    if (!fault) {
        const Document document = Document::from_bson(bytes);
        fuzz::require(document.bytes() == bytes || codec::find_document_fault(bytes),
                      "valid bytes in the usual spelling become a document as they are");
        fuzz::require_sound(document);
        return 0;
    }
    fuzz::require(fault->offset <= size, "a fault has its place within the bytes");
    read_unvalidated(bytes);
    return 0;
}
