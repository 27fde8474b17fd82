#pragma once

#include <amphora/value.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// The rows that a scan selects: comparisons of columns with values, all of which must hold.
///
///   where("store_id") == 7 && where("status") == "AVAILABLE"
///
/// engine/relational/README.md has the rules of comparison, and how an index is chosen.
namespace amphora {

enum class Comparison : std::uint8_t {
    equal,
    not_equal,
    less,
    less_equal,
    greater,
    greater_equal,
    is_null,
    is_not_null,
    in,
};

struct Condition {
    std::string column = {};
    Comparison comparison = Comparison::equal;
    /// One; for `in` any number; for `is_null` and `is_not_null` none.
    std::vector<Value> values = {};
};

/// Comparisons that must all hold. A comparison with NULL never holds, as in SQL; use `is_null`.
class Conditions {
  public:
    Conditions() = default;
    explicit Conditions(Condition condition) { all_.push_back(std::move(condition)); }

    friend Conditions operator&&(Conditions left, Conditions right) {
        for (Condition& condition : right.all_) left.all_.push_back(std::move(condition));
        return left;
    }
    [[nodiscard]] const std::vector<Condition>& all() const noexcept { return all_; }

  private:
    std::vector<Condition> all_;
};

/// The left side of a comparison: a column, by name.
class Where {
  public:
    explicit Where(std::string_view column) : column_{column} {}

    [[nodiscard]] Conditions operator==(Value value) const {
        return make(Comparison::equal, std::move(value));
    }
    [[nodiscard]] Conditions operator!=(Value value) const {
        return make(Comparison::not_equal, std::move(value));
    }
    [[nodiscard]] Conditions operator<(Value value) const {
        return make(Comparison::less, std::move(value));
    }
    [[nodiscard]] Conditions operator<=(Value value) const {
        return make(Comparison::less_equal, std::move(value));
    }
    [[nodiscard]] Conditions operator>(Value value) const {
        return make(Comparison::greater, std::move(value));
    }
    [[nodiscard]] Conditions operator>=(Value value) const {
        return make(Comparison::greater_equal, std::move(value));
    }
    [[nodiscard]] Conditions is_null() const {
        return Conditions{{column_, Comparison::is_null, {}}};
    }
    [[nodiscard]] Conditions is_not_null() const {
        return Conditions{{column_, Comparison::is_not_null, {}}};
    }
    [[nodiscard]] Conditions in(std::vector<Value> values) const {
        return Conditions{{column_, Comparison::in, std::move(values)}};
    }

  private:
    [[nodiscard]] Conditions make(Comparison comparison, Value value) const {
        return Conditions{{column_, comparison, {std::move(value)}}};
    }
    std::string column_;
};

[[nodiscard]] inline Where where(std::string_view column) {
    return Where{column};
}

enum class Direction : std::uint8_t { forward, backward };

struct ScanOptions {
    /// An index by name; empty: the one that fits best. See also the `scan` of an index.
    std::string index = {};
    Direction direction = Direction::forward;
    std::size_t limit = SIZE_MAX;
};

struct FindOptions {
    Direction direction =
        Direction::forward;  ///< in the order of the index that is walked, or of the _id
    std::size_t skip = 0;
    std::size_t limit = SIZE_MAX;
};

}  // namespace amphora
