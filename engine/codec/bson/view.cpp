#include "codec/bson/layout.hpp"
#include "codec/bson/number.hpp"

#include <amphora/document.hpp>
#include <amphora/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace amphora {

using codec::load_little;

namespace {

constexpr std::int64_t microseconds_per_millisecond = 1000;

ObjectId object_id_at(const char* bytes) noexcept {
    std::array<std::uint8_t, ObjectId::size> id;
    std::memcpy(id.data(), bytes, id.size());
    return ObjectId{id};
}

/// Whether the view has that type and its bytes have the length that they say. Then every function
/// below can trust the lengths, also in bytes that nobody has validated.
bool holds(BsonView view, BsonType type) noexcept {
    return view.type() == type && codec::value_bytes(type, view.raw()) == view.raw().size();
}

}  // namespace

std::string_view to_string(BsonType type) noexcept {
    switch (type) {
        case BsonType::real:
            return "double";
        case BsonType::string:
            return "string";
        case BsonType::document:
            return "object";
        case BsonType::array:
            return "array";
        case BsonType::binary:
            return "binData";
        case BsonType::undefined:
            return "undefined";
        case BsonType::object_id:
            return "objectId";
        case BsonType::boolean:
            return "bool";
        case BsonType::date:
            return "date";
        case BsonType::null:
            return "null";
        case BsonType::regex:
            return "regex";
        case BsonType::db_pointer:
            return "dbPointer";
        case BsonType::code:
            return "javascript";
        case BsonType::symbol:
            return "symbol";
        case BsonType::code_with_scope:
            return "javascriptWithScope";
        case BsonType::int32:
            return "int";
        case BsonType::timestamp:
            return "timestamp";
        case BsonType::int64:
            return "long";
        case BsonType::decimal128:
            return "decimal";
        case BsonType::max_key:
            return "maxKey";
        case BsonType::min_key:
            return "minKey";
    }
    return {};
}

void OptionalDocument::refuse() const {
    if (found_ == wanted_) {
        throw Error{ErrorCode::malformed_bson,
                    fmt::format("a BSON value says that it is {}, and its bytes are not as long as "
                                "they say: check them with Document::from_bson",
                                to_string(found_))};
    }
    throw Error{ErrorCode::type_mismatch,
                fmt::format("a BSON value was asked for as {} and is {}: ask type() first",
                            to_string(wanted_), to_string(found_))};
}

std::optional<bool> BsonView::as_bool() const noexcept {
    if (!holds(*this, BsonType::boolean)) return std::nullopt;
    return raw_.front() != 0;
}

std::optional<std::int32_t> BsonView::as_int32() const noexcept {
    const auto number = as_int64();
    if (!number || *number < INT32_MIN || *number > INT32_MAX) return std::nullopt;
    return static_cast<std::int32_t>(*number);
}

std::optional<std::int64_t> BsonView::as_int64() const noexcept {
    if (holds(*this, BsonType::int32)) return load_little<std::int32_t>(raw_.data());
    if (holds(*this, BsonType::int64)) return load_little<std::int64_t>(raw_.data());
    if (holds(*this, BsonType::real)) {
        return codec::whole_int64(load_little<double>(raw_.data()));
    }
    if (const auto number = as_decimal128()) return codec::whole_int64(*number);
    return std::nullopt;
}

std::optional<double> BsonView::as_double() const noexcept {
    if (holds(*this, BsonType::real)) return load_little<double>(raw_.data());
    if (holds(*this, BsonType::int32)) return load_little<std::int32_t>(raw_.data());
    if (holds(*this, BsonType::int64)) {
        return static_cast<double>(load_little<std::int64_t>(raw_.data()));
    }
    if (const auto number = as_decimal128()) return codec::nearest_double(*number);
    return std::nullopt;
}

std::optional<Decimal128> BsonView::as_decimal128() const noexcept {
    if (!holds(*this, BsonType::decimal128)) return std::nullopt;
    Decimal128 number;
    std::memcpy(number.bytes.data(), raw_.data(), number.bytes.size());
    return number;
}

std::optional<std::string_view> BsonView::as_text() const noexcept {
    if (!holds(*this, BsonType::string)) return std::nullopt;
    return codec::string_text(raw_);
}

OptionalDocument BsonView::as_document() const noexcept {
    if (!holds(*this, BsonType::document)) return {BsonType::document, type_};
    return DocumentView{raw_};
}

OptionalDocument BsonView::as_array() const noexcept {
    if (!holds(*this, BsonType::array)) return {BsonType::array, type_};
    return DocumentView{raw_};
}

std::optional<Binary> BsonView::as_binary() const noexcept {
    if (!holds(*this, BsonType::binary)) return std::nullopt;
    const auto subtype = static_cast<std::uint8_t>(raw_[4]);
    // The old subtype 2 repeats the length inside; the repetition is not part of the bytes.
    const std::size_t start = subtype == 2 ? 9 : 5;
    return Binary{raw_.substr(std::min(start, raw_.size())), subtype};
}

std::optional<ObjectId> BsonView::as_object_id() const noexcept {
    if (!holds(*this, BsonType::object_id)) return std::nullopt;
    return object_id_at(raw_.data());
}

std::optional<std::int64_t> BsonView::as_date_ms() const noexcept {
    if (!holds(*this, BsonType::date)) return std::nullopt;
    return load_little<std::int64_t>(raw_.data());
}

std::optional<DateTime> BsonView::as_datetime() const noexcept {
    const auto milliseconds = as_date_ms();
    DateTime moment;
    if (!milliseconds ||
        __builtin_mul_overflow(*milliseconds, microseconds_per_millisecond, &moment.microseconds)) {
        return std::nullopt;
    }
    return moment;
}

std::optional<Timestamp> BsonView::as_timestamp() const noexcept {
    if (!holds(*this, BsonType::timestamp)) return std::nullopt;
    return Timestamp{.seconds = load_little<std::uint32_t>(raw_.data() + 4),
                     .increment = load_little<std::uint32_t>(raw_.data())};
}

std::optional<RegularExpression> BsonView::as_regex() const noexcept {
    if (!holds(*this, BsonType::regex)) return std::nullopt;
    const auto end = raw_.find('\0');
    return RegularExpression{raw_.substr(0, end), raw_.substr(end + 1, raw_.size() - end - 2)};
}

std::optional<Code> BsonView::as_code() const noexcept {
    if (holds(*this, BsonType::code)) return Code{codec::string_text(raw_), std::nullopt};
    if (!holds(*this, BsonType::code_with_scope)) return std::nullopt;
    const auto text = codec::value_bytes(BsonType::code, raw_.substr(4));
    if (!text) return std::nullopt;
    return Code{codec::string_text(raw_.substr(4, *text)), DocumentView{raw_.substr(4 + *text)}};
}

std::optional<Symbol> BsonView::as_symbol() const noexcept {
    if (!holds(*this, BsonType::symbol)) return std::nullopt;
    return Symbol{codec::string_text(raw_)};
}

std::optional<DatabasePointer> BsonView::as_db_pointer() const noexcept {
    if (!holds(*this, BsonType::db_pointer)) return std::nullopt;
    const std::size_t name = raw_.size() - ObjectId::size;
    return DatabasePointer{codec::string_text(raw_.substr(0, name)),
                           object_id_at(raw_.data() + name)};
}

}  // namespace amphora
