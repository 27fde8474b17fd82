#pragma once

#include <amphora/document.hpp>
#include <amphora/value.hpp>

#include <cmath>
#include <cstdlib>
#include <limits>
#include <random>
#include <string>

/// Random BSON values, made so that equal ones, near ones and those at the ends of their ranges are
/// frequent.
namespace amphora::codec_test {

using Random = std::mt19937_64;

[[nodiscard]] inline std::uint64_t seed() {
    const char* const given = std::getenv("AMPHORA_SEED");
    return given == nullptr ? 20260131 : std::strtoull(given, nullptr, 10);
}
[[nodiscard]] inline std::uint64_t scale() {
    const char* const given = std::getenv("AMPHORA_TEST_SCALE");
    return given == nullptr ? 1 : std::strtoull(given, nullptr, 10);
}

[[nodiscard]] inline std::string random_text(Random& random) {
    static const char* const pieces[] = {
        "a", "b", "\x01", "\xc3\xa9", "\xed\x95\x9c", "\xf0\x9f\x8d\xb6", "\"", "\\", "$", "."};
    std::string text;
    for (auto left = random() % 5; left > 0; --left) text += pieces[random() % std::size(pieces)];
    return text;
}

[[nodiscard]] inline std::int64_t random_integer(Random& random) {
    switch (random() % 4) {
        case 0:
            return static_cast<std::int64_t>(random() % 7) - 3;
        case 1: {
            const int shift = static_cast<int>(random() % 63);
            const auto power = std::int64_t{1} << shift;
            return (random() % 2 == 0 ? power : -power) + static_cast<std::int64_t>(random() % 3) -
                   1;
        }
        case 2:
            return random() % 2 == 0 ? INT64_MAX : INT64_MIN;
        default:
            return static_cast<std::int64_t>(random());
    }
}

[[nodiscard]] inline double random_real(Random& random) {
    static const double special[] = {0.0,
                                     -0.0,
                                     std::numeric_limits<double>::quiet_NaN(),
                                     std::numeric_limits<double>::infinity(),
                                     -std::numeric_limits<double>::infinity(),
                                     9223372036854775808.0,
                                     -9223372036854775808.0,
                                     std::numeric_limits<double>::max(),
                                     std::numeric_limits<double>::denorm_min(),
                                     0.1,
                                     1e300};
    switch (random() % 4) {
        case 0:
            return special[random() % std::size(special)];
        case 1:
            return static_cast<double>(random_integer(random));
        case 2:
            return static_cast<double>(random_integer(random)) / 8;
        default:
            return std::ldexp(static_cast<double>(random()),
                              static_cast<int>(random() % 300) - 200);
    }
}

[[nodiscard]] inline Decimal128 random_decimal128(Random& random) {
    if (random() % 2 == 0) {
        const std::string text = std::to_string(random_integer(random)) + "E" +
                                 std::to_string(static_cast<int>(random() % 40) - 30);
        return *Decimal128::parse(text);
    }
    if (random() % 4 == 0) {
        static const char* const special[] = {
            "NaN",     "Infinity", "-Infinity",
            "0E+6111", "-0",       "9.999999999999999999999999999999999E+6144",
            "1E-6176"};
        return *Decimal128::parse(special[random() % std::size(special)]);
    }
    Decimal128 number;  // any bits at all, the forms that mean zero included
    for (auto& byte : number.bytes) byte = static_cast<std::uint8_t>(random());
    return number;
}

[[nodiscard]] inline BsonValue random_value(Random& random, int depth = 3);

[[nodiscard]] inline Document random_document(Random& random, int depth = 3) {
    Document document;
    for (auto left = random() % 4; left > 0; --left) {
        static const char* const names[] = {"", "a", "b", "\xc3\xa9", "a.b"};
        document.set(names[random() % std::size(names)], random_value(random, depth));
    }
    return document;
}

inline BsonValue random_value(Random& random, int depth) {
    const std::string text = random_text(random);
    switch (random() % (depth > 0 ? 22 : 19)) {
        case 0:
        case 1:
            return random_real(random);
        case 2:
            return text;
        case 3:
            return Binary{text, static_cast<std::uint8_t>(random() % 4)};
        case 4:
            return Undefined{};
        case 5: {
            std::array<std::uint8_t, ObjectId::size> id{};
            id[random() % id.size()] = static_cast<std::uint8_t>(random());
            return ObjectId{id};
        }
        case 6:
            return random() % 2 == 0;
        case 7:
            return BsonValue::date_ms(random_integer(random));
        case 8:
            return Null{};
        case 9:
            return RegularExpression{text, random() % 2 == 0 ? "i" : "im"};
        case 10:
            return DatabasePointer{text, ObjectId{}};
        case 11:
            return Code{text, std::nullopt};
        case 12:
            return Symbol{text};
        case 13:
            return static_cast<std::int32_t>(random_integer(random));
        case 14:
            return Timestamp{static_cast<std::uint32_t>(random() % 3),
                             static_cast<std::uint32_t>(random())};
        case 15:
            return random_integer(random);
        case 16:
            return random_decimal128(random);
        case 17:
            return MinKey{};
        case 18:
            return MaxKey{};
        case 19:
            return random_document(random, depth - 1);
        case 20: {
            Array array;
            for (auto left = random() % 4; left > 0; --left) {
                array.append(random_value(random, depth - 1));
            }
            return array;
        }
        default: {
            const Document scope = random_document(random, depth - 1);
            return Code{text, scope.view()};
        }
    }
}

}  // namespace amphora::codec_test
