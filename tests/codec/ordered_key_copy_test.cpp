#include "ordered_key_model.hpp"

#include <cstdio>

namespace amphora::codec {

Buffer copy(Bytes bytes) {
    KeyReader from{bytes};
    KeyWriter to{from.space()};
    while (from.next()) {
        if (from.depth() == 0 && from.kind() != KeyKind::end) to.order(from.order());
        const bool opened = from.kind() == KeyKind::object || from.kind() == KeyKind::array ||
                            from.kind() == KeyKind::code_with_scope;
        if (opened && from.depth() == 1) to.order(from.order());
        if (from.is_named()) to.field(from.name());
        switch (from.kind()) {
            case KeyKind::end:
                to.end();
                break;
            case KeyKind::min_key:
                to.min_key();
                break;
            case KeyKind::undefined:
                to.undefined();
                break;
            case KeyKind::null:
                to.null();
                break;
            case KeyKind::number:
                to.number(from.number());
                break;
            case KeyKind::text:
                to.text(from.text());
                break;
            case KeyKind::object:
                to.begin_object();
                break;
            case KeyKind::array:
                to.begin_array();
                break;
            case KeyKind::binary:
                to.binary(from.subtype(), from.text());
                break;
            case KeyKind::object_id:
                to.object_id(from.text());
                break;
            case KeyKind::boolean:
                to.boolean(from.boolean());
                break;
            case KeyKind::datetime:
                if (from.is_datetime()) {
                    to.datetime(from.cell().datetime());
                } else {
                    to.date_ms(from.date_ms());
                }
                break;
            case KeyKind::timestamp:
                to.timestamp(from.timestamp());
                break;
            case KeyKind::regex:
                to.regex(from.text(), from.regex_options());
                break;
            case KeyKind::db_pointer:
                to.db_pointer(from.text(), from.db_pointer_id());
                break;
            case KeyKind::code:
                to.code(from.text());
                break;
            case KeyKind::code_with_scope:
                to.begin_code_with_scope(from.text());
                break;
            case KeyKind::blob:
                to.blob(from.text());
                break;
            case KeyKind::date:
                to.date(from.cell().date());
                break;
            case KeyKind::time:
                to.time(from.cell().time());
                break;
            case KeyKind::enumeration:
                to.enumeration(from.cell().integer());
                break;
            case KeyKind::max_key:
                to.max_key();
                break;
        }
    }
    return to.take();
}

std::string hex(Bytes bytes) {
    std::string text;
    for (const char c : bytes) {
        char pair[4];
        std::snprintf(pair, sizeof pair, "%02x ", static_cast<unsigned char>(c));
        text += pair;
    }
    return text;
}

}  // namespace amphora::codec
