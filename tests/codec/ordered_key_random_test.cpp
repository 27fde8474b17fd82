#include "ordered_key_model.hpp"

#include <bit>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <limits>

/// Values to try keys with: close neighbours and edges far more often than chance would have them.
namespace amphora::codec {

namespace {

std::int64_t random_integer(Random& random) {
    static constexpr std::int64_t edges[] = {
        0, 1, 63, 64, 127, 128, 1LL << 53, (1LL << 53) + 1, INT64_MAX, INT64_MIN, INT64_MIN + 1};
    switch (random.below(4)) {
        case 0:
            return random.between(-300, 300);
        case 1:
            return random.of(edges);
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
            if (random.one_in(8)) {
                // More than the 38 digits that SQL knows, and scales beyond them: the type holds
                // them.
                digits = ((static_cast<UInt128>(random.bits()) << 64) | random.bits()) >>
                         (1 + random.below(127));
                exponent = -static_cast<int>(random.below(256));
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
                item.names.push_back(item.kind == KeyKind::array ? std::string{} : random.text(2));
                item.contents.push_back(random_item(random, depth + 1));
            }
            break;
        }
        default:
            break;
    }
    return item;
}

}  // namespace amphora::codec
