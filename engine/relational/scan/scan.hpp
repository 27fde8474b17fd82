#pragma once

#include "relational/row/row.hpp"
#include "transaction/reading.hpp"

#include <amphora/cell.hpp>
#include <amphora/query.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

/// Finding rows. Nothing here changes anything. Absence is not an error.
namespace amphora::relational {

/// The row with that primary key: in memory that is valid while `reading` lives (in a transaction,
/// until that row is written again), or in `scratch`. The cells are converted as by a statement; a
/// cell that its column could never hold finds nothing.
[[nodiscard]] std::optional<Row> find(const transaction::Reading& reading, const BoundTable& table,
                                      std::span<const Cell> key, Buffer& scratch);

/// The row with these values in all columns of a unique index. NULL finds nothing.
[[nodiscard]] std::optional<Row> find_by(const transaction::Reading& reading,
                                         const BoundTable& table, const BoundIndex& index,
                                         std::span<const Cell> values, Buffer& scratch);

class Walk;

/// A comparison of a column with a value. With NULL it never holds, as in SQL.
struct ColumnCondition {
    std::uint32_t column = 0;
    Comparison comparison = Comparison::equal;
    std::vector<Cell> cells =
        {};  ///< one; for `in` any number; for `is_null` and `is_not_null` none
};

struct Scan {
    std::vector<ColumnCondition> conditions = {};  ///< all must hold
    const BoundIndex* index = nullptr;             ///< null: the one that fits best
    /// First columns of the wanted order; empty: the order of the index.
    std::vector<std::uint32_t> order_by = {};
    Direction direction = Direction::forward;
    std::size_t limit = SIZE_MAX;
};

/// The rows of a scan, one at a time, in the order of the index that is walked:
///
///   auto rows = scan(reading, table, {...});
///   while (rows.next()) use(rows.row());
///
/// In a transaction it sees the writes from before the scan was made. Its Reading and its BoundTable
/// must outlive it. Text in the conditions must live until `scan` has returned. Used by one thread
/// at a time.
class RowScan {
  public:
    RowScan(RowScan&&) noexcept;
    RowScan& operator=(RowScan&&) noexcept;
    ~RowScan();

    /// Moves to the next row; false if there is none.
    [[nodiscard]] bool next();
    /// Valid until the next `next()`.
    [[nodiscard]] Row row() const;
    /// The plan, for people: "user_missions: index idx_user_mission, user_id = 4, mission_id > 7;
    /// filter status".
    [[nodiscard]] std::string explain() const;

  private:
    friend RowScan scan(const transaction::Reading&, const BoundTable&, const Scan&);
    explicit RowScan(std::unique_ptr<Walk> walk) noexcept;
    std::unique_ptr<Walk> walk_;
};

/// Throws `type_mismatch` for a value that cannot be compared with its column, and `unsupported` if
/// no index gives the wanted order.
[[nodiscard]] RowScan scan(const transaction::Reading& reading, const BoundTable& table,
                           const Scan& scan);

}  // namespace amphora::relational
