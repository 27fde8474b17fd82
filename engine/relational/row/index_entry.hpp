#pragma once

#include "base/bytes.hpp"
#include "codec/key/writer.hpp"
#include "relational/row/cells.hpp"
#include "relational/row/row.hpp"

#include <cstddef>
#include <cstdint>
#include <span>

/// The index entry of a row. There are four forms, which key and value distinguish:
///
///   unique, no NULL, short     columns                      → primary part
///   unique, with a NULL        columns | primary part       → primary part
///   not unique                 columns | primary part       → nothing
///   columns beyond the limit   prefix, hash | primary part  → 01 | primary part
///
/// Unique indexes have the last form, too: two values may have the same hash, so there must be room
/// for both entries, and a reader compares the rows. No primary part begins with 01.
namespace amphora::relational {

/// The most bytes of an entry's space and columns; with the primary part they fit a key of the tree
/// (511).
inline constexpr std::size_t index_columns_bytes_max = 307;

class IndexEntry {
  public:
    IndexEntry() : writer_{SpaceId{}} {}

    /// Makes the entry of the row with these cells, of their columns' kinds. `row` is anything with
    /// `cell(place)`, and needs only the index's columns. The primary part is copied.
    template <class Source>
    void encode(const BoundIndex& index, const Source& row, Bytes primary_part) {
        begin(index);
        for (const std::uint32_t place : index.columns) add(row.cell(place));
        finish(primary_part);
    }

    [[nodiscard]] Bytes key() const noexcept { return limited_ ? Bytes{key_} : writer_.bytes(); }
    [[nodiscard]] Bytes value() const noexcept { return value_; }
    /// The beginning of all entries with the same columns: the key up to the primary part.
    [[nodiscard]] Bytes columns_part() const noexcept { return key().substr(0, columns_bytes_); }

    enum class Meeting : std::uint8_t {
        at_key,   ///< a second row with these columns would have exactly this key
        in_rows,  ///< it would have another key; only the rows show if the columns are equal
        never,    ///< any number of rows may have these columns
    };
    [[nodiscard]] Meeting meeting() const noexcept { return meeting_; }

  private:
    void begin(const BoundIndex& index);
    void add(const Cell& cell);
    void finish(Bytes primary_part);

    codec::KeyWriter writer_;
    Buffer key_;  // only where the columns are beyond the limit
    Buffer value_;
    std::size_t columns_bytes_ = 0;
    Meeting meeting_ = Meeting::never;
    bool unique_ = false;
    bool has_null_ = false;
    bool limited_ = false;
};

/// The primary part of the row to which an entry of `index` belongs. Points into key or value.
[[nodiscard]] Bytes primary_part(const BoundIndex& index, Bytes key, Bytes value);
/// Whether the entry's columns are stored as prefix and hash.
[[nodiscard]] inline bool is_limited_entry(Bytes value) noexcept {
    return !value.empty() && value.front() == '\x01';
}

}  // namespace amphora::relational
