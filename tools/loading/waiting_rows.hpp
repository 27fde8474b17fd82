#pragma once

#include "base/bytes.hpp"
#include "loading/csv_rows.hpp"

#include <cstdint>
#include <unordered_map>
#include <vector>

namespace amphora::loading {

/// Rows that refer to a row which is not stored yet, by the key of that row.
class WaitingRows {
  public:
    explicit WaitingRows(std::uint64_t bytes_max) noexcept : bytes_max_{bytes_max} {}

    /// False if there is no room for the row, which then stays with the caller.
    [[nodiscard]] bool add(const Buffer& parent, CsvRow& row);
    /// The rows that waited for this one, in the order of the file.
    [[nodiscard]] std::vector<CsvRow> release(const Buffer& parent);
    /// All of them, in the order of the file.
    [[nodiscard]] std::vector<CsvRow> release_all();

  private:
    std::uint64_t bytes_max_;
    std::uint64_t bytes_ = 0;
    std::unordered_map<Buffer, std::vector<CsvRow>> by_parent_;
};

/// Divides rows into groups, each to be inserted as one statement, in this order. A group is one
/// row, or rows that refer to each other in a circle. No row refers to a row of a later group.
/// `parents[i]` are the positions of the rows to which row i refers.
[[nodiscard]] std::vector<std::vector<std::size_t>> group_by_circle(
    const std::vector<std::vector<std::size_t>>& parents);

}  // namespace amphora::loading
