#include "codec/row.hpp"

#include "base/assert.hpp"
#include "codec/bytes_io.hpp"
#include "codec/decimal_digits.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

#include <cmath>
#include <limits>

namespace amphora::codec {
namespace {

// The first bytes of a row; see row.hpp.
constexpr std::uint8_t narrow_row = 1;
constexpr std::uint8_t wide_row = 2;
constexpr std::size_t header_bytes = 3;

constexpr std::size_t width(RowType type) noexcept {
    switch (type) {
        case RowType::boolean:
            return 1;
        case RowType::int16:
        case RowType::enumeration:
            return 2;
        case RowType::int32:
        case RowType::float32:
        case RowType::date:
            return 4;
        case RowType::int64:
        case RowType::float64:
        case RowType::datetime:
        case RowType::time:
            return 8;
        case RowType::decimal:
        case RowType::text:
        case RowType::blob:
            return 0;
    }
    return 0;
}

[[noreturn]] void damaged(Bytes row, std::string_view what) {
    throw Error{
        ErrorCode::corrupt,
        fmt::format("a row of {} bytes is damaged: {}; run check on the database or restore "
                    "a backup",
                    row.size(), what)};
}

Int128 load_decimal(const char* from, std::size_t bytes) noexcept {
    UInt128 units = 0;
    std::memcpy(&units, from, bytes);
    const int unused = static_cast<int>(16 - bytes) * 8;
    return static_cast<Int128>(units << unused) >> unused;
}

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

RowLayout::RowLayout(std::span<const RowType> types) {
    AMPHORA_ASSERT(types.size() <= columns_max);
    starts_.reserve(types.size() + 1);
    ColumnStart place{0, 0, RowType::int64, false};
    for (const RowType type : types) {
        const std::size_t bytes = width(type);
        place.type = type;
        place.is_variable = bytes == 0;
        starts_.push_back(place);
        place.fixed += static_cast<std::uint32_t>(bytes);
        if (place.is_variable) ++place.variables;
    }
    starts_.push_back(place);
}

RowView::RowView(const RowLayout& layout, Bytes row) : layout_{&layout}, row_{row} {
    if (row.size() < header_bytes) [[unlikely]] {
        damaged(row, "it is too short for any row");
    }
    const auto format = load_little<std::uint8_t>(row.data());
    if (format != narrow_row && format != wide_row) [[unlikely]] {
        // Format numbers are given one after another, so a flipped bit is seldom mistaken for a
        // later version.
        if (format == wide_row + 1) {
            throw Error{
                ErrorCode::newer_format,
                "a row was written by a later version of the library; open the database with "
                "that version"};
        }
        damaged(row, fmt::format("there is no row format {}", format));
    }
    parts_.columns = load_little<std::uint16_t>(row.data() + 1);
    if (parts_.columns > layout.columns()) [[unlikely]] {
        damaged(row, fmt::format("it has {} columns and its table {}", parts_.columns,
                                 layout.columns()));
    }
    const RowLayout::ColumnStart& end = layout.starts_[parts_.columns];
    parts_.end_bytes = format == wide_row ? 4 : 2;
    parts_.fixed_at = static_cast<std::uint32_t>(header_bytes + (parts_.columns + 7u) / 8);
    parts_.ends_at = parts_.fixed_at + end.fixed;
    parts_.variables_at = parts_.ends_at + end.variables * parts_.end_bytes;
    if (row.size() < parts_.variables_at) [[unlikely]] {
        damaged(row, "it is cut off");
    }
    const std::size_t variable_bytes = end.variables == 0 ? 0 : variable_end(end.variables - 1u);
    if (row.size() - parts_.variables_at != variable_bytes) [[unlikely]] {
        damaged(row, fmt::format("its parts add up to {}", parts_.variables_at + variable_bytes));
    }
}

std::uint32_t RowView::variable_end(std::size_t place) const noexcept {
    const char* const end = row_.data() + parts_.ends_at + place * parts_.end_bytes;
    return parts_.end_bytes == 4 ? load_little<std::uint32_t>(end)
                                 : load_little<std::uint16_t>(end);
}

Bytes RowView::variable(std::size_t place) const {
    const std::uint32_t end = variable_end(place);
    const std::uint32_t begin = place == 0 ? 0 : variable_end(place - 1);
    if (begin > end || end > row_.size() - parts_.variables_at) [[unlikely]] {
        damaged(row_, fmt::format("variable column {} goes from {} to {}", place, begin, end));
    }
    return {row_.data() + parts_.variables_at + begin, end - begin};
}

bool RowView::is_null(std::size_t column) const noexcept {
    return column < parts_.columns && (row_[header_bytes + column / 8] >> (column % 8) & 1) != 0;
}

Cell RowView::cell(std::size_t column) const {
    AMPHORA_ASSERT(column < layout_->columns());
    if (column >= parts_.columns) return {};
    if (is_null(column)) return Cell::null();
    const RowLayout::ColumnStart& place = layout_->starts_[column];
    const char* const fixed = row_.data() + parts_.fixed_at + place.fixed;
    switch (place.type) {
        case RowType::int64:
            return Cell::of(load_little<std::int64_t>(fixed));
        case RowType::int32:
            return Cell::of(std::int64_t{load_little<std::int32_t>(fixed)});
        case RowType::int16:
            return Cell::of(std::int64_t{load_little<std::int16_t>(fixed)});
        case RowType::boolean: {
            const auto value = load_little<std::uint8_t>(fixed);
            if (value > 1) [[unlikely]] {
                damaged(row_, "a boolean is neither 0 nor 1");
            }
            return Cell::of(value == 1);
        }
        case RowType::float64:
            return Cell::of(load_little<double>(fixed));
        case RowType::float32:
            return Cell::of(double{load_little<float>(fixed)});
        case RowType::datetime:
            return Cell::of(DateTime{load_little<std::int64_t>(fixed)});
        case RowType::time:
            return Cell::of(Time{load_little<std::int64_t>(fixed)});
        case RowType::date:
            return Cell::of(Date{load_little<std::int32_t>(fixed)});
        case RowType::enumeration:
            return Cell::enumeration(load_little<std::uint16_t>(fixed));
        case RowType::text:
            return Cell::of(std::string_view{variable(place.variables)});
        case RowType::blob:
            return Cell::blob(variable(place.variables));
        case RowType::decimal: {
            const Bytes bytes = variable(place.variables);
            if (bytes.size() < 2 || bytes.size() > 17) [[unlikely]] {
                damaged(row_, fmt::format("a decimal takes {} bytes", bytes.size()));
            }
            return Cell::of(Decimal{load_decimal(bytes.data() + 1, bytes.size() - 1),
                                    load_little<std::uint8_t>(bytes.data())});
        }
    }
    return {};
}

void encode_row(const RowLayout& layout, std::span<const Cell> cells, Buffer& out) {
    const std::size_t columns = layout.columns();
    AMPHORA_ASSERT(cells.size() == columns);
    const RowLayout::ColumnStart* const places = layout.starts_.data();

    std::size_t variable_bytes = 0;
    for (const Cell& cell : cells) variable_bytes += variable_size(cell);
    if (variable_bytes > std::numeric_limits<std::uint32_t>::max()) {
        throw Error{ErrorCode::value_too_large,
                    fmt::format("a row of {} bytes; a row holds at most 4 GiB", variable_bytes)};
    }

    const bool is_wide = variable_bytes > std::numeric_limits<std::uint16_t>::max();
    const std::size_t end_bytes = is_wide ? 4 : 2;
    const std::size_t nulls_bytes = (columns + 7) / 8;
    const std::size_t fixed_at = header_bytes + nulls_bytes;
    const std::size_t ends_at = fixed_at + places[columns].fixed;
    const std::size_t variables_at = ends_at + places[columns].variables * end_bytes;
    out.assign(variables_at + variable_bytes, '\0');

    char* const row = out.data();
    store_little<std::uint8_t>(row, is_wide ? wide_row : narrow_row);
    store_little(row + 1, static_cast<std::uint16_t>(columns));
    char* const variables = row + variables_at;
    char* next = variables;
    for (std::size_t i = 0; i < columns; ++i) {
        const Cell& cell = cells[i];
        const RowLayout::ColumnStart& place = places[i];
        if (cell.is_null()) {
            char& nulls = row[header_bytes + i / 8];
            nulls = static_cast<char>(nulls | (1 << (i % 8)));
        } else if (place.is_variable) {
            next = store_variable(next, place.type, cell);
        } else {
            store_fixed(row + fixed_at + place.fixed, place.type, cell);
        }
        if (place.is_variable) {
            char* const end = row + ends_at + place.variables * end_bytes;
            const auto offset = static_cast<std::uint32_t>(next - variables);
            if (is_wide) {
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
