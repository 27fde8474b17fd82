#include "document/collection/declared_field.hpp"

#include "base/assert.hpp"
#include "catalog/language/print.hpp"
#include "codec/bson/decimal128.hpp"
#include "codec/bytes_io.hpp"
#include "codec/utf8.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cfloat>
#include <cmath>

namespace amphora::document {

namespace {

using catalog::Column;
using catalog::Type;

constexpr std::int64_t day_ms = 86'400'000;
constexpr std::int64_t date_ms_min = -62'167'219'200'000;  // 0000-01-01 00:00:00
constexpr std::int64_t date_ms_max = 253'402'300'799'999;  // 9999-12-31 23:59:59.999
constexpr std::int64_t time_us_max = amphora::detail::time_range.last;

struct FieldRef {
    std::string_view collection;
    const Column& column;
};

[[noreturn]] void refuse(ErrorCode code, const FieldRef& at, BsonView value, std::string_view why) {
    throw Error{code,
                fmt::format("collection {}: field {} is {}: {} {}", at.collection, at.column.name,
                            catalog::to_sql(at.column.type), describe(value), why)};
}
[[noreturn]] void refuse_type(const FieldRef& at, BsonView value) {
    refuse(ErrorCode::type_mismatch, at, value,
           fmt::format("is of type {}", to_string(value.type())));
}

template <class T>
BsonView rewritten(BsonType type, T number, FieldScratch& scratch) {
    static_assert(sizeof number <= std::tuple_size_v<FieldScratch>);
    codec::store_little(scratch.data(), number);
    return BsonView{type, {scratch.data(), sizeof number}};
}

BsonView to_integer(const FieldRef& at, BsonView value, std::int64_t min, std::int64_t max,
                    BsonType stored, FieldScratch& scratch) {
    if (!value.is_number()) refuse_type(at, value);
    const std::optional<std::int64_t> whole = value.as_int64();
    if (!whole) {
        const double nearest = *value.as_double();
        // Doubles from 2^53 on, infinities and NaN have no fraction.
        if (std::isfinite(nearest) && std::abs(nearest) < 9007199254740992.0) {
            refuse(ErrorCode::type_mismatch, at, value,
                   "is no whole number, and whole numbers never round");
        }
    }
    if (!whole || *whole < min || *whole > max) {
        refuse(ErrorCode::value_out_of_range, at, value, "is beyond what it holds");
    }
    if (value.type() == stored) return value;
    if (stored == BsonType::int64) return rewritten(stored, *whole, scratch);
    return rewritten(stored, static_cast<std::int32_t>(*whole), scratch);
}

BsonView to_real(const FieldRef& at, BsonView value, FieldScratch& scratch) {
    if (!value.is_number()) refuse_type(at, value);
    double number = *value.as_double();
    const bool single = at.column.type.type == Type::real32;
    // Compared before narrowing: a double beyond FLT_MAX has no float, not even a rounded one.
    if (!std::isfinite(number) || (single && std::abs(number) > double{FLT_MAX})) {
        refuse(ErrorCode::value_out_of_range, at, value, "is beyond what it holds");
    }
    if (single) number = static_cast<float>(number);
    if (value.type() == BsonType::real && number == *value.as_double()) return value;
    return rewritten(BsonType::real, number, scratch);
}

/// coefficient * 10^exponent as units of 10^-scale, rounded half away from zero; none if that takes
/// more than 38 digits.
std::optional<Int128> to_units(const codec::DecimalParts& parts, int scale) {
    using codec::power_of_ten;
    const int shift = parts.exponent + scale;
    codec::UInt128 units = parts.coefficient;
    if (units != 0 && shift > 0) {
        if (shift > 38 || units >= power_of_ten(38) / power_of_ten(std::min(shift, 38))) {
            return std::nullopt;
        }
        units *= power_of_ten(shift);
    } else if (shift < -38) {
        units = 0;
    } else if (shift < 0) {
        const codec::UInt128 unit = power_of_ten(-shift);
        units = units / unit + (units % unit >= unit - unit / 2 ? 1 : 0);
    }
    return parts.negative ? -static_cast<Int128>(units) : static_cast<Int128>(units);
}

std::optional<Decimal128> to_decimal128(BsonView value) {
    if (const auto decimal = value.as_decimal128()) return decimal;
    if (value.type() != BsonType::real) {
        return Decimal128::from(Decimal{*value.as_int64(), 0});
    }
    return Decimal128::parse(fmt::format("{}", *value.as_double()));
}

BsonView to_decimal(const FieldRef& at, BsonView value, FieldScratch& scratch) {
    if (!value.is_number()) refuse_type(at, value);
    const catalog::ColumnType& type = at.column.type;
    const std::optional<Decimal128> given = to_decimal128(value);
    std::optional<Int128> units;
    if (given) {
        const codec::DecimalParts parts = codec::unpack(*given);
        if (parts.kind == codec::DecimalParts::Kind::finite) units = to_units(parts, type.scale);
    }
    // Decimals in documents have 34 digits, even if the schema allows more.
    const int digits = std::min<int>(type.precision, codec::decimal128_digits_max);
    const auto limit = static_cast<Int128>(codec::power_of_ten(digits));
    if (!units || *units >= limit || *units <= -limit) {
        refuse(ErrorCode::value_out_of_range, at, value, "has too many digits before the point");
    }
    const Decimal128 stored = Decimal128::from(Decimal{*units, type.scale});
    if (value.type() == BsonType::decimal128 && *given == stored) return value;
    std::copy(stored.bytes.begin(), stored.bytes.end(), scratch.begin());
    return BsonView{BsonType::decimal128, {scratch.data(), scratch.size()}};
}

BsonView to_text(const FieldRef& at, BsonView value) {
    const std::optional<std::string_view> text = value.as_text();
    if (!text) refuse_type(at, value);
    if (at.column.type.type == Type::varchar &&
        codec::is_longer_than(*text, at.column.type.length_max)) {
        throw Error{ErrorCode::value_too_large,
                    fmt::format("collection {}: field {} is {}: the text has {} characters",
                                at.collection, at.column.name, catalog::to_sql(at.column.type),
                                codec::count_characters(*text))};
    }
    return value;
}

BsonView to_member(const FieldRef& at, BsonView value) {
    const std::optional<std::string_view> text = value.as_text();
    if (!text) refuse_type(at, value);
    const std::vector<std::string>& members = at.column.type.members;
    if (std::find(members.begin(), members.end(), *text) == members.end()) {
        refuse(ErrorCode::check_violation, at, value, "is none of its members");
    }
    return value;
}

BsonView to_date(const FieldRef& at, BsonView value) {
    const std::optional<std::int64_t> ms = value.as_date_ms();
    if (!ms) refuse_type(at, value);
    if (*ms < date_ms_min || *ms > date_ms_max) {
        throw Error{
            ErrorCode::value_out_of_range,
            fmt::format("collection {}: field {} is {}: {} milliseconds from 1970 are outside of "
                        "the years 0000 to 9999",
                        at.collection, at.column.name, catalog::to_sql(at.column.type), *ms)};
    }
    if (at.column.type.type == Type::date && *ms % day_ms != 0) {
        refuse(ErrorCode::type_mismatch, at, value, "is no day but a time within one");
    }
    return value;
}

}  // namespace

BsonView to_stored(const Column& column, std::string_view collection, BsonView value,
                   FieldScratch& scratch) {
    const FieldRef at{collection, column};
    switch (column.type.type) {
        case Type::bigint:
            return to_integer(at, value, INT64_MIN, INT64_MAX, BsonType::int64, scratch);
        case Type::integer:
            return to_integer(at, value, INT32_MIN, INT32_MAX, BsonType::int32, scratch);
        case Type::smallint:
            return to_integer(at, value, INT16_MIN, INT16_MAX, BsonType::int32, scratch);
        case Type::time:
            return to_integer(at, value, -time_us_max, time_us_max, BsonType::int64, scratch);
        case Type::real32:
        case Type::real64:
            return to_real(at, value, scratch);
        case Type::decimal:
            return to_decimal(at, value, scratch);
        case Type::varchar:
        case Type::text:
            return to_text(at, value);
        case Type::enumeration:
            return to_member(at, value);
        case Type::datetime:
        case Type::date:
            return to_date(at, value);
        case Type::boolean:
            if (value.type() != BsonType::boolean) refuse_type(at, value);
            return value;
        case Type::blob:
            if (value.type() != BsonType::binary) refuse_type(at, value);
            return value;
        case Type::json:
            return value;
    }
    AMPHORA_ASSERT(!"every type is handled above");
}

std::string describe(BsonView value) {
    constexpr std::size_t bytes_max = 60;
    // A long value is not written out first only to be cut: it can have megabytes.
    if (value.raw().size() > 4096) {
        return fmt::format("a value of type {} and {} bytes", to_string(value.type()),
                           value.raw().size());
    }
    std::string text = to_json(value);
    if (text.size() <= bytes_max) return text;
    return fmt::format("{}...", codec::first_bytes(text, bytes_max));
}

}  // namespace amphora::document
