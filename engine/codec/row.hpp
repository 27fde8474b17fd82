#pragma once

#include "base/bytes.hpp"

#include <amphora/cell.hpp>
#include <amphora/row_parts.hpp>

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

using amphora::detail::RowParts;

/// A row in place. Cells point into its bytes. Cheap to make; keeps a pointer to the layout.
class RowView {
  public:
    /// Throws `corrupt` unless the parts of the row add up to exactly its length, `newer_format`
    /// for a format of a later version.
    RowView(const RowLayout& layout, Bytes row);
    /// For a row that was read before: `parts` is what that reading found.
    RowView(const RowLayout& layout, Bytes row, const RowParts& parts) noexcept
        : layout_{&layout}, row_{row}, parts_{parts} {}

    /// The columns of the table, also those that are not stored.
    [[nodiscard]] std::size_t columns() const noexcept { return layout_->columns(); }
    [[nodiscard]] std::size_t stored_columns() const noexcept { return parts_.columns; }
    /// `absent` for a column that was added after the row was written. Throws `corrupt` where the
    /// row contains something impossible.
    [[nodiscard]] Cell cell(std::size_t column) const;
    [[nodiscard]] bool is_null(std::size_t column) const noexcept;
    [[nodiscard]] Bytes bytes() const noexcept { return row_; }
    [[nodiscard]] const RowParts& parts() const noexcept { return parts_; }

  private:
    [[nodiscard]] std::uint32_t variable_end(std::size_t place) const noexcept;
    [[nodiscard]] Bytes variable(std::size_t place) const;

    const RowLayout* layout_;
    Bytes row_;
    RowParts parts_;
};

}  // namespace amphora::codec
