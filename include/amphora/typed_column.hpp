#pragma once

#include <amphora/error.hpp>
#include <amphora/row.hpp>
#include <amphora/schema.hpp>

#include <array>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

/// The members of generated structs: which C++ values a column takes, and their conversion from and
/// to cells.
namespace amphora {

template <class T>
class Required;

namespace detail {

template <class T>
inline constexpr bool is_required = false;
template <class T>
inline constexpr bool is_required<Required<T>> = true;

template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;

template <class T>
inline constexpr bool is_text =
    std::is_same_v<T, std::string> || std::is_same_v<T, std::string_view>;
template <class T>
inline constexpr bool is_whole_number =
    std::is_integral_v<T> && !std::is_same_v<T, bool> && !is_character<T>;

/// Whether a value of type `Given` can be used for a column of type `Wanted` with its meaning kept:
/// 1.9 and true are no integers, 1 is no bool.
template <class Wanted, class Given>
[[nodiscard]] consteval bool fits_column() {
    if constexpr (is_optional<Wanted> && is_optional<Given>) {
        return fits_column<typename Wanted::value_type, typename Given::value_type>();
    } else if constexpr (is_optional<Wanted>) {
        return std::is_same_v<Given, std::nullopt_t> ||
               fits_column<typename Wanted::value_type, Given>();
    } else if constexpr (is_text<Wanted>) {
        return std::is_convertible_v<const Given&, std::string_view> &&
               !std::is_null_pointer_v<Given>;
    } else if constexpr (std::is_same_v<Wanted, Decimal> && is_whole_number<Given>) {
        return true;
    } else if constexpr (std::is_same_v<Wanted, bool> || std::is_class_v<Given>) {
        return std::is_same_v<Given, Wanted> ||
               (std::is_class_v<Given> && std::is_convertible_v<const Given&, Wanted>);
    } else if constexpr (std::is_integral_v<Wanted>) {
        return is_whole_number<Given>;
    } else if constexpr (std::is_floating_point_v<Wanted>) {
        return is_whole_number<Given> || std::is_floating_point_v<Given>;
    } else {
        return std::is_same_v<Given, Wanted>;
    }
}

template <class Given, class Wanted>
concept StandsFor = fits_column<Wanted, Given>();

/// The same for a reference.
template <class Given, class Wanted>
concept MemberValue =
    !is_required<std::remove_cvref_t<Given>> && fits_column<Wanted, std::remove_cvref_t<Given>>();

/// `given` as a `Wanted`. Throws `value_out_of_range` for a number that `Wanted` does not hold.
template <class Wanted, class Given>
[[nodiscard]] constexpr Wanted to_member(Given&& given) {
    using Plain = std::remove_cvref_t<Given>;
    if constexpr (std::is_same_v<Plain, Wanted>) {
        return std::forward<Given>(given);
    } else if constexpr (std::is_same_v<Wanted, std::string>) {
        return Wanted{std::string_view{given}};
    } else if constexpr (std::is_integral_v<Wanted> && is_whole_number<Plain>) {
        if (!std::in_range<Wanted>(given)) {
            throw Error{ErrorCode::value_out_of_range,
                        std::to_string(given) + " is beyond what the column holds"};
        }
        return static_cast<Wanted>(given);
    } else {
        return static_cast<Wanted>(given);
    }
}

}  // namespace detail

/// The member of a row to insert whose column is NOT NULL and has no DEFAULT. It has no default
/// value, so a row without it does not compile.
template <class T>
class Required {
  public:
    /// Any value that can be used for the column: 1.9 and true are no integers. Throws
    /// `value_out_of_range` for a number that the column does not hold.
    // Stands for its value. `MemberValue` is no Required, so copies and moves are not hidden.
    template <detail::MemberValue<T> Given>
    constexpr Required(Given&& given)  // NOLINT(*-explicit-*,*-forwarding-reference-overload)
        : value_{detail::to_member<T>(std::forward<Given>(given))} {}

    [[nodiscard]] constexpr const T& value() const noexcept { return value_; }
    constexpr operator const T&() const noexcept { return value_; }  // NOLINT(*-explicit-*)

  private:
    T value_;
};

namespace detail {

template <class T>
[[nodiscard]] Cell to_cell(const T& member) {
    if constexpr (is_required<T>) {
        return to_cell(member.value());
    } else if constexpr (is_optional<T>) {
        return member ? to_cell(*member) : Cell::null();
    } else if constexpr (std::is_same_v<T, bool>) {
        return Cell::of(member);
    } else if constexpr (std::is_enum_v<T>) {
        return Cell::enumeration(static_cast<std::int64_t>(member));
    } else if constexpr (std::is_integral_v<T>) {
        static_assert(std::is_signed_v<T> || sizeof(T) < 8, "columns hold signed 64-bit integers");
        return Cell::of(static_cast<std::int64_t>(member));
    } else if constexpr (std::is_floating_point_v<T>) {
        return Cell::of(static_cast<double>(member));
    } else if constexpr (std::is_same_v<T, Blob>) {
        return Cell::blob(member.bytes);
    } else if constexpr (std::is_convertible_v<const T&, std::string_view>) {
        return Cell::of(std::string_view{member});
    } else {
        return Cell::of(member);  // DateTime, Date, Time, Decimal
    }
}

template <class T>
[[nodiscard]] T from_cell(const Cell& cell) {
    if constexpr (is_optional<T>) {
        if (cell.is_null()) return std::nullopt;
        return from_cell<typename T::value_type>(cell);
    } else if constexpr (std::is_same_v<T, bool>) {
        return cell.boolean();
    } else if constexpr (std::is_enum_v<T> || std::is_integral_v<T>) {
        return static_cast<T>(cell.integer());
    } else if constexpr (std::is_floating_point_v<T>) {
        return static_cast<T>(cell.real());
    } else if constexpr (std::is_same_v<T, std::string>) {
        return std::string{cell.text()};
    } else if constexpr (std::is_same_v<T, Blob>) {
        return Blob{std::string{cell.text()}};
    } else if constexpr (std::is_same_v<T, DateTime>) {
        return cell.datetime();
    } else if constexpr (std::is_same_v<T, Date>) {
        return cell.date();
    } else if constexpr (std::is_same_v<T, Time>) {
        return cell.time();
    } else {
        static_assert(std::is_same_v<T, Decimal>);
        return cell.decimal();
    }
}

template <class Row>
inline constexpr std::size_t columns_count =
    std::tuple_size_v<std::remove_const_t<decltype(TableTraits<Row>::columns)>>;

template <class Row>
[[nodiscard]] std::array<Cell, columns_count<Row>> to_cells(const Row& row) {
    return std::apply(
        [&](const auto&... column) {
            return std::array<Cell, sizeof...(column)>{to_cell(row.*column.member)...};
        },
        TableTraits<Row>::columns);
}

/// Of a row to insert.
template <class Row>
[[nodiscard]] std::array<Cell, columns_count<Row>> new_cells(
    const typename TableTraits<Row>::New& row) {
    return std::apply(
        [&](const auto&... member) {
            return std::array<Cell, sizeof...(member)>{to_cell(row.*member)...};
        },
        TableTraits<Row>::new_members);
}

template <class Row>
[[nodiscard]] Row from_row(const RowView& view) {
    std::size_t place = 0;
    return std::apply(
        [&]<class... Member>(const TypedColumn<Row, Member>&...) {
            // Braces evaluate from left to right, so that `place` walks along the members.
            return Row{from_cell<Member>(view.cell(place++))...};
        },
        TableTraits<Row>::columns);
}

template <class Row, class Member>
[[nodiscard]] std::string_view column_name(Member Row::*wanted) {
    std::string_view name;
    std::apply(
        [&](const auto&... column) {
            (
                [&] {
                    if constexpr (std::is_same_v<decltype(column.member), Member Row::*const> ||
                                  std::is_same_v<decltype(column.member), Member Row::*>) {
                        if (column.member == wanted) name = column.name;
                    }
                }(),
                ...);
        },
        TableTraits<Row>::columns);
    return name;
}

/// The cell of a value for a column. It points to a text, and does not copy it. A number keeps its
/// value, also where the column is too narrow for it.
template <class Wanted, StandsFor<Wanted> Given>
[[nodiscard]] Cell column_cell(const Given& given) {
    if constexpr (is_optional<Wanted> && is_optional<Given>) {
        return given ? column_cell<typename Wanted::value_type>(*given) : Cell::null();
    } else if constexpr (std::is_same_v<Given, std::nullopt_t>) {
        return Cell::null();
    } else if constexpr (is_optional<Wanted>) {
        return column_cell<typename Wanted::value_type>(given);
    } else if constexpr (std::is_floating_point_v<Wanted>) {
        return Cell::of(static_cast<double>(given));
    } else if constexpr (std::is_same_v<Wanted, Decimal> && is_whole_number<Given>) {
        return Cell::of(Decimal{given});
    } else if constexpr (is_whole_number<Given>) {
        if (!std::in_range<std::int64_t>(given)) {
            throw Error{ErrorCode::value_out_of_range,
                        std::to_string(given) + " is more than any column of whole numbers holds"};
        }
        return Cell::of(static_cast<std::int64_t>(given));
    } else if constexpr (std::is_class_v<Given> && !is_text<Wanted>) {
        return to_cell(static_cast<Wanted>(given));
    } else {
        return to_cell(given);
    }
}

/// The value of a column in dynamic form. ENUM members by name.
template <class Wanted, StandsFor<Wanted> Given>
[[nodiscard]] Value column_value(const Given& given) {
    if constexpr (is_optional<Given>) {
        return given ? column_value<Wanted>(*given) : Value{};
    } else if constexpr (std::is_enum_v<Given>) {
        return Value{std::string{to_string(given)}};  // generated with the enum
    } else {
        return Value::from(column_cell<Wanted>(given));
    }
}

}  // namespace detail

}  // namespace amphora
