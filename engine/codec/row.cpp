#include "codec/row.hpp"

#include "base/assert.hpp"
#include "codec/bytes_io.hpp"
#include "codec/decimal_digits.hpp"
#include "codec/row_format.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

namespace amphora::codec {

namespace {

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

}  // namespace

RowLayout::RowLayout(std::span<const RowType> types) {
    AMPHORA_ASSERT(types.size() <= columns_max);
    places_.reserve(types.size() + 1);
    Place place{0, 0, RowType::int64, false};
    for (const RowType type : types) {
        const std::size_t bytes = width(type);
        place.type = type;
        place.is_variable = bytes == 0;
        places_.push_back(place);
        place.fixed += static_cast<std::uint32_t>(bytes);
        if (place.is_variable) ++place.variables;
    }
    places_.push_back(place);
}

RowView::RowView(const RowLayout& layout, Bytes row) : layout_{&layout}, row_{row} {
    if (row.size() < row_format::header_bytes) [[unlikely]]
        damaged(row, "it is too short for any row");
    const auto format = load_little<std::uint8_t>(row.data());
    if (format != row_format::narrow && format != row_format::wide) [[unlikely]] {
        // Format numbers are given one after another, so a flipped bit is seldom mistaken for a
        // later version.
        if (format == row_format::wide + 1) {
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
    const RowLayout::Place& end = layout.places_[parts_.columns];
    parts_.end_bytes = format == row_format::wide ? 4 : 2;
    parts_.fixed_at =
        static_cast<std::uint32_t>(row_format::header_bytes + (parts_.columns + 7u) / 8);
    parts_.ends_at = parts_.fixed_at + end.fixed;
    parts_.variables_at = parts_.ends_at + end.variables * parts_.end_bytes;
    if (row.size() < parts_.variables_at) [[unlikely]]
        damaged(row, "it is cut off");
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
    return column < parts_.columns &&
           (row_[row_format::header_bytes + column / 8] >> (column % 8) & 1) != 0;
}

Cell RowView::cell(std::size_t column) const {
    AMPHORA_ASSERT(column < layout_->columns());
    if (column >= parts_.columns) return {};
    if (is_null(column)) return Cell::null();
    const RowLayout::Place& place = layout_->places_[column];
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
            if (value > 1) [[unlikely]]
                damaged(row_, "a boolean is neither 0 nor 1");
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

}  // namespace amphora::codec
