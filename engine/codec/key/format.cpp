#include "codec/key/format.hpp"

namespace amphora::codec {

std::string_view to_string(KeyKind kind) noexcept {
    switch (kind) {
        case KeyKind::end:
            return "end";
        case KeyKind::min_key:
            return "MinKey";
        case KeyKind::undefined:
            return "undefined";
        case KeyKind::null:
            return "null";
        case KeyKind::number:
            return "number";
        case KeyKind::text:
            return "text";
        case KeyKind::object:
            return "object";
        case KeyKind::array:
            return "array";
        case KeyKind::binary:
            return "binary";
        case KeyKind::object_id:
            return "object id";
        case KeyKind::boolean:
            return "boolean";
        case KeyKind::datetime:
            return "datetime";
        case KeyKind::timestamp:
            return "timestamp";
        case KeyKind::regex:
            return "regex";
        case KeyKind::db_pointer:
            return "db pointer";
        case KeyKind::code:
            return "code";
        case KeyKind::code_with_scope:
            return "code with scope";
        case KeyKind::blob:
            return "blob";
        case KeyKind::date:
            return "date";
        case KeyKind::time:
            return "time";
        case KeyKind::enumeration:
            return "enumeration";
        case KeyKind::max_key:
            return "MaxKey";
    }
    return "unknown";
}

}  // namespace amphora::codec
