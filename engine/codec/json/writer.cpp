#include "codec/bson/layout.hpp"
#include "codec/json/base64.hpp"
#include "codec/json/date.hpp"
#include "codec/json/extended.hpp"
#include "codec/json/text.hpp"

#include <amphora/document.hpp>
#include <amphora/error.hpp>

#include <fmt/format.h>

#include <cmath>
#include <iterator>

namespace amphora {

namespace {

enum class Brackets : std::uint8_t { object, array };

/// The value of an `as_…` function. It is empty where the value's length does not fit its type, in
/// bytes that nobody has validated.
template <class T>
T require(std::optional<T> answer) {
    if (!answer) {
        throw Error{ErrorCode::malformed_bson,
                    "a BSON value to be spelled as JSON is not as long as its type says"};
    }
    return *answer;
}

class JsonWriter {
  public:
    JsonWriter(JsonFormat format, JsonLayout layout) noexcept : format_{format}, layout_{layout} {}

    void value(BsonView value);
    void document(DocumentView document) {
        if (codec::needs_escape(document)) return escaped(document);
        elements(document, Brackets::object);
    }
    std::string take() noexcept { return std::move(text_); }

  private:
    void line() {
        if (layout_ != JsonLayout::indented) return;
        text_ += '\n';
        text_.append(static_cast<std::size_t>(depth_) * 2, ' ');
    }

    /// Writes the contents between two brackets.
    template <class Write>
    void list(DocumentView document, Write&& write);
    void elements(DocumentView document, Brackets brackets);
    void escaped(DocumentView document);
    void quoted(std::string_view text) { codec::append_quoted(text_, text); }
    void real(double number);
    void date(std::int64_t milliseconds);
    void binary(const Binary& binary);
    void code(const Code& code);

    /// {"$oid": "…"}: a typed value that is one text, in which nothing must be escaped.
    void typed(std::string_view name, std::string_view plain) {
        fmt::format_to(std::back_inserter(text_), R"({{"{}": "{}"}})", name, plain);
    }
    template <class Integer>
    void integer(std::string_view name, Integer number) {
        const fmt::format_int digits{number};
        const std::string_view plain{digits.data(), digits.size()};
        if (format_ == JsonFormat::canonical) {
            typed(name, plain);
        } else {
            text_ += plain;
        }
    }

    JsonFormat format_;
    JsonLayout layout_;
    int depth_ = 0;
    std::string text_;
};

void JsonWriter::real(double number) {
    if (!std::isfinite(number)) {
        return typed("$numberDouble", std::isnan(number) ? "NaN"
                                      : number < 0       ? "-Infinity"
                                                         : "Infinity");
    }
    if (format_ == JsonFormat::canonical) {
        std::string digits;
        codec::append_real(digits, number);
        typed("$numberDouble", digits);
    } else {
        codec::append_real(text_, number);
    }
}

void JsonWriter::date(std::int64_t milliseconds) {
    if (format_ == JsonFormat::relaxed && codec::has_iso_date(milliseconds)) {
        text_ += R"({"$date": ")";
        codec::append_iso_date(text_, milliseconds);
        text_ += "\"}";
    } else {
        fmt::format_to(std::back_inserter(text_), R"({{"$date": {{"$numberLong": "{}"}}}})",
                       milliseconds);
    }
}

void JsonWriter::binary(const Binary& binary) {
    text_ += R"({"$binary": {"base64": ")";
    codec::append_base64(text_, binary.bytes);
    fmt::format_to(std::back_inserter(text_), R"(", "subType": "{:02x}"}}}})", binary.subtype);
}

void JsonWriter::code(const Code& code) {
    text_ += R"({"$code": )";
    quoted(code.text);
    if (code.scope) {
        text_ += R"(, "$scope": )";
        document(*code.scope);
    }
    text_ += '}';
}

template <class Write>
void JsonWriter::list(DocumentView document, Write&& write) {
    ++depth_;
    bool first = true;
    for (const Element& element : document) {
        if (!first) text_ += layout_ == JsonLayout::indented ? "," : ", ";
        first = false;
        line();
        write(element);
    }
    --depth_;
    if (!first) line();
}

void JsonWriter::elements(DocumentView document, Brackets brackets) {
    const bool named = brackets == Brackets::object;
    text_ += named ? '{' : '[';
    list(document, [&](const Element& element) {
        if (named) {
            quoted(element.name);
            text_ += ": ";
        }
        value(element.value);
    });
    text_ += named ? '}' : ']';
}

void JsonWriter::escaped(DocumentView document) {
    text_ += '{';
    ++depth_;
    line();
    quoted(codec::escape_name);
    text_ += ": [";
    list(document, [&](const Element& element) {
        text_ += '[';
        quoted(element.name);
        text_ += ", ";
        value(element.value);
        text_ += ']';
    });
    text_ += ']';
    --depth_;
    line();
    text_ += '}';
}

void JsonWriter::value(BsonView value) {
    switch (value.type()) {
        case BsonType::real:
            return real(require(value.as_double()));
        case BsonType::string:
            return quoted(require(value.as_text()));
        case BsonType::document:
            return document(require(value.as_document()));
        case BsonType::array:
            return elements(require(value.as_array()), Brackets::array);
        case BsonType::binary:
            return binary(require(value.as_binary()));
        case BsonType::undefined:
            text_ += R"({"$undefined": true})";
            return;
        case BsonType::object_id:
            return typed("$oid", require(value.as_object_id()).hex());
        case BsonType::boolean:
            text_ += require(value.as_bool()) ? "true" : "false";
            return;
        case BsonType::date:
            return date(require(value.as_date_ms()));
        case BsonType::null:
            text_ += "null";
            return;
        case BsonType::code:
        case BsonType::code_with_scope:
            return code(require(value.as_code()));
        case BsonType::int32:
            return integer("$numberInt", require(value.as_int32()));
        case BsonType::int64:
            return integer("$numberLong", require(value.as_int64()));
        case BsonType::decimal128:
            return typed("$numberDecimal", to_string(require(value.as_decimal128())));
        case BsonType::max_key:
            text_ += R"({"$maxKey": 1})";
            return;
        case BsonType::min_key:
            text_ += R"({"$minKey": 1})";
            return;
        case BsonType::timestamp: {
            const Timestamp moment = require(value.as_timestamp());
            fmt::format_to(std::back_inserter(text_), R"({{"$timestamp": {{"t": {}, "i": {}}}}})",
                           moment.seconds, moment.increment);
            return;
        }
        case BsonType::regex: {
            const RegularExpression regex = require(value.as_regex());
            text_ += R"({"$regularExpression": {"pattern": )";
            quoted(regex.pattern);
            text_ += R"(, "options": )";
            quoted(regex.options);
            text_ += "}}";
            return;
        }
        case BsonType::symbol:
            text_ += R"({"$symbol": )";
            quoted(require(value.as_symbol()).text);
            text_ += '}';
            return;
        case BsonType::db_pointer: {
            const DatabasePointer pointer = require(value.as_db_pointer());
            text_ += R"({"$dbPointer": {"$ref": )";
            quoted(pointer.collection);
            text_ += R"(, "$id": )";
            typed("$oid", pointer.id.hex());
            text_ += "}}";
            return;
        }
    }
}

}  // namespace

std::string to_json(DocumentView document, JsonFormat format, JsonLayout layout) {
    JsonWriter writer{format, layout};
    writer.document(document);
    return writer.take();
}

std::string to_json(BsonView value, JsonFormat format, JsonLayout layout) {
    JsonWriter writer{format, layout};
    writer.value(value);
    return writer.take();
}

}  // namespace amphora
