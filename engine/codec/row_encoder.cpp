// Cells into the bytes of a row.
#include "codec/row.hpp"

#include "base/assert.hpp"
#include "codec/bytes_io.hpp"
#include "codec/decimal_digits.hpp"
#include "codec/row_format.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

#include <cmath>
#include <limits>

namespace amphora::codec {

namespace {

// The fewest bytes that hold `units` in two's complement, at least one.
std::size_t decimal_bytes(Int128 units) noexcept {
    const UInt128 bits = static_cast<UInt128>(units < 0 ? ~units : units) << 1;
    const auto high = static_cast<std::uint64_t>(bits >> 64);
    const auto low = static_cast<std::uint64_t>(bits);
    const int used = high != 0 ? 128 - __builtin_clzll(high) : 64 - __builtin_clzll(low | 1);
    return static_cast<std::size_t>(used + 7) / 8;
}

std::size_t variable_size(const Cell& cell) noexcept {
    switch (cell.kind()) {
        case Cell::Kind::text:
        case Cell::Kind::blob:
            return cell.text().size();
        case Cell::Kind::decimal:
            return 1 + decimal_bytes(cell.decimal().units);
        default:
            return 0;
    }
}

template <class T>
void store_narrow(char* to, std::int64_t value) {
    AMPHORA_ASSERT(value >= std::numeric_limits<T>::min() &&
                   value <= std::numeric_limits<T>::max());
    store_little(to, static_cast<T>(value));
}

void require_kind(const Cell& cell, Cell::Kind kind) {
    AMPHORA_ASSERT(cell.kind() == kind);
}

void store_fixed(char* to, RowType type, const Cell& cell) {
    switch (type) {
        case RowType::int64:
            require_kind(cell, Cell::Kind::integer);
            return store_little(to, cell.integer());
        case RowType::int32:
            require_kind(cell, Cell::Kind::integer);
            return store_narrow<std::int32_t>(to, cell.integer());
        case RowType::int16:
            require_kind(cell, Cell::Kind::integer);
            return store_narrow<std::int16_t>(to, cell.integer());
        case RowType::boolean:
            require_kind(cell, Cell::Kind::boolean);
            return store_little<std::uint8_t>(to, cell.boolean() ? 1 : 0);
        case RowType::float64:
            require_kind(cell, Cell::Kind::real);
            return store_little(to, cell.real());
        case RowType::float32: {
            require_kind(cell, Cell::Kind::real);
            // A key made from this cell must equal one made from the stored row.
            const auto narrow = static_cast<float>(cell.real());
            AMPHORA_ASSERT(static_cast<double>(narrow) == cell.real() || std::isnan(cell.real()));
            return store_little(to, narrow);
        }
        case RowType::datetime:
            require_kind(cell, Cell::Kind::datetime);
            return store_little(to, cell.datetime().microseconds);
        case RowType::time:
            require_kind(cell, Cell::Kind::time);
            return store_little(to, cell.time().microseconds);
        case RowType::date:
            require_kind(cell, Cell::Kind::date);
            return store_little(to, cell.date().days);
        case RowType::enumeration:
            require_kind(cell, Cell::Kind::enumeration);
            return store_narrow<std::uint16_t>(to, cell.integer());
        case RowType::decimal:
        case RowType::text:
        case RowType::blob:
            break;
    }
    AMPHORA_ASSERT(false);
}

char* store_variable(char* to, RowType type, const Cell& cell) {
    if (type == RowType::decimal) {
        require_kind(cell, Cell::Kind::decimal);
        const Decimal& number = cell.decimal();
        const std::size_t bytes = decimal_bytes(number.units);
        store_little(to, number.scale);
        std::memcpy(to + 1, &number.units, bytes);
        return to + 1 + bytes;
    }
    require_kind(cell, type == RowType::text ? Cell::Kind::text : Cell::Kind::blob);
    const Bytes bytes = cell.text();
    if (!bytes.empty()) std::memcpy(to, bytes.data(), bytes.size());
    return to + bytes.size();
}

}  // namespace

void encode_row(const RowLayout& layout, std::span<const Cell> cells, Buffer& out) {
    const std::size_t columns = layout.columns();
    AMPHORA_ASSERT(cells.size() == columns);
    const RowLayout::Place* const places = layout.places_.data();

    std::size_t variable_bytes = 0;
    for (const Cell& cell : cells) variable_bytes += variable_size(cell);
    if (variable_bytes > std::numeric_limits<std::uint32_t>::max()) {
        throw Error{ErrorCode::value_too_large,
                    fmt::format("a row of {} bytes; a row holds at most 4 GiB", variable_bytes)};
    }

    const bool wide = variable_bytes > std::numeric_limits<std::uint16_t>::max();
    const std::size_t end_bytes = wide ? 4 : 2;
    const std::size_t nulls_bytes = (columns + 7) / 8;
    const std::size_t fixed_at = row_format::header_bytes + nulls_bytes;
    const std::size_t ends_at = fixed_at + places[columns].fixed;
    const std::size_t variables_at = ends_at + places[columns].variables * end_bytes;
    out.assign(variables_at + variable_bytes, '\0');

    char* const row = out.data();
    store_little<std::uint8_t>(row, wide ? row_format::wide : row_format::narrow);
    store_little(row + 1, static_cast<std::uint16_t>(columns));
    char* const variables = row + variables_at;
    char* next = variables;
    for (std::size_t i = 0; i < columns; ++i) {
        const Cell& cell = cells[i];
        const RowLayout::Place& place = places[i];
        if (cell.is_null()) {
            char& nulls = row[row_format::header_bytes + i / 8];
            nulls = static_cast<char>(nulls | (1 << (i % 8)));
        } else if (place.is_variable) {
            next = store_variable(next, place.type, cell);
        } else {
            store_fixed(row + fixed_at + place.fixed, place.type, cell);
        }
        if (place.is_variable) {
            char* const end = row + ends_at + place.variables * end_bytes;
            const auto offset = static_cast<std::uint32_t>(next - variables);
            if (wide) {
                store_little(end, offset);
            } else {
                store_little(end, static_cast<std::uint16_t>(offset));
            }
        }
    }
    AMPHORA_ASSERT(next == row + out.size());
}

void encode_row(std::span<const RowType> types, std::span<const Cell> cells, Buffer& out) {
    encode_row(RowLayout{types}, cells, out);
}

}  // namespace amphora::codec
