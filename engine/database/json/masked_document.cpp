#include "database/json/masked_document.hpp"

#include "codec/json/extended.hpp"
#include "codec/json/text.hpp"

#include <amphora/document.hpp>

namespace amphora::detail {

namespace {

using codec::append_quoted;

void append_value(Buffer& json, BsonView value, const Paths& paths) {
    if (const auto document = value.as_document()) return append_masked(json, *document, paths);
    const auto array = value.as_array();
    if (!array) {
        json += to_json(value);
        return;
    }
    json += '[';
    bool is_first = true;
    for (const Element& element : *array) {
        if (!is_first) json += ", ";
        is_first = false;
        append_value(json, element.value, paths);
    }
    json += ']';
}

}  // namespace

void append_masked(Buffer& json, DocumentView document, const Paths& paths) {
    const bool is_list = codec::needs_escape(document);
    json += '{';
    if (is_list) {
        append_quoted(json, codec::escape_name);
        json += ": [";
    }
    bool is_first = true;
    for (const Element& element : document) {
        if (!is_first) json += ", ";
        is_first = false;
        if (is_list) json += '[';
        append_quoted(json, element.name);
        json += is_list ? ", " : ": ";
        Paths inside;
        bool is_masked = false;
        for (const auto& path : paths) {
            if (path.front() != element.name) continue;
            is_masked = is_masked || path.size() == 1;
            inside.push_back(path.subspan(1));
        }
        if (is_masked) {
            append_quoted(json, mask_text);
        } else if (inside.empty()) {
            json += to_json(element.value);
        } else {
            append_value(json, element.value, inside);
        }
        if (is_list) json += ']';
    }
    json += is_list ? "]}" : "}";
}

}  // namespace amphora::detail
