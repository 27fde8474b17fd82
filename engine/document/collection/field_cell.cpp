#include "base/assert.hpp"
#include "codec/bson/decimal128.hpp"
#include "document/collection/declared_field.hpp"

#include <algorithm>

/// Values of declared fields as cells and back, for CHECK and for references to rows.
namespace amphora::document {

namespace {

using catalog::ColumnType;
using catalog::Type;

constexpr std::int64_t day_us = 86'400'000'000;

bool is_whole(Type type) {
    return type == Type::bigint || type == Type::integer || type == Type::smallint;
}
bool is_text(Type type) {
    return type == Type::varchar || type == Type::text;
}

std::optional<std::size_t> find_member(const ColumnType& type, std::string_view name) {
    const auto found = std::find(type.members.begin(), type.members.end(), name);
    if (found == type.members.end()) return std::nullopt;
    return static_cast<std::size_t>(found - type.members.begin());
}

template <class T>
std::optional<Cell> cell_of(const std::optional<T>& value) {
    if (!value) return std::nullopt;
    return Cell::of(*value);
}

}  // namespace

std::optional<Cell> to_cell(const ColumnType& type, BsonView stored) {
    if (stored.is_null()) return Cell::null();
    switch (type.type) {
        case Type::bigint:
        case Type::integer:
        case Type::smallint:
            return cell_of(stored.as_int64());
        case Type::boolean:
            return cell_of(stored.as_bool());
        case Type::real32:
        case Type::real64:
            return cell_of(stored.as_double());
        case Type::decimal: {
            const std::optional<Decimal128> decimal = stored.as_decimal128();
            return decimal ? cell_of(decimal->to_decimal()) : std::nullopt;
        }
        case Type::varchar:
        case Type::text:
            return cell_of(stored.as_text());
        case Type::json:
            return Cell::of(stored.raw());
        case Type::blob: {
            const std::optional<Binary> binary = stored.as_binary();
            if (!binary) return std::nullopt;
            return Cell::blob(binary->bytes);
        }
        case Type::datetime:
            return cell_of(stored.as_datetime());
        case Type::date: {
            const std::optional<DateTime> moment = stored.as_datetime();
            if (!moment || moment->microseconds % day_us != 0) return std::nullopt;
            return Cell::of(Date{static_cast<std::int32_t>(moment->microseconds / day_us)});
        }
        case Type::time: {
            const std::optional<std::int64_t> microseconds = stored.as_int64();
            if (!microseconds) return std::nullopt;
            return Cell::of(Time{*microseconds});
        }
        case Type::enumeration: {
            const std::optional<std::string_view> name = stored.as_text();
            const auto member = name ? find_member(type, *name) : std::nullopt;
            if (!member) return std::nullopt;
            return Cell::enumeration(static_cast<std::int64_t>(*member));
        }
    }
    AMPHORA_ASSERT(!"every type is handled above");
}

bool can_refer(const ColumnType& parent_type, const ColumnType& type) noexcept {
    if (is_whole(type.type)) return is_whole(parent_type.type);
    if (is_text(type.type) || type.type == Type::enumeration) {
        return is_text(parent_type.type) || parent_type.type == Type::enumeration;
    }
    // The key of a BLOB orders by its bytes, that of a binary first by its length.
    return type.type == parent_type.type && type.type != Type::json && type.type != Type::blob;
}

std::optional<Cell> to_parent_cell(const ColumnType& parent_type, const ColumnType& type,
                                   BsonView stored) {
    if (const std::optional<std::string_view> text = stored.as_text()) {
        if (parent_type.type != Type::enumeration) return Cell::of(*text);
        const auto member = find_member(parent_type, *text);
        if (!member) return std::nullopt;
        return Cell::enumeration(static_cast<std::int64_t>(*member));
    }
    // The kinds are the same on both sides, and keys have no widths.
    return to_cell(type, stored);
}

std::optional<BsonValue> from_parent_cell(const ColumnType& parent_type, const Cell& cell) {
    switch (cell.kind()) {
        case Cell::Kind::integer:
            return BsonValue{cell.integer()};
        case Cell::Kind::boolean:
            return BsonValue{cell.boolean()};
        case Cell::Kind::real:
            return BsonValue{cell.real()};
        case Cell::Kind::decimal: {
            const auto limit =
                static_cast<Int128>(codec::power_of_ten(codec::decimal128_digits_max));
            const Decimal number = cell.decimal();
            if (number.units >= limit || number.units <= -limit) return std::nullopt;
            return BsonValue{number};
        }
        case Cell::Kind::text:
            return BsonValue{cell.text()};
        case Cell::Kind::datetime: {
            const std::int64_t microseconds = cell.datetime().microseconds;
            // Dates in documents are whole milliseconds, so none equals this moment.
            if (microseconds % 1000 != 0) return std::nullopt;
            return BsonValue::date_ms(microseconds / 1000);
        }
        case Cell::Kind::date:
            return BsonValue::date_ms(std::int64_t{cell.date().days} * 86'400'000);
        case Cell::Kind::time:
            return BsonValue{cell.time().microseconds};
        case Cell::Kind::enumeration: {
            const auto place = static_cast<std::size_t>(cell.integer());
            AMPHORA_ASSERT(place < parent_type.members.size());
            return BsonValue{parent_type.members[place]};
        }
        case Cell::Kind::blob:
        case Cell::Kind::absent:
        case Cell::Kind::null:
        case Cell::Kind::present_moment:
            break;
    }
    AMPHORA_ASSERT(!"no NULL is in a primary key, and no field refers to a BLOB");
}

BsonValue from_literal(const Value& literal) {
    struct ToBson {
        BsonValue operator()(std::monostate) const { return {}; }
        BsonValue operator()(bool value) const { return value; }
        BsonValue operator()(std::int64_t value) const { return value; }
        BsonValue operator()(double value) const { return value; }
        BsonValue operator()(const Decimal& value) const { return value; }
        BsonValue operator()(const std::string& value) const { return value; }
        BsonValue operator()(const Blob& value) const { return value; }
        BsonValue operator()(DateTime value) const { return value; }
        BsonValue operator()(Date value) const { return value; }
        BsonValue operator()(Time value) const { return value.microseconds; }
    };
    return std::visit(ToBson{}, literal.holder());
}

}  // namespace amphora::document
