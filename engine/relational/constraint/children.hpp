#pragma once

#include "relational/row/row_key.hpp"
#include "relational/table/tables.hpp"
#include "transaction/reading.hpp"

#include <amphora/cell.hpp>

#include <memory>
#include <optional>
#include <span>

/// The rows of a child table that refer to one row of its parent.
namespace amphora::relational {

[[nodiscard]] bool has_children(const transaction::Reading& reading, const Child& child,
                                std::span<const Cell> primary);

/// Walks them as they were when the walk began, so the walk may erase them.
class ChildWalk {
  public:
    ChildWalk(const transaction::Reading& reading, const Child& child,
              std::span<const Cell> primary);

    /// The next child; none at the end. It is in memory of the reading, or of this walk until the
    /// next step.
    [[nodiscard]] std::optional<Row> next();

  private:
    [[nodiscard]] bool refers(const Row& row) const;

    const transaction::Reading& reading_;
    const Child& child_;
    std::span<const Cell> primary_;
    bool verify_;  // the bounds are those of a limited key: other keys may be between them
    bool started_ = false;
    std::unique_ptr<transaction::Cursor> cursor_;
    Buffer scratch_;
};

}  // namespace amphora::relational
