#include "codec/bson/key.hpp"

#include "base/assert.hpp"
#include "codec/bson/decimal128.hpp"
#include "codec/bson/layout.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

#include <string>

namespace amphora::codec {

namespace {

void append_fields(KeyWriter& key, DocumentView fields) {
    for (const Element& element : fields) {
        key.field(element.name);
        append_key(key, element.value);
    }
    key.end();
}

void append_code(KeyWriter& key, const Code& code) {
    if (!code.scope) {
        key.code(code.text);
    } else {
        key.begin_code_with_scope(code.text);
        append_fields(key, *code.scope);
    }
}

// The functions below return the element at which the reader is, and move the reader to its end.

BsonValue current_value(KeyReader& key);

BsonValue current_number(const KeyReader& key) {
    const KeyNumber& number = key.number();
    if (number.form == KeyNumber::Form::integer) return number.integer;
    if (number.form == KeyNumber::Form::real) return number.real;
    DecimalParts parts{
        .negative = number.negative, .coefficient = number.digits, .exponent = number.exponent};
    if (parts.coefficient < power_of_ten(decimal128_digits_max) && fit_exponent(parts)) {
        return pack(parts);
    }
    key.damaged("a number of at most 34 digits as the element that ends");
}

BsonValue current_date(const KeyReader& key) {
    constexpr std::int64_t ms_us = 1000;
    if (key.is_datetime() && key.cell().datetime().microseconds % ms_us != 0) {
        key.damaged("a date in whole milliseconds as the element that ends");
    }
    return BsonValue::date_ms(key.date_ms());
}

BsonValue current_regex(const KeyReader& key) {
    BsonValue regex = RegularExpression{.pattern = key.text(), .options = key.regex_options()};
    if (regex.view().as_regex()->options != key.regex_options()) {
        key.damaged("the options of a regular expression in ascending order");
    }
    return regex;
}

ObjectId object_id(Bytes bytes) {
    return *BsonView{BsonType::object_id, bytes}.as_object_id();
}

// A reader inside an object or array always finds one more element, or the `end`.
bool next_inside(KeyReader& key) {
    const bool found = key.next();
    AMPHORA_ASSERT(found);
    return key.kind() != KeyKind::end;
}

Document current_fields(KeyReader& key) {
    Document fields;
    while (next_inside(key)) {
        const std::string name{key.name()};
        fields.append(name, current_value(key));
    }
    return fields;
}

Array current_array(KeyReader& key) {
    Array array;
    while (next_inside(key)) array.append(current_value(key));
    return array;
}

BsonValue current_code_with_scope(KeyReader& key) {
    const std::string text{key.text()};
    const Document scope = current_fields(key);
    return Code{.text = text, .scope = scope.view()};
}

BsonValue current_value(KeyReader& key) {
    switch (key.kind()) {
        case KeyKind::min_key:
            return MinKey{};
        case KeyKind::max_key:
            return MaxKey{};
        case KeyKind::undefined:
            return Undefined{};
        case KeyKind::null:
            return Null{};
        case KeyKind::number:
            return current_number(key);
        case KeyKind::text:
            return key.text();
        case KeyKind::object:
            return current_fields(key);
        case KeyKind::array:
            return current_array(key);
        case KeyKind::binary:
            return Binary{.bytes = key.text(), .subtype = key.subtype()};
        case KeyKind::object_id:
            return object_id(key.text());
        case KeyKind::boolean:
            return key.boolean();
        case KeyKind::datetime:
            return current_date(key);
        case KeyKind::timestamp:
            return Timestamp{.seconds = static_cast<std::uint32_t>(key.timestamp() >> 32),
                             .increment = static_cast<std::uint32_t>(key.timestamp())};
        case KeyKind::regex:
            return current_regex(key);
        case KeyKind::db_pointer:
            return DatabasePointer{.collection = key.text(), .id = object_id(key.db_pointer_id())};
        case KeyKind::code:
            return Code{.text = key.text(), .scope = std::nullopt};
        case KeyKind::code_with_scope:
            return current_code_with_scope(key);
        case KeyKind::end:
        case KeyKind::blob:
        case KeyKind::date:
        case KeyKind::time:
        case KeyKind::enumeration:
            break;
    }
    key.damaged(fmt::format("a value that BSON has and not {} as the element that ends",
                            to_string(key.kind())));
}

}  // namespace

void append_key(KeyWriter& key, BsonView value) {
    const Bytes raw = value.raw();
    if (value_bytes(value.type(), raw) != raw.size()) {
        throw Error{ErrorCode::malformed_bson,
                    "a BSON value for a key is not as long as its type says"};
    }
    switch (value.type()) {
        case BsonType::min_key:
            key.min_key();
            break;
        case BsonType::max_key:
            key.max_key();
            break;
        case BsonType::undefined:
            key.undefined();
            break;
        case BsonType::null:
            key.null();
            break;
        case BsonType::int32:
        case BsonType::int64:
            key.integer(*value.as_int64());
            break;
        case BsonType::real:
            key.real(*value.as_double());
            break;
        case BsonType::decimal128:
            key.decimal128(raw);
            break;
        case BsonType::string:
        case BsonType::symbol:
            key.text(string_text(raw));
            break;
        case BsonType::document:
            append_fields(key.begin_object(), *value.as_document());
            break;
        case BsonType::array: {
            key.begin_array();
            for (const Element& element : *value.as_array()) append_key(key, element.value);
            key.end();
            break;
        }
        case BsonType::binary: {
            const auto binary = value.as_binary();
            key.binary(binary->subtype, binary->bytes);
            break;
        }
        case BsonType::object_id:
            key.object_id(raw);
            break;
        case BsonType::boolean:
            key.boolean(*value.as_bool());
            break;
        case BsonType::date:
            key.date_ms(*value.as_date_ms());
            break;
        case BsonType::timestamp: {
            const auto moment = value.as_timestamp();
            key.timestamp(std::uint64_t{moment->seconds} << 32 | moment->increment);
            break;
        }
        case BsonType::regex: {
            const auto regex = value.as_regex();
            key.regex(regex->pattern, regex->options);
            break;
        }
        case BsonType::db_pointer: {
            const auto pointer = value.as_db_pointer();
            key.db_pointer(pointer->collection, raw.substr(raw.size() - ObjectId::size));
            break;
        }
        case BsonType::code:
        case BsonType::code_with_scope:
            append_code(key, *value.as_code());
            break;
    }
}

BsonValue read_value(KeyReader& key) {
    AMPHORA_ASSERT(key.depth() == 0);
    if (!key.next()) key.damaged("another element");
    try {
        return current_value(key);
    } catch (const Error& error) {
        if (error.code() == ErrorCode::corrupt) throw;
        // What a BsonValue refuses: text that is not UTF-8, a NUL in a name, too many levels.
        key.damaged(fmt::format("a value of BSON as the element that ends ({})", error.what()));
    }
}

}  // namespace amphora::codec
