#pragma once

#include "relational/row/row_key.hpp"
#include "relational/scan/plan.hpp"
#include "transaction/reading.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace amphora::relational {

/// The rows of a plan, one at a time.
///
/// Long keys are stored as prefix and hash, and those with the same prefix are not in order. Such a
/// run of entries is read as a whole and sorted, so the order of a scan never depends on the length
/// of values. This needs memory for the rows of the run.
class Walk {
  public:
    Walk(const transaction::Reading& reading, const BoundTable& table, Plan plan,
         Direction direction, std::size_t limit);

    [[nodiscard]] bool next();
    [[nodiscard]] Row row() const;
    [[nodiscard]] std::string explain() const { return describe(table_, plan_); }

  private:
    struct RunRow {
        Buffer whole_key;
        Buffer row;
    };

    [[nodiscard]] bool advance();
    [[nodiscard]] bool step();
    void move();
    void enter_range();
    [[nodiscard]] const Plan::Range& range() const noexcept;
    [[nodiscard]] bool is_limited_here() const;
    void read_run();
    [[nodiscard]] Row row_here();
    [[nodiscard]] bool fulfils(const Row& row) const;
    [[nodiscard]] bool is_secondary() const noexcept { return plan_.index->definition != nullptr; }

    const transaction::Reading& reading_;
    const BoundTable& table_;
    Plan plan_;
    Direction direction_;
    bool in_transaction_;
    std::size_t left_;  // rows still to be returned
    std::size_t ranges_done_ = 0;
    std::unique_ptr<transaction::Cursor> cursor_;
    enum class Standing { before_all, given, not_given } standing_ = Standing::before_all;
    std::vector<RunRow> run_;  // in reverse order, so the next one is last
    Buffer given_from_run_;
    std::optional<Row> row_;
    Buffer scratch_;
};

}  // namespace amphora::relational
