#pragma once

#include <amphora/error.hpp>
#include <amphora/query.hpp>
#include <amphora/row.hpp>
#include <amphora/schema.hpp>

#include <array>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

/// Rows as plain structs: the conversion between members and cells, which generated headers use.
namespace amphora {

/// The initial value of a member that must be named when a row is made: a NOT NULL column without a
/// DEFAULT. Using it throws `not_null_violation` with the column's name.
class Required {
  public:
    explicit constexpr Required(std::string_view column) noexcept : column_{column} {}
    template <class T>
    [[noreturn]] operator T() const {  // NOLINT(*-explicit-*): stands for a value of any type
        throw Error{ErrorCode::not_null_violation,
                    std::string{column_} + " is NOT NULL and has no DEFAULT; give it a value"};
    }

  private:
    std::string_view column_;
};
[[nodiscard]] constexpr Required required(std::string_view column) noexcept {
    return Required{column};
}

namespace detail {

template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;

template <class T>
[[nodiscard]] Cell to_cell(const T& member) {
    if constexpr (is_optional<T>) {
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

/// Whether values of `Given...` can be used for a key of `Wanted...`, one for one.
template <class Wanted, class... Given>
inline constexpr bool is_key = false;
template <class... Wanted, class... Given>
requires(sizeof...(Wanted) ==
         sizeof...(Given)) inline constexpr bool is_key<std::tuple<Wanted...>, Given...> =
    (fits_column<Wanted, Given>() && ...);

template <class... Wanted, class... Given>
[[nodiscard]] std::array<Cell, sizeof...(Wanted)> key_cells(
    std::type_identity<std::tuple<Wanted...>>, const Given&... given) {
    return {column_cell<Wanted>(given)...};
}

}  // namespace detail

/// Conditions on the rows of one struct.
template <class Row>
class TypedConditions {
  public:
    TypedConditions() = default;
    explicit TypedConditions(Conditions conditions) : conditions_{std::move(conditions)} {}
    friend TypedConditions operator&&(TypedConditions left, TypedConditions right) {
        return TypedConditions{std::move(left.conditions_) && std::move(right.conditions_)};
    }
    [[nodiscard]] const Conditions& conditions() const noexcept { return conditions_; }

  private:
    Conditions conditions_;
};

/// The left side of a comparison: a column, by its member. The compiler checks that the value fits.
template <class Row, class Member>
class TypedWhere {
  public:
    using Plain = typename std::conditional_t<detail::is_optional<Member>, Member,
                                              std::optional<Member>>::value_type;

    explicit TypedWhere(Member Row::*member) : where_{detail::column_name(member)} {}

    template <detail::StandsFor<Plain> Given>
    [[nodiscard]] TypedConditions<Row> operator==(const Given& value) const {
        return made(where_ == to_value(value));
    }
    template <detail::StandsFor<Plain> Given>
    [[nodiscard]] TypedConditions<Row> operator!=(const Given& value) const {
        return made(where_ != to_value(value));
    }
    template <detail::StandsFor<Plain> Given>
    [[nodiscard]] TypedConditions<Row> operator<(const Given& value) const {
        return made(where_ < to_value(value));
    }
    template <detail::StandsFor<Plain> Given>
    [[nodiscard]] TypedConditions<Row> operator<=(const Given& value) const {
        return made(where_ <= to_value(value));
    }
    template <detail::StandsFor<Plain> Given>
    [[nodiscard]] TypedConditions<Row> operator>(const Given& value) const {
        return made(where_ > to_value(value));
    }
    template <detail::StandsFor<Plain> Given>
    [[nodiscard]] TypedConditions<Row> operator>=(const Given& value) const {
        return made(where_ >= to_value(value));
    }
    [[nodiscard]] TypedConditions<Row> is_null() const { return made(where_.is_null()); }
    [[nodiscard]] TypedConditions<Row> is_not_null() const { return made(where_.is_not_null()); }

  private:
    template <class Given>
    static Value to_value(const Given& value) {
        if constexpr (std::is_enum_v<Plain>) {
            return Value{std::string{to_string(value)}};  // generated with the enum
        } else {
            return Value::from(detail::column_cell<Plain>(value));
        }
    }
    static TypedConditions<Row> made(Conditions conditions) {
        return TypedConditions<Row>{std::move(conditions)};
    }
    Where where_;
};

template <class Row, class Member>
[[nodiscard]] TypedWhere<Row, Member> where(Member Row::*member) {
    return TypedWhere<Row, Member>{member};
}

/// The rows of a typed scan, one after the other: an input range of structs. See `Rows`.
template <class Row>
class TypedRows {
  public:
    explicit TypedRows(Rows rows) : rows_{std::move(rows)} {}

    class Iterator {
      public:
        using value_type = Row;
        using difference_type = std::ptrdiff_t;
        using iterator_concept = std::input_iterator_tag;

        explicit Iterator(Rows::Iterator at) : at_{at} {}
        Row operator*() const { return detail::from_row<Row>(*at_); }
        Iterator& operator++() {
            ++at_;
            return *this;
        }
        void operator++(int) { ++at_; }
        bool operator==(std::default_sentinel_t end) const { return at_ == end; }

      private:
        Rows::Iterator at_;
    };

    [[nodiscard]] Iterator begin() { return Iterator{rows_.begin()}; }
    [[nodiscard]] static std::default_sentinel_t end() { return {}; }
    [[nodiscard]] std::string explain() const { return rows_.explain(); }

  private:
    Rows rows_;
};

}  // namespace amphora
