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

/// Whether JSON must give back the same bytes: no name is doubled, begins with "$" or is out of its
/// array's order, no NaN or decimal has more than one spelling, and options of regular expressions
/// are in order.
[[nodiscard]] bool is_plain(DocumentView document);

/// Aborts unless the bytes are valid BSON, can be walked, compare as equal to themselves, and can
/// be printed; and, if the document is plain, read back as the same bytes.
void require_sound(const Document& document);

}  // namespace amphora::fuzz
