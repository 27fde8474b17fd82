// Keys for people, in `check`, `get` and messages.
#include "codec/key/ordered_key.hpp"
#include "codec/utf8.hpp"

#include <amphora/error.hpp>
#include <amphora/value.hpp>

#include <fmt/format.h>

#include <utility>

namespace amphora::codec {

namespace {

constexpr std::size_t text_bytes_max = 120;

std::string hexadecimal(Bytes bytes) {
    const Bytes shown = bytes.substr(0, text_bytes_max / 2);
    return to_string(Value{Blob{std::string{shown}}}) + (shown.size() < bytes.size() ? "..." : "");
}

std::string quoted(Bytes text) {
    if (!is_utf8(text)) return "x'" + hexadecimal(text) + "'";
    const Bytes shown = first_bytes(text, text_bytes_max);
    std::string result = "\"";
    for (const char c : shown) {
        if (c == '"' || c == '\\') result += '\\';
        if (static_cast<unsigned char>(c) < 0x20) {
            result += fmt::format("\\u{:04x}", static_cast<unsigned char>(c));
        } else {
            result += c;
        }
    }
    return result + (shown.size() < text.size() ? "\"..." : "\"");
}

std::string describe(const KeyReader& key) {
    switch (key.kind()) {
        case KeyKind::number:
            return to_string(key.number());
        case KeyKind::text:
            return quoted(key.text());
        case KeyKind::boolean:
            return key.boolean() ? "true" : "false";
        case KeyKind::binary:
            return fmt::format("binary {} x'{}'", key.subtype(), hexadecimal(key.text()));
        case KeyKind::object_id:
            return fmt::format("ObjectId {}", hexadecimal(key.text()));
        case KeyKind::blob:
            return fmt::format("x'{}'", hexadecimal(key.text()));
        case KeyKind::datetime:
            return key.is_datetime() ? to_string(key.cell().datetime())
                                     : fmt::format("date {} ms", key.date_ms());
        case KeyKind::date:
            return to_string(key.cell().date());
        case KeyKind::time:
            return to_string(key.cell().time());
        case KeyKind::enumeration:
            return fmt::format("member {}", key.cell().integer());
        case KeyKind::timestamp:
            return fmt::format("timestamp {}.{}", key.timestamp() >> 32,
                               key.timestamp() & 0xFFFFFFFF);
        case KeyKind::regex:
            return fmt::format("regex {} {}", quoted(key.text()), quoted(key.regex_options()));
        case KeyKind::code:
            return fmt::format("code {}", quoted(key.text()));
        case KeyKind::code_with_scope:
            return fmt::format("code {} with {{", quoted(key.text()));
        case KeyKind::db_pointer:
            return fmt::format("db pointer {} {}", quoted(key.text()),
                               hexadecimal(key.db_pointer_id()));
        case KeyKind::object:
            return "{";
        case KeyKind::array:
            return "[";
        case KeyKind::null:
        case KeyKind::undefined:
        case KeyKind::min_key:
        case KeyKind::max_key:
        case KeyKind::end:
            break;
    }
    return std::string{to_string(key.kind())};
}

bool opens(KeyKind kind) noexcept {
    return kind == KeyKind::object || kind == KeyKind::array || kind == KeyKind::code_with_scope;
}

}  // namespace

std::string describe_key(Bytes bytes) {
    std::string text;
    try {
        KeyReader key{bytes};
        text = fmt::format("space {}: (", number(key.space()));
        std::string closing;
        bool first = true;
        while (key.next()) {
            if (key.kind() == KeyKind::end) {
                text += closing.back();
                closing.pop_back();
                first = false;
                continue;
            }
            if (!std::exchange(first, false)) text += ", ";
            if (key.order() == KeyOrder::descending && closing.empty()) text += "descending ";
            if (!closing.empty() && closing.back() == '}') text += quoted(key.name()) + ": ";
            text += describe(key);
            if (opens(key.kind())) {
                closing += key.kind() == KeyKind::array ? ']' : '}';
                first = true;
            }
        }
        text += ')';
    } catch (const Error& error) {
        if (error.code() != ErrorCode::corrupt) throw;
        // The end of a limited key, or damage. In both cases people want to see the bytes.
        text += fmt::format(
            " ... {} bytes, x'{}'", bytes.size(),
            hexadecimal(
                bytes.substr(bytes.size() - std::min<std::size_t>(bytes.size(), key_hash_bytes))));
    }
    return text;
}

}  // namespace amphora::codec
