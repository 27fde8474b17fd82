#pragma once

#include "base/bytes.hpp"

#include <amphora/cell.hpp>

#include <cstdint>
#include <span>
#include <vector>

/// Rows of SQL tables as bytes: any column is found without decoding the others, text and blobs are
/// read in place.
///
///   01          format: 01 with two-byte ends, 02 with four-byte ends (variable part over 64 KiB)
///   04 00       number of columns that were stored
///   08          one bit a column, least significant first: 1 is NULL
///   2a 00 ..    fixed-width columns in order; a NULL's place is zero
///   03 00 ..    for each variable-width column, where it ends in the variable part
///   4b 69 6d    variable-width columns in order: text, blobs and decimals
///
/// A decimal is its scale and the fewest bytes that hold its units in two's complement, least
/// significant first: 1.50 == 02 96 00.
///
/// Columns that were added to the table after the row was written are absent; the caller uses their
/// default. The row has no checksum; the tree stores one with each value.
namespace amphora::codec {

/// The type of a stored column. The caller of the encoder has checked that INT fits int32, that
/// SMALLINT and BOOLEAN fit theirs, that a FLOAT value is exactly a float, and that the position of
/// an ENUM is 0 to 65535.
enum class RowType : std::uint8_t {
    int16,
    int32,
    int64,
    boolean,
    float32,
    float64,
    decimal,
    text,
    blob,
    datetime,
    date,
    time,
    enumeration,
};

inline constexpr std::size_t columns_max = 4096;

/// The layout of a table's rows. Made once for a table, then shared by all of its rows.
class RowLayout {
  public:
    explicit RowLayout(std::span<const RowType> types);

    [[nodiscard]] std::size_t columns() const noexcept { return starts_.size() - 1; }
    [[nodiscard]] RowType type(std::size_t column) const noexcept { return starts_[column].type; }

  private:
    friend class RowView;
    friend void encode_row(const RowLayout&, std::span<const Cell>, Buffer&);

    // One more than there are columns: entry n is where the first n columns of a row end.
    struct ColumnStart {
        std::uint32_t fixed;      // bytes of the fixed-width columns before this one
        std::uint16_t variables;  // variable-width columns before this one
        RowType type;
        bool is_variable;
    };
    std::vector<ColumnStart> starts_;
};

/// Replaces `out` by the row. There is one cell for each column of the layout, of the column's kind
/// or NULL; anything else, also `absent`, is a bug of the caller. Throws `value_too_large` beyond 4
/// GiB.
void encode_row(const RowLayout& layout, std::span<const Cell> cells, Buffer& out);
/// The same without a layout; slower.
void encode_row(std::span<const RowType> types, std::span<const Cell> cells, Buffer& out);

/// A row in place. Cells point into its bytes. Cheap to make; keeps a pointer to the layout.
class RowView {
  public:
    /// Throws `corrupt` unless the parts of the row add up to exactly its length, `newer_format`
    /// for a format of a later version.
    RowView(const RowLayout& layout, Bytes row);

    /// The columns of the table, also those that are not stored.
    [[nodiscard]] std::size_t columns() const noexcept { return layout_->columns(); }
    [[nodiscard]] std::size_t stored_columns() const noexcept { return parts_.columns; }
    /// `absent` for a column that was added after the row was written. Throws `corrupt` where the
    /// row contains something impossible.
    [[nodiscard]] Cell cell(std::size_t column) const;
    [[nodiscard]] bool is_null(std::size_t column) const noexcept;
    [[nodiscard]] Bytes bytes() const noexcept { return row_; }

  private:
    /// Where the parts of the row begin, in bytes from its start. Found once for a row, and used
    /// for each of its cells.
    struct Parts {
        std::uint32_t fixed_at = 0;      // the fixed-width part
        std::uint32_t ends_at = 0;       // the ends of the variable-width columns
        std::uint32_t variables_at = 0;  // the variable part
        std::uint16_t columns = 0;       // columns that were stored
        std::uint8_t end_bytes = 0;      // width of an end: 2 or 4
    };

    [[nodiscard]] std::uint32_t variable_end(std::size_t place) const noexcept;
    [[nodiscard]] Bytes variable(std::size_t place) const;

    const RowLayout* layout_;
    Bytes row_;
    Parts parts_;
};

}  // namespace amphora::codec
