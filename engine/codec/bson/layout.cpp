#include "codec/bson/layout.hpp"

namespace amphora::codec {

namespace {

/// The number of bytes up to and including the first NUL.
std::optional<std::size_t> cstring_bytes(Bytes rest) noexcept {
    const auto end = rest.find('\0');
    return end == Bytes::npos ? std::nullopt : std::optional{end + 1};
}

/// The size of a value that begins with its length: the length and `fixed` more bytes. `least` is
/// the smallest valid length.
std::optional<std::size_t> counted_bytes(Bytes rest, std::int64_t fixed,
                                         std::int64_t least) noexcept {
    if (rest.size() < sizeof(std::int32_t)) return std::nullopt;
    const std::int64_t length = load_little<std::int32_t>(rest.data());
    if (length < least) return std::nullopt;
    return static_cast<std::size_t>(length + fixed);
}

/// The size of code with scope: a length, a text with its own length, and a document. None if they
/// do not fit into each other, so a reader that trusts the whole can trust the text.
std::optional<std::size_t> code_with_scope_bytes(Bytes rest) noexcept {
    constexpr std::size_t length_bytes = 4;
    const auto whole = counted_bytes(rest, 0, 4 + 4 + 1 + 5);
    if (!whole || *whole > rest.size()) return std::nullopt;
    const auto text = counted_bytes(rest.substr(length_bytes), 4, 1);
    if (!text || *text > *whole - length_bytes - bson_document_bytes_min) return std::nullopt;
    return whole;
}

std::optional<std::size_t> claimed_bytes(BsonType type, Bytes rest) noexcept {
    switch (type) {
        case BsonType::undefined:
        case BsonType::null:
        case BsonType::min_key:
        case BsonType::max_key:
            return 0;
        case BsonType::boolean:
            return 1;
        case BsonType::int32:
            return 4;
        case BsonType::real:
        case BsonType::date:
        case BsonType::timestamp:
        case BsonType::int64:
            return 8;
        case BsonType::object_id:
            return 12;
        case BsonType::decimal128:
            return 16;
        case BsonType::string:
        case BsonType::code:
        case BsonType::symbol:
            return counted_bytes(rest, 4, 1);
        case BsonType::document:
        case BsonType::array:
            return counted_bytes(rest, 0, 5);
        case BsonType::code_with_scope:
            return code_with_scope_bytes(rest);
        case BsonType::binary:
            return counted_bytes(rest, 5, 0);
        case BsonType::db_pointer:
            return counted_bytes(rest, 4 + 12, 1);
        case BsonType::regex: {
            const auto pattern = cstring_bytes(rest);
            if (!pattern) return std::nullopt;
            const auto options = cstring_bytes(rest.substr(*pattern));
            if (!options) return std::nullopt;
            return *pattern + *options;
        }
    }
    return std::nullopt;
}

}  // namespace

std::optional<std::size_t> value_bytes(BsonType type, Bytes rest) noexcept {
    const auto bytes = claimed_bytes(type, rest);
    if (!bytes || *bytes > rest.size()) return std::nullopt;
    return bytes;
}

}  // namespace amphora::codec
