#include "codec/bson/order.hpp"

#include "codec/bson/layout.hpp"
#include "codec/bson/number.hpp"

#include <amphora/error.hpp>

namespace amphora::codec {

namespace {

/// Whether the names of fields are compared. In arrays they are positions, and equal on both sides.
enum class Names : bool { count, ignored };

std::weak_ordering compare_elements(DocumentView left, DocumentView right, Names names) {
    auto mine = left.begin();
    auto theirs = right.begin();
    for (; mine != left.end() && theirs != right.end(); ++mine, ++theirs) {
        const auto kinds = order_of(mine->value.type()) <=> order_of(theirs->value.type());
        if (kinds != 0) return kinds;
        if (names == Names::count) {
            if (const auto order = mine->name <=> theirs->name; order != 0) return order;
        }
        if (const auto order = compare(mine->value, theirs->value); order != 0) return order;
    }
    return (mine != left.end()) <=> (theirs != right.end());
}

std::weak_ordering compare_binaries(const Binary& left, const Binary& right) noexcept {
    if (const auto order = left.bytes.size() <=> right.bytes.size(); order != 0) return order;
    if (const auto order = left.subtype <=> right.subtype; order != 0) return order;
    return left.bytes <=> right.bytes;
}

std::weak_ordering compare_regexes(const RegularExpression& left,
                                   const RegularExpression& right) noexcept {
    if (const auto order = left.pattern <=> right.pattern; order != 0) return order;
    return left.options <=> right.options;
}

std::weak_ordering compare_pointers(const DatabasePointer& left,
                                    const DatabasePointer& right) noexcept {
    if (const auto order = left.collection.size() <=> right.collection.size(); order != 0) {
        return order;
    }
    if (const auto order = left.collection <=> right.collection; order != 0) return order;
    return left.id <=> right.id;
}

std::weak_ordering compare_codes(const Code& left, const Code& right) {
    if (const auto order = left.text <=> right.text; order != 0) return order;
    if (!left.scope || !right.scope) return std::weak_ordering::equivalent;
    return compare(*left.scope, *right.scope);
}

// Both sides have types at the same position in the order, and valid lengths, so the optionals are
// set.
std::weak_ordering compare_same_kind(BsonView left, BsonView right) {
    switch (left.type()) {
        case BsonType::real:
        case BsonType::int32:
        case BsonType::int64:
        case BsonType::decimal128:
            return compare_numbers(left, right);
        case BsonType::string:
        case BsonType::symbol:
            return string_text(left.raw()) <=> string_text(right.raw());
        case BsonType::document:
            return compare(*left.as_document(), *right.as_document());
        case BsonType::array:
            return compare_elements(*left.as_array(), *right.as_array(), Names::ignored);
        case BsonType::binary:
            return compare_binaries(*left.as_binary(), *right.as_binary());
        case BsonType::object_id:
            return left.raw() <=> right.raw();
        case BsonType::boolean:
            return *left.as_bool() <=> *right.as_bool();
        case BsonType::date:
            return *left.as_date_ms() <=> *right.as_date_ms();
        case BsonType::timestamp:
            return *left.as_timestamp() <=> *right.as_timestamp();
        case BsonType::regex:
            return compare_regexes(*left.as_regex(), *right.as_regex());
        case BsonType::db_pointer:
            return compare_pointers(*left.as_db_pointer(), *right.as_db_pointer());
        case BsonType::code:
        case BsonType::code_with_scope:
            return compare_codes(*left.as_code(), *right.as_code());
        case BsonType::null:
        case BsonType::undefined:
        case BsonType::min_key:
        case BsonType::max_key:
            break;
    }
    return std::weak_ordering::equivalent;
}

void check_whole(BsonView value) {
    if (value_bytes(value.type(), value.raw()) != value.raw().size()) {
        throw Error{ErrorCode::malformed_bson,
                    "a BSON value to be compared is not as long as its type says"};
    }
}

}  // namespace

int order_of(BsonType type) noexcept {
    switch (type) {
        case BsonType::min_key:
            return -1;
        case BsonType::undefined:
            return 0;
        case BsonType::null:
            return 5;
        case BsonType::real:
        case BsonType::int32:
        case BsonType::int64:
        case BsonType::decimal128:
            return 10;
        case BsonType::string:
        case BsonType::symbol:
            return 15;
        case BsonType::document:
            return 20;
        case BsonType::array:
            return 25;
        case BsonType::binary:
            return 30;
        case BsonType::object_id:
            return 35;
        case BsonType::boolean:
            return 40;
        case BsonType::date:
            return 45;
        case BsonType::timestamp:
            return 47;
        case BsonType::regex:
            return 50;
        case BsonType::db_pointer:
            return 55;
        case BsonType::code:
            return 60;
        case BsonType::code_with_scope:
            return 65;
        case BsonType::max_key:
            return 127;
    }
    return 126;
}

std::weak_ordering compare(BsonView left, BsonView right) {
    const auto kinds = order_of(left.type()) <=> order_of(right.type());
    if (kinds != 0) return kinds;
    check_whole(left);
    check_whole(right);
    return compare_same_kind(left, right);
}

std::weak_ordering compare(DocumentView left, DocumentView right) {
    return compare_elements(left, right, Names::count);
}

}  // namespace amphora::codec
