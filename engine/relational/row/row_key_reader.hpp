#pragma once

#include "base/bytes.hpp"
#include "codec/key/reader.hpp"
#include "relational/table/tables.hpp"

#include <amphora/cell.hpp>

#include <cstdint>
#include <span>
#include <vector>

namespace amphora::relational {

/// Reads the cells of a primary key back from the key of a row, for rows of which only the key is
/// left. One reader can read many keys, of any tables.
///
///   RowKeyReader reader;
///   if (reader.read(table, key)) print(reader.cells());
class RowKeyReader {
  public:
    RowKeyReader() = default;
    RowKeyReader(const RowKeyReader&) = delete;
    RowKeyReader& operator=(const RowKeyReader&) = delete;

    /// False if the key is limited: it has not all cells, and only the row tells them. Throws
    /// `corrupt` for bytes that are not the key of a row of `table`, and for cells that the table's
    /// columns do not hold.
    [[nodiscard]] bool read(const BoundTable& table, Bytes key);

    /// The cells in the order of the primary key. Each is the cell that the row has in that column;
    /// only -0.0 has become 0.0. Empty after a `read` that returned false or threw. Valid until the
    /// next `read`; text points to memory of this reader.
    [[nodiscard]] std::span<const Cell> cells() const noexcept { return cells_; }

  private:
    Cell read_cell(const BoundTable& table, std::uint32_t place, codec::KeyReader& elements);
    Cell keep(const Cell& cell);

    std::vector<Cell> cells_;
    Buffer texts_;  // of all cells; never grows while a key is being read
    Buffer again_;  // the key that the cells make
};

}  // namespace amphora::relational
