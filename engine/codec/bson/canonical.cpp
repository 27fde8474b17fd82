#include "codec/bson/canonical.hpp"

#include "codec/bson/writer.hpp"
#include "codec/utf8.hpp"

namespace amphora::codec {

namespace {

enum class Names : std::uint8_t { given, positions };

void write_value(Buffer& out, BsonView value);

void write_elements(Buffer& out, DocumentView elements, Names names) {
    BsonWriter writer{out};
    const BsonWriter::Open open = writer.begin_document();
    std::size_t position = 0;
    for (const Element& element : elements) {
        if (names == Names::positions) {
            writer.head(ArrayName{position++}, element.value.type());
        } else {
            writer.head(element.name, element.value.type());
        }
        write_value(out, element.value);
    }
    writer.end(open);
}

void write_value(Buffer& out, BsonView value) {
    switch (value.type()) {
        case BsonType::document:
            return write_elements(out, DocumentView{value.raw()}, Names::given);
        case BsonType::array:
            return write_elements(out, DocumentView{value.raw()}, Names::positions);
        case BsonType::regex: {
            const RegularExpression regex = *value.as_regex();
            append_cstring(out, regex.pattern);
            return append_cstring(out, sorted_characters(regex.options));
        }
        case BsonType::code_with_scope: {
            const Code code = *value.as_code();
            const std::size_t start = out.size();
            append_little(out, std::int32_t{0});
            append_string(out, code.text);
            write_elements(out, *code.scope, Names::given);
            return store_little(out.data() + start, static_cast<std::int32_t>(out.size() - start));
        }
        default:
            out.append(value.raw());
    }
}

}  // namespace

Buffer canonical_bson(DocumentView document) {
    return canonical_bson(BsonView{BsonType::document, document.bytes()});
}

Buffer canonical_bson(BsonView value) {
    Buffer out;
    out.reserve(value.raw().size());
    write_value(out, value);
    return out;
}

}  // namespace amphora::codec
