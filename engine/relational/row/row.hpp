#pragma once

#include "base/bytes.hpp"
#include "codec/row.hpp"
#include "relational/table/tables.hpp"

#include <amphora/cell.hpp>
#include <amphora/value.hpp>

#include <cstdint>
#include <utility>

namespace amphora::relational {

/// A row in place: nothing is copied or decoded until a cell is read. The value holds every column,
/// also those of the primary key. That costs a few bytes a row; for them each cell is found in one
/// step, keys are never decoded, and `check` can compare the key with the row.
///
/// Valid as long as the memory in which it was found (see `find` and `RowScan`), and the Tables.
class Row {
  public:
    /// Throws `corrupt` or `newer_format` for bytes that are not a row of the table.
    Row(const BoundTable& table, Bytes value) : table_{&table}, view_{table.layout(), value} {}

    [[nodiscard]] const BoundTable& table() const noexcept { return *table_; }
    [[nodiscard]] Bytes bytes() const noexcept { return view_.bytes(); }

    /// The cell at a position of the table, of the column's kind or null. Text points into the row.
    /// An ENUM gives the position of its member (Kind::enumeration). Columns that were added after
    /// the row was written give their default.
    [[nodiscard]] Cell cell(std::uint32_t column) const;
    /// Throws `no_such_column`.
    [[nodiscard]] Cell cell(std::string_view column) const;

    /// A copy in dynamic form: every column, an ENUM's member by its name.
    [[nodiscard]] Record record() const;
    /// How many columns, from the first one, were stored: those of the table when it was written.
    [[nodiscard]] std::size_t stored_columns() const noexcept { return view_.stored_columns(); }

  private:
    const BoundTable* table_;
    codec::RowView view_;
};

/// The value of a cell in dynamic form: an ENUM's member by its name. Throws `corrupt` for a member
/// that the column does not have.
[[nodiscard]] Value value_of(const BoundTable& table, std::uint32_t column, const Cell& cell);

/// A row that owns its memory.
class OwnedRow {
  public:
    OwnedRow(const BoundTable& table, Buffer value) noexcept
        : table_{&table}, value_{std::move(value)} {}

    [[nodiscard]] const BoundTable& table() const noexcept { return *table_; }
    [[nodiscard]] Row row() const { return Row{*table_, value_}; }
    /// Gives up the memory.
    [[nodiscard]] Buffer release() noexcept { return std::move(value_); }
    [[nodiscard]] Cell cell(std::uint32_t column) const { return row().cell(column); }
    [[nodiscard]] Cell cell(std::string_view column) const { return row().cell(column); }

  private:
    const BoundTable* table_;
    Buffer value_;
};

}  // namespace amphora::relational
