#pragma once

#include "relational/row/cells.hpp"
#include "relational/table/tables.hpp"
#include "relational/value/conversion.hpp"

#include <amphora/cell.hpp>

#include <cstdint>
#include <span>

namespace amphora::relational {

/// A whole key to be found, in the form in which it would be stored.
class SoughtKey {
  public:
    /// `given` has one cell for each of `places`; otherwise throws `invalid_argument`. Throws
    /// `type_mismatch` for cells that cannot be compared with their columns.
    SoughtKey(const BoundTable& table, std::span<const std::uint32_t> places,
              std::span<const Cell> given);

    /// False: no row can have that key, because it has a NULL or a value that the column cannot
    /// hold.
    [[nodiscard]] bool may_exist() const noexcept { return may_exist_; }
    [[nodiscard]] std::span<const Cell> cells() const noexcept { return cells_.all(); }

  private:
    Conversion conversion_;
    KeyCells cells_;
    bool may_exist_ = true;
};

}  // namespace amphora::relational
