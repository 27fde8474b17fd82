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
        const auto& [left_name, left_value] = left.contents[i];
        const auto& [right_name, right_value] = right.contents[i];
        if (left_value.kind != right_value.kind) return left_value.kind <=> right_value.kind;
        if (left_name != right_name) return compare_bytes(left_name, right_name);
        if (const auto values = compare(left_value, right_value); values != 0) return values;
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
        for (const auto& [name, value] : item.contents) {
            if (named) key.field(name);
            write(key, value);
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

namespace {

std::int64_t random_integer(Random& random) {
    static constexpr std::int64_t edges[] = {
        0, 1, 63, 64, 127, 128, 1LL << 53, (1LL << 53) + 1, INT64_MAX, INT64_MIN, INT64_MIN + 1};
    switch (random.below(4)) {
        case 0:
            return random.between(-300, 300);
        case 1:
            return random.of(edges) * (random.one_in(2) ? 1 : 1);
        case 2: {
            const auto power = std::uint64_t{1} << random.below(64);
            const std::uint64_t near = power + random.below(5) - 2;
            return static_cast<std::int64_t>(random.one_in(2) ? near : 0 - near);
        }
        default:
            return static_cast<std::int64_t>(random.bits() >> random.below(64));
    }
}

double random_real(Random& random) {
    static constexpr double edges[] = {0.0,
                                       -0.0,
                                       0.5,
                                       0.1,
                                       1.0 / 3,
                                       9007199254740992.0,
                                       9223372036854775808.0,
                                       -9223372036854775808.0,
                                       18446744073709551616.0,
                                       std::numeric_limits<double>::infinity(),
                                       -std::numeric_limits<double>::infinity(),
                                       std::numeric_limits<double>::quiet_NaN(),
                                       std::numeric_limits<double>::max(),
                                       std::numeric_limits<double>::min(),
                                       std::numeric_limits<double>::denorm_min()};
    double value = 0;
    switch (random.below(4)) {
        case 0:
            value = random.of(edges);
            break;
        case 1:
            value = std::bit_cast<double>(random.bits());
            break;
        case 2:
            value = static_cast<double>(random_integer(random));
            break;
        default:
            value = std::ldexp(static_cast<double>(random.below(1 << 20)),
                               -static_cast<int>(random.below(60)));
    }
    if (random.one_in(3)) value = std::nextafter(value, random.one_in(2) ? 1e308 : -1e308);
    return random.one_in(2) ? value : -value;
}

UInt128 random_digits(Random& random, int count) {
    UInt128 digits = 0;
    const bool nines = random.one_in(4);
    const bool zeros = random.one_in(4);
    for (int i = 0; i < count; ++i) {
        const bool plain = random.one_in(4) || (!nines && !zeros);
        digits = digits * 10 + (plain ? random.below(10) : nines ? 9 : 0);
    }
    return digits;
}

// The first `count` digits of a double, which a decimal then shares with it.
void digits_of(double value, int count, UInt128& digits, int& exponent) {
    char text[80];
    std::snprintf(text, sizeof text, "%.*e", count - 1, std::fabs(value));
    digits = 0;
    const char* at = text;
    for (; *at != 'e'; ++at) {
        if (*at != '.') digits = digits * 10 + static_cast<UInt128>(*at - '0');
    }
    exponent = std::atoi(at + 1) - (count - 1);
}

void put_decimal128(Item& item, bool negative, UInt128 digits, int exponent) {
    const std::uint64_t low = static_cast<std::uint64_t>(digits);
    const std::uint64_t high = static_cast<std::uint64_t>(digits >> 64) |
                               static_cast<std::uint64_t>(exponent + 6176) << 49 |
                               (negative ? 0x8000000000000000 : 0);
    std::memcpy(item.decimal128, &low, 8);
    std::memcpy(item.decimal128 + 8, &high, 8);
}

}  // namespace

Item random_number(Random& random) {
    Item item;
    item.kind = KeyKind::number;
    const bool negative = random.one_in(2);
    switch (random.below(4)) {
        case 0:
            item.source = Item::Source::int64;
            item.integer = random_integer(random);
            break;
        case 1:
            item.source = Item::Source::real;
            item.real = random_real(random);
            break;
        case 2: {
            item.source = Item::Source::decimal;
            UInt128 digits = random_digits(random, static_cast<int>(random.below(39)));
            int exponent = -static_cast<int>(random.below(39));
            if (random.one_in(3)) {
                UInt128 near = 0;
                int at = 0;
                const double value = std::ldexp(static_cast<double>(random.below(1 << 20)),
                                                -static_cast<int>(random.below(40)));
                digits_of(value, static_cast<int>(1 + random.below(38)), near, at);
                if (at <= 0 && at >= -60) {
                    digits = near;
                    exponent = at;
                }
            }
            item.decimal =
                Decimal{negative ? -static_cast<Int128>(digits) : static_cast<Int128>(digits),
                        static_cast<std::uint8_t>(-exponent)};
            break;
        }
        default: {
            item.source = Item::Source::decimal128;
            if (random.one_in(16)) {
                for (auto& byte : item.decimal128) byte = static_cast<std::uint8_t>(random.bits());
                break;
            }
            UInt128 digits = random_digits(random, static_cast<int>(random.below(35)));
            int exponent = static_cast<int>(random.between(-40, 10));
            if (random.one_in(4)) exponent = static_cast<int>(random.between(-360, 330));
            if (random.one_in(32)) exponent = static_cast<int>(random.between(-6176, 6111));
            if (random.one_in(3)) {
                const double value = random_real(random);
                if (std::isfinite(value)) {
                    digits_of(value, static_cast<int>(1 + random.below(34)), digits, exponent);
                }
            }
            put_decimal128(item, negative, digits, exponent);
        }
    }
    return item;
}

Item random_item(Random& random, int depth) {
    if (random.one_in(3)) return random_number(random);
    static constexpr KeyKind kinds[] = {
        KeyKind::min_key,  KeyKind::undefined,  KeyKind::null,        KeyKind::text,
        KeyKind::text,     KeyKind::object,     KeyKind::object,      KeyKind::array,
        KeyKind::array,    KeyKind::binary,     KeyKind::object_id,   KeyKind::boolean,
        KeyKind::datetime, KeyKind::datetime,   KeyKind::timestamp,   KeyKind::regex,
        KeyKind::code,     KeyKind::db_pointer, KeyKind::blob,        KeyKind::code_with_scope,
        KeyKind::date,     KeyKind::time,       KeyKind::enumeration, KeyKind::max_key};
    Item item;
    item.kind = random.of(kinds);
    switch (item.kind) {
        case KeyKind::text:
        case KeyKind::blob:
        case KeyKind::code:
            item.text = random.text(random.one_in(8) ? 80 : 5);
            break;
        case KeyKind::binary:
            item.text =
                random.one_in(16) ? std::string(250 + random.below(10), 'x') : random.text(4);
            item.subtype = static_cast<std::uint8_t>(random.one_in(4) ? random.below(256) : 0);
            break;
        case KeyKind::object_id:
            item.text = random.text(12);
            item.text.resize(12, '\xff');
            break;
        case KeyKind::regex:
            item.text = random.text(3);
            item.second = random.text(2);
            break;
        case KeyKind::db_pointer:
            item.text = random.text(3);
            item.second = random.text(12);
            item.second.resize(12, '\0');
            break;
        case KeyKind::boolean:
            item.integer = random.one_in(2) ? 1 : 0;
            break;
        case KeyKind::datetime:
            item.integer = random_integer(random);
            item.source = random.one_in(2) ? Item::Source::date_ms : Item::Source::datetime;
            if (random.one_in(4)) {
                item.integer =
                    (random.one_in(2) ? INT64_MIN : INT64_MAX) / 1000 + random.between(-2, 2);
                item.source = Item::Source::date_ms;
            }
            break;
        case KeyKind::time:
        case KeyKind::timestamp:
            item.integer = random_integer(random);
            break;
        case KeyKind::date:
            item.integer = static_cast<std::int32_t>(random_integer(random));
            break;
        case KeyKind::enumeration:
            item.integer = static_cast<std::int64_t>(random.below(65536));
            break;
        case KeyKind::code_with_scope:
            item.text = random.text(2);
            [[fallthrough]];
        case KeyKind::object:
        case KeyKind::array: {
            const std::size_t count = depth >= 3 ? 0 : random.below(4);
            for (std::size_t i = 0; i < count; ++i) {
                item.contents.emplace_back(item.kind == KeyKind::array ? "" : random.text(2),
                                           random_item(random, depth + 1));
            }
            break;
        }
        default:
            break;
    }
    return item;
}

Buffer copy(Bytes bytes) {
    KeyReader from{bytes};
    KeyWriter to{from.space()};
    while (from.next()) {
        if (from.depth() == 0 && from.kind() != KeyKind::end) to.direction(from.direction());
        const bool opened = from.kind() == KeyKind::object || from.kind() == KeyKind::array ||
                            from.kind() == KeyKind::code_with_scope;
        if (opened && from.depth() == 1) to.direction(from.direction());
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
