#pragma once

#include <amphora/row.hpp>
#include <amphora/typed_column.hpp>
#include <amphora/typed_key.hpp>
#include <amphora/typed_query.hpp>

#include <cstddef>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>

/// Rows as plain structs, which generated headers declare.
///
///   struct User      a row as it is read
///   struct NewUser   a row to insert: the compiler demands the members without a DEFAULT
namespace amphora {

/// A new value for one column: see `Transaction::update`.
template <class Row>
class Assignment {
  public:
    template <class Member, detail::StandsFor<Member> Given>
    Assignment(Member Row::*member, const Given& value)
        : column_{detail::column_name(member)}, value_{detail::column_value<Member>(value)} {}

    [[nodiscard]] std::string_view column() const noexcept { return column_; }
    [[nodiscard]] const Value& value() const noexcept { return value_; }

  private:
    std::string_view column_;
    Value value_;
};

/// `set(&User::name, "Kim")`: the column of that member gets the value.
template <class Row, class Member, detail::StandsFor<Member> Given>
[[nodiscard]] Assignment<Row> set(Member Row::*member, const Given& value) {
    return Assignment<Row>{member, value};
}

/// The rows of a typed scan, one after the other: an input range of structs. See `Rows`.
template <class Row>
class TypedRows {
  public:
    class Iterator {
      public:
        using value_type = Row;
        using difference_type = std::ptrdiff_t;
        using iterator_concept = std::input_iterator_tag;

        Row operator*() const { return detail::from_row<Row>(*at_); }
        Iterator& operator++() {
            ++at_;
            return *this;
        }
        void operator++(int) { ++at_; }
        bool operator==(std::default_sentinel_t end) const { return at_ == end; }

      private:
        friend class TypedRows;
        explicit Iterator(Rows::Iterator at) : at_{at} {}
        Rows::Iterator at_;
    };

    [[nodiscard]] Iterator begin() { return Iterator{rows_.begin()}; }
    [[nodiscard]] static std::default_sentinel_t end() { return {}; }
    [[nodiscard]] std::string explain() const { return rows_.explain(); }

  private:
    friend class Reader;
    explicit TypedRows(Rows rows) : rows_{std::move(rows)} {}
    Rows rows_;
};

}  // namespace amphora
