#include "codec/key/writer.hpp"

#include "base/assert.hpp"
#include "codec/bytes_io.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <limits>

namespace amphora::codec {
namespace {

constexpr std::uint64_t sign_bit = std::uint64_t{1} << 63;

constexpr std::uint64_t flip_sign(std::int64_t value) noexcept {
    return static_cast<std::uint64_t>(value) ^ sign_bit;
}

char* put(char* out, Bytes bytes) noexcept {
    if (!bytes.empty()) std::memcpy(out, bytes.data(), bytes.size());
    return out + bytes.size();
}

// Whether one of eight bytes is 00 or 01, which are escaped.
constexpr bool has_escaped(std::uint64_t eight) noexcept {
    return ((eight - 0x0202020202020202) & ~eight & 0x8080808080808080) != 0;
}

// Text in keys: 00 becomes 01 01, 01 becomes 01 02, and 00 ends the text. The end is below every
// byte that may follow, and no text is a prefix of another.

// An upper bound of the escaped size, with the end.
std::size_t escaped_room(Bytes value) noexcept {
    // The bytes to escape are counted where twice the size would be a waste.
    if (value.size() <= 64) return 2 * value.size() + 2;
    const auto escapes = std::count_if(value.begin(), value.end(),
                                       [](char c) { return static_cast<unsigned char>(c) <= 1; });
    return value.size() + static_cast<std::size_t>(escapes) + 2;
}

// Writes the escaped value at `out`, which has that room; returns the end.
char* put_escaped(char* out, Bytes value) noexcept {
    const char* from = value.data();
    std::size_t left = value.size();
    const auto put_byte = [&out](char c) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte <= 1) [[unlikely]] {
            *out++ = 1;
            c = static_cast<char>(byte + 1);
        }
        *out++ = c;
    };
    for (; left >= 8; from += 8, left -= 8) {
        const auto eight = load_little<std::uint64_t>(from);
        if (has_escaped(eight)) [[unlikely]] {
            for (int i = 0; i < 8; ++i) put_byte(from[i]);
        } else {
            store_little(out, eight);
            out += 8;
        }
    }
    for (; left > 0; ++from, --left) put_byte(*from);
    *out++ = 0;
    return out;
}

}  // namespace

void KeyWriter::restart(SpaceId space) noexcept {
    store_big32(data_, amphora::number(space));
    size_ = key_space_bytes;
    outermost_ = 0;
    field_kind_at_ = 0;
    depth_ = 0;
    descending_ = false;
}

KeyWriter& KeyWriter::order(KeyOrder order) noexcept {
    AMPHORA_ASSERT(depth_ == 0);
    descending_ = order == KeyOrder::descending;
    return *this;
}

void KeyWriter::grow(std::size_t bytes) {
    const std::size_t capacity = std::max(capacity_ * 2, size_ + bytes);
    auto larger = std::make_unique_for_overwrite<char[]>(capacity);
    std::memcpy(larger.get(), data_, size_);
    heap_ = std::move(larger);
    data_ = heap_.get();
    capacity_ = capacity;
}

// The element from `from`, which is the end so far, to `to` is complete, or begun if it has
// contents.
KeyWriter& KeyWriter::finish(char* from, char* to) noexcept {
    if (field_kind_at_ != 0) [[unlikely]] {
        data_[field_kind_at_] =
            static_cast<char>(tag::first_of_kind(static_cast<std::uint8_t>(*from)));
        field_kind_at_ = 0;
    }
    const auto start = static_cast<std::size_t>(from - data_);
    size_ = static_cast<std::size_t>(to - data_);
    if (descending_ && depth_ == 0) complement(start);
    return *this;
}

void KeyWriter::complement(std::size_t from) noexcept {
    for (std::size_t i = from; i < size_; ++i) data_[i] = static_cast<char>(~data_[i]);
}

KeyWriter& KeyWriter::bare(std::uint8_t kind) {
    char* const out = room(1);
    *out = static_cast<char>(kind);
    return finish(out, out + 1);
}

KeyWriter& KeyWriter::eight(std::uint8_t kind, std::uint64_t value) {
    char* const out = room(9);
    *out = static_cast<char>(kind);
    store_big64(out + 1, value);
    return finish(out, out + 9);
}

KeyWriter& KeyWriter::escaped(std::uint8_t kind, Bytes value) {
    char* const out = room(1 + escaped_room(value));
    *out = static_cast<char>(kind);
    return finish(out, put_escaped(out + 1, value));
}

KeyWriter& KeyWriter::integer(std::int64_t value) {
    char* const out = room(key_number_bytes_max);
    return finish(out, encode_integer(out, value));
}

KeyWriter& KeyWriter::real(double value) {
    char* const out = room(key_number_bytes_max);
    return finish(out, encode_real(out, value));
}

KeyWriter& KeyWriter::decimal(const Decimal& value) {
    char* const out = room(key_number_bytes_max);
    return finish(out, encode_decimal(out, value));
}

KeyWriter& KeyWriter::decimal128(std::span<const std::uint8_t, 16> bytes) {
    char* const out = room(key_number_bytes_max);
    return finish(out, encode_decimal128(out, bytes));
}

KeyWriter& KeyWriter::decimal128(Bytes bytes) {
    AMPHORA_ASSERT(bytes.size() == 16);
    return decimal128(
        std::span<const std::uint8_t, 16>{reinterpret_cast<const std::uint8_t*>(bytes.data()), 16});
}

KeyWriter& KeyWriter::number(const KeyNumber& value) {
    char* const out = room(key_number_bytes_max);
    return finish(out, encode_number(out, value));
}

KeyWriter& KeyWriter::text(Bytes value) {
    return escaped(tag::text, value);
}

KeyWriter& KeyWriter::blob(Bytes value) {
    return escaped(tag::blob, value);
}

KeyWriter& KeyWriter::code(Bytes value) {
    return escaped(tag::code, value);
}

KeyWriter& KeyWriter::binary(std::uint8_t subtype, Bytes value) {
    AMPHORA_ASSERT(value.size() <= std::numeric_limits<std::uint32_t>::max());
    char* const out = room(7 + value.size());
    char* next = out;
    *next++ = static_cast<char>(tag::binary);
    if (value.size() < 0xFF) {
        *next++ = static_cast<char>(value.size());
    } else {
        *next++ = static_cast<char>(0xFF);
        store_big32(next, static_cast<std::uint32_t>(value.size()));
        next += 4;
    }
    *next++ = static_cast<char>(subtype);
    return finish(out, put(next, value));
}

KeyWriter& KeyWriter::object_id(Bytes bytes) {
    AMPHORA_ASSERT(bytes.size() == 12);
    char* const out = room(13);
    *out = static_cast<char>(tag::object_id);
    return finish(out, put(out + 1, bytes));
}

KeyWriter& KeyWriter::object_id(std::span<const std::uint8_t, 12> bytes) {
    return object_id(Bytes{reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

KeyWriter& KeyWriter::datetime(DateTime value) {
    return eight(tag::datetime, flip_sign(value.microseconds));
}

KeyWriter& KeyWriter::date_ms(std::int64_t milliseconds) {
    std::int64_t microseconds = 0;
    if (!__builtin_mul_overflow(milliseconds, std::int64_t{1000}, &microseconds)) {
        return datetime(DateTime{microseconds});
    }
    return eight(milliseconds < 0 ? tag::datetime_early : tag::datetime_late,
                 flip_sign(milliseconds));
}

KeyWriter& KeyWriter::timestamp(std::uint64_t value) {
    return eight(tag::timestamp, value);
}

KeyWriter& KeyWriter::time(Time value) {
    return eight(tag::time, flip_sign(value.microseconds));
}

KeyWriter& KeyWriter::date(Date value) {
    char* const out = room(5);
    *out = static_cast<char>(tag::date);
    // The upper half of the number, shifted up, with its sign.
    store_big32(
        out + 1,
        static_cast<std::uint32_t>(
            flip_sign(static_cast<std::int64_t>(value.days) * (std::int64_t{1} << 32)) >> 32));
    return finish(out, out + 5);
}

KeyWriter& KeyWriter::enumeration(std::int64_t place) {
    AMPHORA_ASSERT(place >= 0 && place <= 0xFFFF);
    char* const out = room(3);
    out[0] = static_cast<char>(tag::enumeration);
    out[1] = static_cast<char>(place >> 8);
    out[2] = static_cast<char>(place);
    return finish(out, out + 3);
}

KeyWriter& KeyWriter::regex(Bytes pattern, Bytes options) {
    char* const out = room(1 + escaped_room(pattern) + escaped_room(options));
    *out = static_cast<char>(tag::regex);
    return finish(out, put_escaped(put_escaped(out + 1, pattern), options));
}

// As BSON compares them: the longer collection name is greater.
KeyWriter& KeyWriter::db_pointer(Bytes collection, Bytes id) {
    AMPHORA_ASSERT(id.size() == 12 &&
                   collection.size() <= std::numeric_limits<std::uint32_t>::max());
    char* const out = room(5 + collection.size() + id.size());
    *out = static_cast<char>(tag::db_pointer);
    store_big32(out + 1, static_cast<std::uint32_t>(collection.size()));
    return finish(out, put(put(out + 5, collection), id));
}

KeyWriter& KeyWriter::cell(const Cell& value) {
    switch (value.kind()) {
        case Cell::Kind::null:
            return null();
        case Cell::Kind::boolean:
            return boolean(value.boolean());
        case Cell::Kind::integer:
            return integer(value.integer());
        case Cell::Kind::real:
            return real(value.real());
        case Cell::Kind::decimal:
            return decimal(value.decimal());
        case Cell::Kind::text:
            return text(value.text());
        case Cell::Kind::blob:
            return blob(value.text());
        case Cell::Kind::datetime:
            return datetime(value.datetime());
        case Cell::Kind::date:
            return date(value.date());
        case Cell::Kind::time:
            return time(value.time());
        case Cell::Kind::enumeration:
            return enumeration(value.integer());
        case Cell::Kind::absent:
        case Cell::Kind::present_moment:
            break;
    }
    AMPHORA_ASSERT(false);
}

KeyWriter& KeyWriter::begin(std::uint8_t kind) {
    AMPHORA_ASSERT(depth_ < key_depth_max);
    char* const out = room(1);
    if (depth_ == 0) outermost_ = size_;
    ++depth_;
    *out = static_cast<char>(kind);
    return finish(out, out + 1);
}

KeyWriter& KeyWriter::begin_object() {
    return begin(tag::object);
}

KeyWriter& KeyWriter::begin_array() {
    return begin(tag::array);
}

KeyWriter& KeyWriter::begin_code_with_scope(Bytes text) {
    begin(tag::code_with_scope);
    char* const out = room(escaped_room(text));
    size_ += static_cast<std::size_t>(put_escaped(out, text) - out);
    return *this;
}

KeyWriter& KeyWriter::field(Bytes name) {
    AMPHORA_ASSERT(depth_ > 0 && field_kind_at_ == 0);
    char* const out = room(1 + escaped_room(name));
    field_kind_at_ = size_;
    *out = 0;
    size_ += static_cast<std::size_t>(put_escaped(out + 1, name) - out);
    return *this;
}

KeyWriter& KeyWriter::end() {
    AMPHORA_ASSERT(depth_ > 0 && field_kind_at_ == 0);
    *room(1) = static_cast<char>(tag::end);
    ++size_;
    if (--depth_ == 0 && descending_) complement(outermost_);
    return *this;
}

KeyWriter& KeyWriter::raw(Bytes elements) {
    AMPHORA_ASSERT(depth_ == 0);
    put(room(elements.size()), elements);
    size_ += elements.size();
    return *this;
}

}  // namespace amphora::codec
