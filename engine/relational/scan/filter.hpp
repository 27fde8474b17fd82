#pragma once

#include "relational/row/row.hpp"
#include "relational/scan/scan.hpp"
#include "relational/value/comparison.hpp"

#include <cstdint>
#include <forward_list>
#include <optional>
#include <vector>

namespace amphora::relational {

/// A condition, with its values in the form in which stored cells are compared with them.
struct Filter {
    std::uint32_t column = 0;
    Comparison comparison = Comparison::equal;
    /// One; for `in` any number, in ascending order and each once; for `is_null` and `is_not_null`
    /// none.
    std::vector<Comparand> comparands;

    [[nodiscard]] bool holds(const Row& row) const;
};

/// The parsed conditions of a scan. Owns the text in them.
class Filters {
  public:
    /// Throws `invalid_argument` for a wrong number of values, `no_such_column`, `type_mismatch`.
    Filters(const BoundTable& table, const std::vector<ColumnCondition>& conditions);
    Filters(Filters&&) = default;
    Filters& operator=(Filters&&) = default;

    /// False: no row can fulfil them, for example because a column is compared with NULL.
    [[nodiscard]] bool may_hold() const noexcept { return may_hold_; }
    [[nodiscard]] const std::vector<Filter>& all() const noexcept { return all_; }

  private:
    void add(const BoundTable& table, const ColumnCondition& condition);
    [[nodiscard]] std::optional<Comparand> understand(const BoundTable& table, std::uint32_t column,
                                                      const Cell& cell);

    std::vector<Filter> all_;
    std::forward_list<Buffer> texts_;
    bool may_hold_ = true;
};

}  // namespace amphora::relational
