#include "codec/json/extended.hpp"

#include "codec/bson/writer.hpp"
#include "codec/json/base64.hpp"
#include "codec/json/date.hpp"
#include "codec/json/names.hpp"
#include "codec/utf8.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <iterator>
#include <limits>

namespace amphora::codec {

namespace {

using Text = std::string_view;
using Result = std::optional<BsonValue>;

/// The two values of an object that has exactly these two names, in either order.
struct Pair {
    BsonView first;
    BsonView second;
};
std::optional<Pair> take_pair(DocumentView object, Text first, Text second) {
    if (object.count() != 2) return std::nullopt;
    const auto one = object.field(first);
    const auto other = object.field(second);
    if (!one || !other) return std::nullopt;
    return Pair{*one, *other};
}

/// A number, if the whole text is its decimal digits.
template <class Number>
std::optional<Number> number_in(BsonView value) {
    auto text = value.as_text();
    if (!text) return std::nullopt;
    Number number{};
    const auto [end, status] = std::from_chars(text->data(), text->data() + text->size(), number);
    if (status != std::errc{} || end != text->data() + text->size()) return std::nullopt;
    return number;
}

template <class Number>
Result read_integer(BsonView value) {
    const auto number = number_in<Number>(value);
    return number ? Result{*number} : std::nullopt;
}

Result read_double(BsonView value) {
    const auto text = value.as_text();
    if (!text) return std::nullopt;
    // Only the specification's names of what is not finite; from_chars accepts more.
    if (*text == "NaN") return std::numeric_limits<double>::quiet_NaN();
    if (*text == "Infinity") return std::numeric_limits<double>::infinity();
    if (*text == "-Infinity") return -std::numeric_limits<double>::infinity();
    const auto number = number_in<double>(value);
    return number && std::isfinite(*number) ? Result{*number} : std::nullopt;
}

Result read_decimal(BsonView value) {
    const auto text = value.as_text();
    const auto number = text ? Decimal128::parse(*text) : std::nullopt;
    return number ? Result{*number} : std::nullopt;
}

Result read_object_id(BsonView value) {
    const auto text = value.as_text();
    const auto id = text ? ObjectId::parse(*text) : std::nullopt;
    return id ? Result{*id} : std::nullopt;
}

Result read_date(BsonView value) {
    if (const auto text = value.as_text()) {
        const auto moment = parse_iso_date(*text);
        return moment ? Result{BsonValue::date_ms(*moment)} : std::nullopt;
    }
    if (value.type() != BsonType::int32 && value.type() != BsonType::int64) return std::nullopt;
    return BsonValue::date_ms(*value.as_int64());
}

std::optional<std::uint32_t> unsigned32(BsonView value) {
    const auto number = value.as_int64();
    if (!number || *number < 0 || *number > UINT32_MAX) return std::nullopt;
    return static_cast<std::uint32_t>(*number);
}

Result read_timestamp(BsonView value) {
    const auto inside = value.as_document();
    const auto parts = inside ? take_pair(*inside, "t", "i") : std::nullopt;
    if (!parts) return std::nullopt;
    const auto seconds = unsigned32(parts->first);
    const auto increment = unsigned32(parts->second);
    if (!seconds || !increment) return std::nullopt;
    return Timestamp{.seconds = *seconds, .increment = *increment};
}

/// Bytes and subtype, both from text.
Result binary_of(BsonView base64, BsonView subtype_hex) {
    const auto text = base64.as_text();
    const auto hex = subtype_hex.as_text();
    if (!text || !hex || hex->empty() || hex->size() > 2) return std::nullopt;
    std::uint8_t subtype = 0;
    const auto [end, status] = std::from_chars(hex->data(), hex->data() + hex->size(), subtype, 16);
    if (status != std::errc{} || end != hex->data() + hex->size()) return std::nullopt;
    const auto bytes = parse_base64(*text);
    if (!bytes) return std::nullopt;
    return Binary{.bytes = *bytes, .subtype = subtype};
}

Result read_binary(BsonView value) {
    const auto inside = value.as_document();
    const auto parts = inside ? take_pair(*inside, "base64", "subType") : std::nullopt;
    return parts ? binary_of(parts->first, parts->second) : std::nullopt;
}

Result read_uuid(BsonView value) {
    constexpr std::uint8_t subtype_uuid = 4;
    const auto text = value.as_text();
    if (!text || text->size() != 36) return std::nullopt;
    std::string bytes;
    for (std::size_t at = 0; at < text->size();) {
        if (at == 8 || at == 13 || at == 18 || at == 23) {
            if ((*text)[at++] != '-') return std::nullopt;
            continue;
        }
        std::uint8_t byte = 0;
        const char* const digits = text->data() + at;
        if (std::from_chars(digits, digits + 2, byte, 16).ptr != digits + 2) return std::nullopt;
        bytes += static_cast<char>(byte);
        at += 2;
    }
    return Binary{.bytes = bytes, .subtype = subtype_uuid};
}

Result read_regex(BsonView value) {
    const auto inside = value.as_document();
    const auto parts = inside ? take_pair(*inside, "pattern", "options") : std::nullopt;
    if (!parts) return std::nullopt;
    const auto pattern = parts->first.as_text();
    const auto options = parts->second.as_text();
    const auto holds_nul = [](Text text) { return text.find('\0') != Text::npos; };
    if (!pattern || !options || holds_nul(*pattern) || holds_nul(*options)) return std::nullopt;
    return RegularExpression{.pattern = *pattern, .options = *options};
}

Result read_code(BsonView value) {
    const auto text = value.as_text();
    return text ? Result{Code{*text, std::nullopt}} : std::nullopt;
}

Result read_symbol(BsonView value) {
    const auto text = value.as_text();
    return text ? Result{Symbol{*text}} : std::nullopt;
}

Result read_db_pointer(BsonView value) {
    const auto inside = value.as_document();
    const auto parts = inside ? take_pair(*inside, "$ref", "$id") : std::nullopt;
    if (!parts) return std::nullopt;
    const auto collection = parts->first.as_text();
    const auto id = parts->second.as_object_id();
    if (!collection || !id) return std::nullopt;
    return DatabasePointer{.collection = *collection, .id = *id};
}

template <class Mark>
Result read_key_mark(BsonView value) {
    return value.is_number() && value.as_int64() == 1 ? Result{Mark{}} : std::nullopt;
}

Result read_undefined(BsonView value) {
    return value.as_bool() == true ? Result{Undefined{}} : std::nullopt;
}

/// [["$date", "a text"], ["n", 1]]: names and values.
Result read_document(BsonView value) {
    const auto list = value.as_array();
    if (!list) return std::nullopt;
    Buffer bytes;
    BsonWriter writer{bytes};
    const BsonWriter::Open open = writer.begin_document();
    for (const Element& entry : *list) {
        const auto pair = entry.value.as_array();
        const auto parts = pair ? take_pair(*pair, "0", "1") : std::nullopt;
        const auto name = parts ? parts->first.as_text() : std::nullopt;
        if (!name || name->find('\0') != Text::npos) return std::nullopt;
        if (bytes.size() > document_bytes_max) return std::nullopt;
        writer.element(*name, parts->second);
    }
    if (bytes.size() >= document_bytes_max) return std::nullopt;
    writer.end(open);
    return BsonValue{BsonView{BsonType::document, bytes}};
}

/// A name that marks a type, the function that reads its value, and the words for a wrong value.
struct Marker {
    Text name;
    Result (*read)(BsonView);
    Text expected;
};

constexpr Marker markers[] = {
    {"$date", read_date, "a number of milliseconds or a text such as \"2026-01-31T12:34:56.789Z\""},
    {"$oid", read_object_id, "24 hexadecimal digits"},
    {"$numberInt", read_integer<std::int32_t>, "the digits of a 32-bit integer as text"},
    {"$numberLong", read_integer<std::int64_t>, "the digits of a 64-bit integer as text"},
    {"$numberDouble", read_double, "a number as text, or \"NaN\", \"Infinity\", \"-Infinity\""},
    {"$numberDecimal", read_decimal, "a decimal number of at most 34 digits as text"},
    {"$binary", read_binary, "{\"base64\": ..., \"subType\": ...}"},
    {"$uuid", read_uuid, "a text such as \"c8edabc3-f738-4ca3-b68d-ab92a91478a3\""},
    {"$timestamp", read_timestamp, "{\"t\": ..., \"i\": ...} with numbers from 0 to 4294967295"},
    {"$regularExpression", read_regex, "{\"pattern\": ..., \"options\": ...}"},
    {"$minKey", read_key_mark<MinKey>, "1"},
    {"$maxKey", read_key_mark<MaxKey>, "1"},
    {"$undefined", read_undefined, "true"},
    {"$symbol", read_symbol, "a text"},
    {"$code", read_code, "a text"},
    {"$dbPointer", read_db_pointer, "{\"$ref\": ..., \"$id\": ...} with an object id"},
    {escape_name, read_document, "[[name, value], ...] with names that are texts without a NUL"},
};

bool has_name_twice(DocumentView document) {
    JsonNames names;
    names.begin_object();
    const Bytes bytes = document.bytes();
    for (const Element& element : document) {
        const auto at = static_cast<std::size_t>(element.name.data() - bytes.data());
        if (!names.add(bytes, at, element.name.size())) return true;
    }
    return names.end_object(bytes) != nullptr;
}

const Marker* find_marker(Text name) noexcept {
    if (!name.starts_with('$')) return nullptr;
    const auto found = std::ranges::find(markers, name, &Marker::name);
    return found == std::end(markers) ? nullptr : found;
}

/// The types that need two names: code with its scope, and version 1's binary.
Result read_two(DocumentView object) {
    if (const auto code = take_pair(object, "$code", "$scope")) {
        const auto text = code->first.as_text();
        const auto scope = code->second.as_document();
        return text && scope ? Result{Code{*text, *scope}} : std::nullopt;
    }
    if (const auto binary = take_pair(object, "$binary", "$type")) {
        return binary_of(binary->first, binary->second);
    }
    return std::nullopt;
}

}  // namespace

bool needs_escape(DocumentView document) {
    constexpr std::size_t few = 16;
    std::array<Text, few> seen;
    std::size_t fields = 0;
    for (const Element& element : document) {
        if (find_marker(element.name) != nullptr) return true;
        if (fields < few) {
            const auto end = seen.begin() + static_cast<std::ptrdiff_t>(fields);
            if (std::find(seen.begin(), end, element.name) != end) return true;
            seen[fields] = element.name;
        }
        ++fields;
    }
    return fields > few && has_name_twice(document);
}

ExtendedJson read_extended_json(DocumentView object) try {
    const Marker* marker = nullptr;
    std::size_t fields = 0;
    for (const Element& element : object) {
        ++fields;
        if (marker == nullptr) marker = find_marker(element.name);
    }
    if (marker == nullptr) return {};
    ExtendedJson result;
    if (fields == 1) result.value = marker->read(*object.field(marker->name));
    if (fields == 2) result.value = read_two(object);
    if (!result.value) {
        result.fault = fields == 1 ? fmt::format("\"{}\" needs {}", marker->name, marker->expected)
                                   : fmt::format(
                                         "\"{}\" marks a typed value, but there are other "
                                         "names in the object, or values of wrong types",
                                         marker->name);
    }
    return result;
} catch (const Error& error) {
    // For example a binary of more than 16 MiB, or a scope that is nested too deeply.
    return {std::nullopt, error.what()};
}

}  // namespace amphora::codec
