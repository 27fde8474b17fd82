// JSON: a stream ends, reads the same in pieces of any size, and what is read can be printed and
// read again.

#include "fuzz/documents.hpp"
#include "fuzz/require.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace amphora;
    const std::string_view text = fuzz::text_of(data, size);
    const fuzz::ReadDocuments whole = fuzz::read_documents(text, size + 1);
    const fuzz::ReadDocuments pieces = fuzz::read_documents(text, 1 + size % 7);
    fuzz::require(whole.documents == pieces.documents && whole.refused == pieces.refused,
                  "chunks make no difference");
    for (const Document& document : whole.documents) fuzz::require_sound(document);
    return 0;
}
