#pragma once

#include <amphora/typed_column.hpp>

#include <array>
#include <span>
#include <tuple>

namespace amphora {
namespace detail {

/// Whether values of `Given...` can be used for a key of `Wanted...`, one for one.
template <class Wanted, class... Given>
inline constexpr bool is_key = false;
template <class... Wanted, class... Given>
requires(sizeof...(Wanted) ==
         sizeof...(Given)) inline constexpr bool is_key<std::tuple<Wanted...>, Given...> =
    (fits_column<Wanted, Given>() && ...);

}  // namespace detail

/// The key of a row: one value for each column of a primary key or of a unique index, whose types
/// are in `Columns`, a std::tuple. A value is of the column's kind: 1.9 and true are no integers,
/// and do not compile. It points to texts, and does not copy them.
///
///   tx.find(users, 7);
///   tx.find(order_lines, {order_id, 3});
template <class Columns>
class TypedKey;

template <class... Column>
class TypedKey<std::tuple<Column...>> {
  public:
    template <class... Given>
    requires(detail::is_key<std::tuple<Column...>, Given...>)
        TypedKey(const Given&... given)  // NOLINT(*-explicit-*)
        : cells_{detail::column_cell<Column>(given)...} {}
    template <class... Given>
    requires(detail::is_key<std::tuple<Column...>, Given...>)
        TypedKey(const std::tuple<Given...>& key)  // NOLINT(*-explicit-*)
        : TypedKey{std::make_from_tuple<TypedKey>(key)} {}

    [[nodiscard]] std::span<const Cell> cells() const noexcept { return cells_; }

  private:
    std::array<Cell, sizeof...(Column)> cells_;
};

/// The primary key of a row.
template <class Row>
using KeyOf = TypedKey<typename TableTraits<Row>::Key>;

}  // namespace amphora
