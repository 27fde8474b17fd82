#pragma once

#include <amphora/document.hpp>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

/// Properties of documents that several targets check.
namespace amphora::fuzz {

/// All documents of a stream of JSON that gives at most `chunk` bytes at a time; damaged ones are
/// counted in `refused`. Aborts if more are refused than the stream has bytes.
struct ReadDocuments {
    std::vector<Document> documents;
    std::size_t refused = 0;
};
[[nodiscard]] ReadDocuments read_documents(std::string_view text, std::size_t chunk);

/// Whether canonical JSON must give back the same bytes: a NaN and a decimal have other bits for
/// the same value.
[[nodiscard]] bool has_one_spelling(DocumentView document);

/// Aborts unless the bytes are a valid document, can be walked, compare as equal to themselves, and
/// the document's JSON can be read and printed again as the same text; and, if it has one spelling,
/// is read as the same bytes.
void require_sound(const Document& document);

}  // namespace amphora::fuzz
