#pragma once

#include "database/reader_state.hpp"
#include "relational/scan/scan.hpp"

#include <amphora/row.hpp>

#include <memory>
#include <string>
#include <utility>

namespace amphora::detail {

/// A scan that is being walked.
class RowCursor {
  public:
    RowCursor(std::shared_ptr<ReaderState> state, relational::RowScan scan)
        : state_{std::move(state)}, scan_{std::move(scan)} {}

    /// Moves to the first row. Throws `invalid_argument` the second time.
    void begin();
    void next();
    [[nodiscard]] bool valid() const noexcept { return valid_; }
    [[nodiscard]] const RowView& row() const noexcept { return current_; }
    [[nodiscard]] std::string explain() const { return scan_.explain(); }

  private:
    std::shared_ptr<ReaderState> state_;  // outlives the scan
    relational::RowScan scan_;
    RowView current_;
    bool begun_ = false;
    bool valid_ = false;
};

}  // namespace amphora::detail
