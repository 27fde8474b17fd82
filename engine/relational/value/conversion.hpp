#pragma once

#include "base/bytes.hpp"
#include "catalog/definition/definition.hpp"

#include <amphora/cell.hpp>

#include <cstdint>
#include <forward_list>
#include <span>

/// Converts cells from callers to cells of exactly their columns' kinds.
namespace amphora::relational {

/// The value that a column stores for a cell. Whole numbers and booleans must be exact, DECIMAL
/// rounds half away from zero, FLOAT takes the nearest. Text becomes any type by its text form.
/// Text and blobs still point to the caller's memory, except decoded ones, which are held here.
class Conversion {
  public:
    /// `now_us` is the value of `amphora::now`.
    Conversion(const catalog::Table& table, std::int64_t now_us) noexcept
        : table_{table}, now_us_{now_us} {}

    /// NULL stays NULL; the cell is never absent. Throws `type_mismatch`, `value_out_of_range`,
    /// `value_too_large`, `invalid_utf8`, `malformed_json`, or `check_violation` for an ENUM.
    [[nodiscard]] Cell operator()(std::uint32_t place, const Cell& cell);

  private:
    const catalog::Table& table_;
    std::int64_t now_us_;
    std::forward_list<Buffer> decoded_;
};

}  // namespace amphora::relational
