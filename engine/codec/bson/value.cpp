#include "base/clock.hpp"
#include "codec/bson/canonical.hpp"
#include "codec/bson/layout.hpp"
#include "codec/bson/validator.hpp"
#include "codec/utf8.hpp"

#include <amphora/document.hpp>
#include <amphora/error.hpp>
#include <amphora/value.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace amphora {

namespace {

constexpr std::int64_t milliseconds_per_day = 86'400'000;

template <class T>
std::string raw(T number) {
    return std::string{reinterpret_cast<const char*>(&number), sizeof number};
}

template <std::size_t size>
std::string raw(const std::array<std::uint8_t, size>& bytes) {
    return std::string{reinterpret_cast<const char*>(bytes.data()), size};
}

void check_text(std::string_view text, std::string_view what) {
    if (text.size() > document_bytes_max) {
        throw Error{
            ErrorCode::value_too_large,
            fmt::format("{} of {} bytes: a document holds at most 16 MiB", what, text.size())};
    }
    if (const auto offset = codec::find_invalid_utf8(text)) {
        throw Error{
            ErrorCode::invalid_utf8,
            fmt::format("{} of {} bytes is not UTF-8 at offset {}; bytes that are not text go "
                        "into a Blob",
                        what, text.size(), *offset)};
    }
}

std::string raw_string(std::string_view text, std::string_view what) {
    check_text(text, what);
    std::string bytes;
    bytes.reserve(text.size() + 5);
    codec::append_string(bytes, text);
    return bytes;
}

void check_no_nul(std::string_view text, std::string_view what) {
    check_text(text, what);
    if (text.find('\0') != std::string_view::npos) {
        throw Error{ErrorCode::invalid_argument, fmt::format("{} with a NUL in it", what)};
    }
}

}  // namespace

BsonValue::BsonValue(std::string_view text)
    : type_{BsonType::string}, raw_{raw_string(text, "a text")} {}

BsonValue::BsonValue(DateTime moment)
    : type_{BsonType::date},
      raw_{raw(floor_milliseconds(moment.is_now ? now_us() : moment.microseconds))} {
    if (moment.is_now) nows_.push_back(0);
}

BsonValue::BsonValue(Now) : BsonValue{DateTime(now)} {}

BsonValue::BsonValue(Date day)
    : type_{BsonType::date}, raw_{raw(day.days * milliseconds_per_day)} {}

BsonValue::BsonValue(const ObjectId& id) : type_{BsonType::object_id}, raw_{raw(id.bytes())} {}

BsonValue::BsonValue(Timestamp timestamp)
    : type_{BsonType::timestamp}, raw_{raw(timestamp.increment) + raw(timestamp.seconds)} {}

BsonValue::BsonValue(const Decimal128& number)
    : type_{BsonType::decimal128}, raw_{raw(number.bytes)} {}

BsonValue::BsonValue(const Blob& blob) : BsonValue{Binary{.bytes = blob.bytes}} {}

BsonValue::BsonValue(Binary binary) : type_{BsonType::binary} {
    if (binary.bytes.size() > document_bytes_max) {
        throw Error{ErrorCode::value_too_large,
                    fmt::format("a binary of {} bytes: a document holds at most 16 MiB",
                                binary.bytes.size())};
    }
    // The old subtype 2 repeats its length inside.
    const auto size = static_cast<std::int32_t>(binary.bytes.size());
    const bool doubled = binary.subtype == 2;
    raw_ = raw(doubled ? size + 4 : size);
    raw_ += static_cast<char>(binary.subtype);
    if (doubled) raw_ += raw(size);
    raw_ += binary.bytes;
}

BsonValue::BsonValue(RegularExpression regex) : type_{BsonType::regex} {
    check_no_nul(regex.pattern, "a pattern");
    check_no_nul(regex.options, "a pattern's options");
    codec::append_cstring(raw_, regex.pattern);
    codec::append_cstring(raw_, codec::sorted_characters(regex.options));
}

BsonValue::BsonValue(const Code& code)
    : type_{BsonType::code}, raw_{raw_string(code.text, "code")} {
    if (!code.scope) return;
    type_ = BsonType::code_with_scope;
    const Document scope{*code.scope};
    depth_ = scope.depth_;
    raw_ += scope.bytes_;
    raw_.insert(0, raw(static_cast<std::int32_t>(raw_.size() + 4)));
}

BsonValue::BsonValue(Symbol symbol)
    : type_{BsonType::symbol}, raw_{raw_string(symbol.text, "a symbol")} {}

BsonValue::BsonValue(DatabasePointer pointer)
    : type_{BsonType::db_pointer},
      raw_{raw_string(pointer.collection, "a collection's name") + raw(pointer.id.bytes())} {}

BsonValue::BsonValue(Undefined) noexcept : type_{BsonType::undefined} {}
BsonValue::BsonValue(MinKey) noexcept : type_{BsonType::min_key} {}
BsonValue::BsonValue(MaxKey) noexcept : type_{BsonType::max_key} {}

BsonValue::BsonValue(const Document& document)
    : type_{BsonType::document},
      depth_{document.depth_},
      raw_{document.bytes_},
      nows_{document.nows_} {}

BsonValue::BsonValue(const Array& array)
    : type_{BsonType::array},
      depth_{array.elements_.depth_},
      raw_{array.elements_.bytes_},
      nows_{array.elements_.nows_} {}

BsonValue::BsonValue(BsonView view) : type_{view.type()} {
    const codec::BsonJudgement judged = codec::judge_bson(view);
    depth_ = static_cast<std::uint8_t>(judged.depth);
    raw_ = judged.canonical ? std::string{view.raw()} : codec::canonical_bson(view);
}

BsonValue BsonValue::date_ms(std::int64_t milliseconds) {
    return BsonValue{BsonType::date, raw(milliseconds)};
}

BsonValue BsonValue::boolean(std::uint8_t value) {
    return BsonValue{BsonType::boolean, raw(value)};
}
BsonValue BsonValue::real(double value) {
    return BsonValue{BsonType::real, raw(value)};
}
BsonValue BsonValue::int32(std::int32_t value) {
    return BsonValue{BsonType::int32, raw(value)};
}
BsonValue BsonValue::int64(std::int64_t value) {
    return BsonValue{BsonType::int64, raw(value)};
}

BsonValue BsonValue::unsigned64(std::uint64_t value) {
    if (value > INT64_MAX) {
        throw Error{ErrorCode::value_out_of_range,
                    fmt::format("{} is beyond the 64-bit integers of a document", value)};
    }
    return int64(static_cast<std::int64_t>(value));
}

}  // namespace amphora
