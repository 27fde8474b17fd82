#pragma once

#include "base/bytes.hpp"
#include "catalog/definition/primary_key.hpp"
#include "codec/key/format.hpp"
#include "relational/row/row.hpp"
#include "transaction/reading.hpp"

#include <amphora/cell.hpp>

#include <optional>
#include <span>

/// The key of a row, and the part of it that index entries hold: the *primary part*, which is the
/// key without the space.
namespace amphora::relational {

class RowKey {
  public:
    /// `primary` are the cells of the primary key, of their columns' kinds.
    RowKey(const BoundTable& table, std::span<const Cell> primary) {
        catalog::encode_row_key(table.definition(), primary, key_);
    }
    /// From a primary part.
    RowKey(const BoundTable& table, Bytes primary_part);

    [[nodiscard]] Bytes bytes() const noexcept { return key_; }
    [[nodiscard]] Bytes primary_part() const noexcept {
        return Bytes{key_}.substr(codec::key_space_bytes);
    }
    /// Whether rows with other primary keys might have the same key.
    [[nodiscard]] bool is_limited() const noexcept { return catalog::is_limited_row_key(key_); }

  private:
    Buffer key_;
};

/// The row under `key`; none if it is another row whose long key has the same prefix and hash.
/// `primary` are the cells from which `key` was made.
[[nodiscard]] std::optional<Row> find_row(const transaction::Reading& reading,
                                          const BoundTable& table, const RowKey& key,
                                          std::span<const Cell> primary, Buffer& scratch);

/// The row of an index entry. A missing one is `corrupt`, because entries are erased with their
/// rows.
[[nodiscard]] Row require_row(const transaction::Reading& reading, const BoundTable& table,
                              const BoundIndex& index, Bytes primary_part, Buffer& scratch);

[[noreturn]] void refuse_missing_row(const BoundTable& table, const BoundIndex& index,
                                     const RowKey& key);

}  // namespace amphora::relational
