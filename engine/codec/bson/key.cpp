#include "codec/bson/key.hpp"

#include "codec/bson/layout.hpp"

#include <amphora/error.hpp>

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

}  // namespace amphora::codec
