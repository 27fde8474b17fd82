#pragma once

#include "relational/row/row.hpp"

#include <amphora/error.hpp>
#include <amphora/row.hpp>

#include <new>
#include <string>
#include <type_traits>

namespace amphora::detail {

/// Puts a row into a RowView, whose header knows nothing of the relational store.
class RowAccess {
  public:
    static void show(RowView& view, const relational::Row& row) noexcept {
        static_assert(std::is_trivially_copyable_v<relational::Row>);
        static_assert(sizeof(relational::Row) <= sizeof(view.row_));
        ::new (view.row_.data()) relational::Row{row};
        view.shows_row_ = true;
    }
    /// Throws `invalid_argument` if no row was ever put into it.
    [[nodiscard]] static const relational::Row& row(const RowView& view) {
        if (view.shows_row_) [[likely]] {
            return *std::launder(reinterpret_cast<const relational::Row*>(view.row_.data()));
        }
        refuse();
    }
    /// Memory for a row that is not in the store's own memory.
    [[nodiscard]] static std::string& scratch(RowView& view) noexcept { return view.scratch_; }

  private:
    [[noreturn]] static void refuse();
};

}  // namespace amphora::detail
