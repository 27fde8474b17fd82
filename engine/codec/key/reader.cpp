#include "codec/key/reader.hpp"

#include "base/assert.hpp"
#include "codec/bytes_io.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace amphora::codec {
namespace {

constexpr char with_names = 'o';
constexpr char without_names = 'a';
constexpr std::int64_t ms_us = 1000;

constexpr bool fits_microseconds(std::int64_t milliseconds) noexcept {
    return milliseconds >= std::numeric_limits<std::int64_t>::min() / ms_us &&
           milliseconds <= std::numeric_limits<std::int64_t>::max() / ms_us;
}

}  // namespace

KeyReader::KeyReader(Bytes key) : key_{key} {
    if (key.size() < key_space_bytes) damaged("the number of a space");
    space_ = SpaceId{load_big32(key.data())};
    at_ = key_space_bytes;
}

void KeyReader::damaged(std::string_view expected) const {
    throw Error{
        ErrorCode::corrupt,
        fmt::format("a key of {} bytes is damaged: expected {} at offset {}; run check on the "
                    "database or restore a backup",
                    key_.size(), expected, at_)};
}

std::uint8_t KeyReader::peek() const {
    if (at_ == key_.size()) [[unlikely]] {
        damaged("more bytes");
    }
    return static_cast<std::uint8_t>(static_cast<std::uint8_t>(key_[at_]) ^ mask_);
}

std::uint8_t KeyReader::take() {
    const std::uint8_t byte = peek();
    ++at_;
    return byte;
}

std::uint64_t KeyReader::big(std::size_t bytes) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < bytes; ++i) value = value << 8 | take();
    return value;
}

// A number that was written with a flipped sign bit.
std::int64_t KeyReader::read_flipped(std::size_t bytes) {
    const int unused = static_cast<int>(64 - 8 * bytes);
    const std::uint64_t high = big(bytes) << unused;
    return static_cast<std::int64_t>(high ^ (std::uint64_t{1} << 63)) >> unused;
}

Bytes KeyReader::plain(std::size_t bytes, std::string& scratch) {
    if (bytes > key_.size() - at_) damaged("more bytes");
    const Bytes stored{key_.data() + at_, bytes};
    at_ += bytes;
    if (mask_ == 0) return stored;
    scratch.assign(stored);
    for (char& c : scratch) c = static_cast<char>(~c);
    return scratch;
}

Bytes KeyReader::escaped(std::string& scratch) {
    if (mask_ == 0) {
        const auto* const from = key_.begin() + at_;
        const auto* const found = std::find_if(
            from, key_.end(), [](char c) { return static_cast<unsigned char>(c) <= 1; });
        if (found == key_.end()) damaged("the end of a text");
        if (*found == 0) {
            const auto bytes = static_cast<std::size_t>(found - from);
            at_ += bytes + 1;
            return {from, bytes};
        }
    }
    scratch.clear();
    while (true) {
        std::uint8_t byte = take();
        if (byte == 0) return scratch;
        if (byte == 1) {
            byte = static_cast<std::uint8_t>(take() - 1);
            if (byte > 1) damaged("an escaped byte");
        }
        scratch.push_back(static_cast<char>(byte));
    }
}

bool KeyReader::next() {
    name_ = {};
    is_named_ = false;
    if (open_.empty()) {
        if (at_ == key_.size()) return false;
        mask_ = static_cast<std::uint8_t>(key_[at_]) >= 0x80 ? 0xFF : 0;
        read_value(take());
        return true;
    }
    if (peek() == tag::end) {
        ++at_;
        kind_ = KeyKind::end;
        open_.pop_back();
        return true;
    }
    if (open_.back() == without_names) {
        read_value(take());
        return true;
    }
    const std::uint8_t first = take();
    name_ = escaped(name_scratch_);
    is_named_ = true;
    const std::uint8_t value = take();
    if (tag::first_of_kind(value) != first) damaged("a value of the field's kind");
    read_value(value);
    return true;
}

void KeyReader::skip(std::size_t elements) {
    AMPHORA_ASSERT(open_.empty());
    for (; elements > 0; --elements) {
        if (!next()) damaged("another element");
        while (!open_.empty()) static_cast<void>(next());
    }
}

void KeyReader::open(char what) {
    if (open_.size() >= static_cast<std::size_t>(key_depth_max)) damaged("fewer levels");
    open_.push_back(what);
}

void KeyReader::read_value(std::uint8_t value) {
    if (value >= tag::not_a_number && value <= tag::plus_infinity) return read_number();
    switch (value) {
        case tag::min_key:
            kind_ = KeyKind::min_key;
            return;
        case tag::undefined:
            kind_ = KeyKind::undefined;
            return;
        case tag::null:
            kind_ = KeyKind::null;
            return;
        case tag::max_key:
            kind_ = KeyKind::max_key;
            return;
        case tag::no:
        case tag::yes:
            kind_ = KeyKind::boolean;
            integer_ = value == tag::yes ? 1 : 0;
            return;
        case tag::text:
            kind_ = KeyKind::text;
            text_ = escaped(text_scratch_);
            return;
        case tag::blob:
            kind_ = KeyKind::blob;
            text_ = escaped(text_scratch_);
            return;
        case tag::code:
            kind_ = KeyKind::code;
            text_ = escaped(text_scratch_);
            return;
        case tag::regex:
            kind_ = KeyKind::regex;
            text_ = escaped(text_scratch_);
            second_ = escaped(second_scratch_);
            return;
        case tag::binary:
            return read_binary();
        case tag::object_id:
            kind_ = KeyKind::object_id;
            text_ = plain(12, text_scratch_);
            return;
        case tag::db_pointer: {
            kind_ = KeyKind::db_pointer;
            const std::uint64_t bytes = big(4);
            text_ = plain(static_cast<std::size_t>(bytes), text_scratch_);
            second_ = plain(12, second_scratch_);
            return;
        }
        case tag::datetime_early:
        case tag::datetime:
        case tag::datetime_late:
            return read_datetime(value);
        case tag::timestamp:
            kind_ = KeyKind::timestamp;
            integer_ = static_cast<std::int64_t>(big(8));
            return;
        case tag::date:
            kind_ = KeyKind::date;
            integer_ = read_flipped(4);
            return;
        case tag::time:
            kind_ = KeyKind::time;
            integer_ = read_flipped(8);
            return;
        case tag::enumeration:
            kind_ = KeyKind::enumeration;
            integer_ = static_cast<std::int64_t>(big(2));
            return;
        case tag::object:
            kind_ = KeyKind::object;
            return open(with_names);
        case tag::array:
            kind_ = KeyKind::array;
            return open(without_names);
        case tag::code_with_scope:
            kind_ = KeyKind::code_with_scope;
            text_ = escaped(text_scratch_);
            return open(with_names);
        default:
            --at_;
            damaged("the tag of an element");
    }
}

void KeyReader::read_number() {
    kind_ = KeyKind::number;
    --at_;
    const std::size_t bytes = decode_number(rest(), mask_, number_);
    if (bytes == 0) damaged("a number");
    at_ += bytes;
}

void KeyReader::read_binary() {
    kind_ = KeyKind::binary;
    std::uint64_t bytes = take();
    if (bytes == 0xFF) {
        bytes = big(4);
        if (bytes < 0xFF) damaged("a shorter length");
    }
    subtype_ = take();
    text_ = plain(static_cast<std::size_t>(bytes), text_scratch_);
}

void KeyReader::read_datetime(std::uint8_t value) {
    kind_ = KeyKind::datetime;
    integer_ = read_flipped(8);
    in_range_ = value == tag::datetime;
    if (in_range_) return;
    const bool early = value == tag::datetime_early;
    if (fits_microseconds(integer_) || early != (integer_ < 0)) {
        damaged("a date beyond the range of DATETIME");
    }
}

std::int64_t KeyReader::date_ms() const noexcept {
    if (!in_range_) return integer_;
    const std::int64_t rest = integer_ % ms_us;
    return integer_ / ms_us - (rest < 0 ? 1 : 0);
}

Cell KeyReader::cell() const {
    switch (kind_) {
        case KeyKind::null:
            return Cell::null();
        case KeyKind::boolean:
            return Cell::of(boolean());
        case KeyKind::text:
            return Cell::of(std::string_view{text_});
        case KeyKind::blob:
            return Cell::blob(text_);
        case KeyKind::date:
            return Cell::of(Date{static_cast<std::int32_t>(integer_)});
        case KeyKind::time:
            return Cell::of(Time{integer_});
        case KeyKind::enumeration:
            return Cell::enumeration(integer_);
        case KeyKind::datetime:
            if (in_range_) return Cell::of(DateTime{integer_});
            break;
        case KeyKind::number:
            if (number_.form == KeyNumber::Form::integer) return Cell::of(number_.integer);
            if (number_.form == KeyNumber::Form::real) return Cell::of(number_.real);
            if (const auto decimal = number_.to_decimal()) return Cell::of(*decimal);
            break;
        default:
            break;
    }
    damaged(
        fmt::format("a value of a column and not {} as the element that ends", to_string(kind_)));
}

Cell KeyReader::cell(RowType type) const {
    if (kind_ == KeyKind::null) return Cell::null();
    const auto require = [&](KeyKind kind) {
        if (kind_ != kind) {
            damaged(fmt::format("{} and not {} as the element that ends", to_string(kind),
                                to_string(kind_)));
        }
    };
    switch (type) {
        case RowType::int16:
        case RowType::int32:
        case RowType::int64:
            require(KeyKind::number);
            if (const auto whole = number_.to_int64()) return Cell::of(*whole);
            damaged("a whole number as the element that ends");
        case RowType::float32:
        case RowType::float64:
            require(KeyKind::number);
            return Cell::of(number_.to_double());
        case RowType::decimal:
            require(KeyKind::number);
            if (const auto decimal = number_.to_decimal()) return Cell::of(*decimal);
            damaged("a decimal as the element that ends");
        case RowType::boolean:
            require(KeyKind::boolean);
            break;
        case RowType::text:
            require(KeyKind::text);
            break;
        case RowType::blob:
            require(KeyKind::blob);
            break;
        case RowType::datetime:
            require(KeyKind::datetime);
            break;
        case RowType::date:
            require(KeyKind::date);
            break;
        case RowType::time:
            require(KeyKind::time);
            break;
        case RowType::enumeration:
            require(KeyKind::enumeration);
            break;
    }
    return cell();
}

}  // namespace amphora::codec
