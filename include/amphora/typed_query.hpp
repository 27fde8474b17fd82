#pragma once

#include <amphora/query.hpp>
#include <amphora/typed_column.hpp>

#include <initializer_list>
#include <optional>
#include <ranges>
#include <span>
#include <utility>
#include <vector>

namespace amphora {

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
                                              std::optional<Member>>::value_type;  ///< without NULL

    explicit TypedWhere(Member Row::*member) : where_{detail::column_name(member)} {}

    template <detail::StandsFor<Plain> Given>
    [[nodiscard]] TypedConditions<Row> operator==(const Given& value) const {
        return made(where_ == detail::column_value<Plain>(value));
    }
    template <detail::StandsFor<Plain> Given>
    [[nodiscard]] TypedConditions<Row> operator!=(const Given& value) const {
        return made(where_ != detail::column_value<Plain>(value));
    }
    template <detail::StandsFor<Plain> Given>
    [[nodiscard]] TypedConditions<Row> operator<(const Given& value) const {
        return made(where_ < detail::column_value<Plain>(value));
    }
    template <detail::StandsFor<Plain> Given>
    [[nodiscard]] TypedConditions<Row> operator<=(const Given& value) const {
        return made(where_ <= detail::column_value<Plain>(value));
    }
    template <detail::StandsFor<Plain> Given>
    [[nodiscard]] TypedConditions<Row> operator>(const Given& value) const {
        return made(where_ > detail::column_value<Plain>(value));
    }
    template <detail::StandsFor<Plain> Given>
    [[nodiscard]] TypedConditions<Row> operator>=(const Given& value) const {
        return made(where_ >= detail::column_value<Plain>(value));
    }
    /// Equal to one of the values. Of no values: never.
    template <detail::StandsFor<Plain> Given>
    [[nodiscard]] TypedConditions<Row> in(std::initializer_list<Given> values) const {
        return in(std::span<const Given>{values.begin(), values.size()});
    }
    template <std::ranges::input_range Range>
    requires detail::StandsFor<std::ranges::range_value_t<Range>, Plain>
    [[nodiscard]] TypedConditions<Row> in(const Range& values) const {
        std::vector<Value> all;
        for (const auto& value : values) all.push_back(detail::column_value<Plain>(value));
        return made(where_.in(std::move(all)));
    }
    [[nodiscard]] TypedConditions<Row> is_null() const { return made(where_.is_null()); }
    [[nodiscard]] TypedConditions<Row> is_not_null() const { return made(where_.is_not_null()); }

  private:
    static TypedConditions<Row> made(Conditions conditions) {
        return TypedConditions<Row>{std::move(conditions)};
    }
    Where where_;
};

template <class Row, class Member>
[[nodiscard]] TypedWhere<Row, Member> where(Member Row::*member) {
    return TypedWhere<Row, Member>{member};
}

}  // namespace amphora
