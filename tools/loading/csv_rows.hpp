#pragma once

#include "codec/csv.hpp"
#include "loading/input_file.hpp"
#include "loading/rejections.hpp"

#include <amphora/cell.hpp>
#include <amphora/statistics.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace amphora::loading {

/// One line of a CSV file: a field for each column of the header. None: NULL.
struct CsvRow {
    std::uint64_t line = 0;
    std::vector<std::optional<std::string>> fields;

    [[nodiscard]] std::uint64_t bytes_in_memory() const noexcept;
};

/// The rows of a CSV file whose header names columns of a table.
class CsvRows {
  public:
    /// Throws `malformed_csv` if there is no header or it names a column twice, `no_such_column`,
    /// `io_error`. `rejections` must outlive this object.
    CsvRows(const std::string& path, const SpaceReport& table, Rejections& rejections);

    /// Reads the next row with as many fields as the header. Bad rows before it are rejected.
    /// False: the end.
    [[nodiscard]] bool read(CsvRow& row);

    /// The row as cells of the table, which point into the row; absent where the header does not
    /// name the column.
    [[nodiscard]] std::vector<Cell> cells(const CsvRow& row) const;
    [[nodiscard]] std::uint64_t bytes_read() const noexcept { return reader_.bytes_read(); }

  private:
    void read_header(const std::string& path, const SpaceReport& table);

    Rejections& rejections_;
    InputFile file_;
    codec::CsvReader reader_;
    codec::CsvLine line_;
    std::size_t columns_;
    std::vector<std::size_t> places_;  // position in the table, for each field
};

}  // namespace amphora::loading
