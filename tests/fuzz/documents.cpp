#include "fuzz/documents.hpp"

#include "codec/bson_order.hpp"
#include "codec/bson_validator.hpp"
#include "codec/json_documents.hpp"
#include "fuzz/require.hpp"

#include <amphora/error.hpp>

#include <algorithm>
#include <cmath>
#include <set>

namespace amphora::fuzz {

namespace {

bool is_plain_value(BsonView value) {
    switch (value.type()) {
        case BsonType::document:
            return is_plain(*value.as_document());
        case BsonType::array: {
            std::size_t place = 0;
            for (const Element& element : *value.as_array()) {
                if (element.name != std::to_string(place++)) return false;
                if (!is_plain_value(element.value)) return false;
            }
            return true;
        }
        case BsonType::real:
            return !std::isnan(*value.as_double());
        case BsonType::decimal128:
        case BsonType::regex:
        case BsonType::code_with_scope:
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

bool is_plain(DocumentView document) {
    std::set<std::string_view> names;
    for (const Element& element : document) {
        if (element.name.starts_with('$')) return false;
        if (!names.insert(element.name).second) return false;
        if (!is_plain_value(element.value)) return false;
    }
    return true;
}

void require_sound(const Document& document) {
    const std::string_view bytes = document.bytes();
    if (const auto fault = codec::find_bson_fault(bytes)) {
        fail("a document is valid", std::string{fault->what} + "\n" + to_json(document));
    }
    require(codec::compare(document.view(), document.view()) == 0, "a document equals itself",
            [&] { return to_json(document); });
    Document again;
    for (const Element& element : document) again.append(element.name, BsonValue{element.value});
    require(again == document, "a document is its elements", [&] { return to_json(document); });

    const std::string canonical = to_json(document, JsonFormat::canonical);
    const std::string relaxed = to_json(document, JsonFormat::relaxed, JsonLayout::indented);
    if (!is_plain(document)) return;
    const auto details = [&] { return canonical + "\n" + relaxed; };
    try {
        const Document read = Document::from_json(canonical);
        require(read == document, "canonical JSON gives back the same bytes", details);
        require(to_json(read, JsonFormat::canonical) == canonical, "JSON prints as it was read",
                details);
        static_cast<void>(Document::from_json(relaxed));
    } catch (const Error& error) {
        fail("a plain document's JSON can be read", error.what() + ("\n" + details()));
    }
}

}  // namespace amphora::fuzz
