#include "fuzz/documents.hpp"

#include "codec/bson/order.hpp"
#include "codec/bson/validator.hpp"
#include "codec/json/documents.hpp"
#include "fuzz/require.hpp"

#include <amphora/error.hpp>

#include <algorithm>
#include <cmath>

namespace amphora::fuzz {

namespace {

bool has_one_spelling(BsonView value) {
    switch (value.type()) {
        case BsonType::document:
            return fuzz::has_one_spelling(*value.as_document());
        case BsonType::array:
            return fuzz::has_one_spelling(*value.as_array());
        case BsonType::code_with_scope:
            return fuzz::has_one_spelling(*value.as_code()->scope);
        case BsonType::real:
            return !std::isnan(*value.as_double());
        case BsonType::decimal128:
            return false;
        default:
            return true;
    }
}

}  // namespace

ReadDocuments read_documents(std::string_view text, std::size_t chunk) {
    std::size_t at = 0;
    codec::JsonDocuments documents{[&](char* into, std::size_t most) {
        const std::size_t bytes = text.copy(into, std::min(chunk, most), at);
        at += bytes;
        return bytes;
    }};
    ReadDocuments read;
    while (true) {
        try {
            auto document = documents.next();
            if (!document) break;
            read.documents.push_back(std::move(*document));
        } catch (const Error& error) {
            require(error.code() == ErrorCode::malformed_json, "a bad document is malformed_json",
                    [&] { return std::string{error.what()}; });
            ++read.refused;
            require(read.refused <= text.size() + 1, "each refusal passes some of the stream");
        }
    }
    require(documents.bytes() == text.size(), "the stream is read to its end");
    return read;
}

bool has_one_spelling(DocumentView document) {
    for (const Element& element : document) {
        if (!has_one_spelling(element.value)) return false;
    }
    return true;
}

void require_sound(const Document& document) {
    const std::string_view bytes = document.bytes();
    if (const auto fault = codec::find_document_fault(bytes)) {
        fail("a document is valid", std::string{fault->what} + "\n" + to_json(document));
    }
    require(codec::compare(document.view(), document.view()) == 0, "a document equals itself",
            [&] { return to_json(document); });
    Document again;
    for (const Element& element : document) again.append(element.name, BsonValue{element.value});
    require(again == document, "a document is its elements", [&] { return to_json(document); });

    const std::string canonical = to_json(document, JsonFormat::canonical);
    const std::string relaxed = to_json(document, JsonFormat::relaxed, JsonLayout::indented);
    const auto details = [&] { return canonical + "\n" + relaxed; };
    try {
        const Document read = Document::from_json(canonical);
        require(read == document || !has_one_spelling(document),
                "canonical JSON gives back the same bytes", details);
        require(to_json(read, JsonFormat::canonical) == canonical, "JSON prints as it was read",
                details);
        static_cast<void>(Document::from_json(relaxed));
    } catch (const Error& error) {
        fail("a document's JSON can be read", error.what() + ("\n" + details()));
    }
}

}  // namespace amphora::fuzz
