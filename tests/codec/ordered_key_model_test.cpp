#include "ordered_key_model.hpp"

#include <boost/multiprecision/cpp_int.hpp>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

namespace amphora::codec {

namespace {

using boost::multiprecision::cpp_int;

}  // namespace

// whole * 2^twos * 10^tens, or one of the numbers that are none.
struct Exact {
    enum class Kind : std::uint8_t { not_a_number, minus_infinity, finite, plus_infinity };
    Kind kind = Kind::finite;
    cpp_int whole;
    int twos = 0;
    int tens = 0;
};

namespace {

cpp_int wide(UInt128 value) {
    cpp_int result = static_cast<std::uint64_t>(value >> 64);
    return (result << 64) + static_cast<std::uint64_t>(value);
}

Exact exact(double value) {
    if (std::isnan(value)) return {Exact::Kind::not_a_number, 0};
    if (std::isinf(value)) {
        return {value < 0 ? Exact::Kind::minus_infinity : Exact::Kind::plus_infinity, 0};
    }
    int power = 0;
    const double mantissa = std::frexp(value, &power);
    return {Exact::Kind::finite, cpp_int{static_cast<std::int64_t>(std::ldexp(mantissa, 53))},
            power - 53, 0};
}

Exact exact(const Decimal& value) {
    const bool negative = value.units < 0;
    cpp_int whole =
        wide(negative ? 0 - static_cast<UInt128>(value.units) : static_cast<UInt128>(value.units));
    if (negative) whole = -whole;
    return {Exact::Kind::finite, whole, 0, -static_cast<int>(value.scale)};
}

Exact exact_decimal128(const std::uint8_t* bytes) {
    std::uint64_t low = 0;
    std::uint64_t high = 0;
    std::memcpy(&low, bytes, 8);
    std::memcpy(&high, bytes + 8, 8);
    const bool negative = (high & 0x8000000000000000) != 0;
    if ((high & 0x7C00000000000000) == 0x7C00000000000000) return {Exact::Kind::not_a_number, 0};
    if ((high & 0x7800000000000000) == 0x7800000000000000) {
        return {negative ? Exact::Kind::minus_infinity : Exact::Kind::plus_infinity, 0};
    }
    if ((high & 0x6000000000000000) == 0x6000000000000000) return {};  // never canonical
    cpp_int whole = high & 0x0001FFFFFFFFFFFF;
    whole = (whole << 64) + low;
    if (whole >= boost::multiprecision::pow(cpp_int{10}, 34)) return {};
    if (negative) whole = -whole;
    return {Exact::Kind::finite, whole, 0,
            static_cast<int>((high & 0x7FFE000000000000) >> 49) - 6176};
}

Exact exact(const Item& item) {
    switch (item.source) {
        case Item::Source::int64:
            return {Exact::Kind::finite, cpp_int{item.integer}};
        case Item::Source::real:
            return exact(item.real);
        case Item::Source::decimal:
            return exact(item.decimal);
        case Item::Source::decimal128:
            return exact_decimal128(item.decimal128);
        default:
            return {};
    }
}

std::strong_ordering order(int difference) {
    return difference <=> 0;
}

std::strong_ordering compare(const Exact& left, const Exact& right) {
    if (left.kind != right.kind) return left.kind <=> right.kind;
    if (left.kind != Exact::Kind::finite) return std::strong_ordering::equal;
    const int twos = std::min(left.twos, right.twos);
    const int tens = std::min(left.tens, right.tens);
    const auto align = [&](const Exact& number) -> cpp_int {
        return (number.whole << (number.twos - twos)) *
               boost::multiprecision::pow(cpp_int{10}, static_cast<unsigned>(number.tens - tens));
    };
    return order(align(left).compare(align(right)));
}

std::strong_ordering compare_bytes(std::string_view left, std::string_view right) {
    return left.compare(right) <=> 0;
}

cpp_int microseconds(const Item& item) {
    return item.source == Item::Source::date_ms ? cpp_int{item.integer} * 1000
                                                : cpp_int{item.integer};
}

std::strong_ordering compare_contents(const Item& left, const Item& right) {
    for (std::size_t i = 0; i < left.contents.size() && i < right.contents.size(); ++i) {
        const Item& left_value = left.contents[i];
        const Item& right_value = right.contents[i];
        if (left_value.kind != right_value.kind) return left_value.kind <=> right_value.kind;
        if (left.names[i] != right.names[i]) return compare_bytes(left.names[i], right.names[i]);
        if (const auto values = compare(left_value, right_value); std::is_neq(values)) {
            return values;
        }
    }
    return left.contents.size() <=> right.contents.size();
}

}  // namespace

std::strong_ordering compare(const Item& left, const Item& right) {
    if (left.kind != right.kind) return left.kind <=> right.kind;
    switch (left.kind) {
        case KeyKind::number:
            return compare(exact(left), exact(right));
        case KeyKind::text:
        case KeyKind::blob:
        case KeyKind::code:
        case KeyKind::object_id:
            return compare_bytes(left.text, right.text);
        case KeyKind::object:
        case KeyKind::array:
            return compare_contents(left, right);
        case KeyKind::code_with_scope:
            if (left.text != right.text) return compare_bytes(left.text, right.text);
            return compare_contents(left, right);
        case KeyKind::binary:
            if (left.text.size() != right.text.size()) {
                return left.text.size() <=> right.text.size();
            }
            if (left.subtype != right.subtype) return left.subtype <=> right.subtype;
            return compare_bytes(left.text, right.text);
        case KeyKind::datetime:
            return order(microseconds(left).compare(microseconds(right)));
        case KeyKind::timestamp:
            return static_cast<std::uint64_t>(left.integer) <=>
                   static_cast<std::uint64_t>(right.integer);
        case KeyKind::regex:
            if (left.text != right.text) return compare_bytes(left.text, right.text);
            return compare_bytes(left.second, right.second);
        case KeyKind::db_pointer:
            if (left.text.size() != right.text.size()) {
                return left.text.size() <=> right.text.size();
            }
            return compare_bytes(left.text + left.second, right.text + right.second);
        default:
            return left.integer <=> right.integer;
    }
}

void write(KeyWriter& key, const Item& item) {
    const auto write_contents = [&](bool named) {
        for (std::size_t i = 0; i < item.contents.size(); ++i) {
            if (named) key.field(item.names[i]);
            write(key, item.contents[i]);
        }
        key.end();
    };
    switch (item.kind) {
        case KeyKind::end:
            return;
        case KeyKind::min_key:
            key.min_key();
            return;
        case KeyKind::undefined:
            key.undefined();
            return;
        case KeyKind::null:
            key.null();
            return;
        case KeyKind::max_key:
            key.max_key();
            return;
        case KeyKind::number:
            if (item.source == Item::Source::int64) key.integer(item.integer);
            if (item.source == Item::Source::real) key.real(item.real);
            if (item.source == Item::Source::decimal) key.decimal(item.decimal);
            if (item.source == Item::Source::decimal128) key.decimal128(item.decimal128);
            return;
        case KeyKind::text:
            key.text(item.text);
            return;
        case KeyKind::blob:
            key.blob(item.text);
            return;
        case KeyKind::code:
            key.code(item.text);
            return;
        case KeyKind::binary:
            key.binary(item.subtype, item.text);
            return;
        case KeyKind::object_id:
            key.object_id(Bytes{item.text});
            return;
        case KeyKind::boolean:
            key.boolean(item.integer != 0);
            return;
        case KeyKind::datetime:
            if (item.source == Item::Source::date_ms) {
                key.date_ms(item.integer);
            } else {
                key.datetime(DateTime{item.integer});
            }
            return;
        case KeyKind::timestamp:
            key.timestamp(static_cast<std::uint64_t>(item.integer));
            return;
        case KeyKind::regex:
            key.regex(item.text, item.second);
            return;
        case KeyKind::db_pointer:
            key.db_pointer(item.text, item.second);
            return;
        case KeyKind::date:
            key.date(Date{static_cast<std::int32_t>(item.integer)});
            return;
        case KeyKind::time:
            key.time(Time{item.integer});
            return;
        case KeyKind::enumeration:
            key.enumeration(item.integer);
            return;
        case KeyKind::object:
            key.begin_object();
            return write_contents(true);
        case KeyKind::array:
            key.begin_array();
            return write_contents(false);
        case KeyKind::code_with_scope:
            key.begin_code_with_scope(item.text);
            return write_contents(true);
    }
}

}  // namespace amphora::codec
