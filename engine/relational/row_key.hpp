#pragma once

#include "base/bytes.hpp"
#include "catalog/primary_key.hpp"
#include "codec/key_format.hpp"
#include "relational/row.hpp"
#include "transaction/reading.hpp"

#include <amphora/cell.hpp>

#include <optional>
#include <span>

/// The key of a row and what index entries keep of it: the *primary part*, which is the key without
/// the space.
namespace amphora::relational {

class RowKey {
  public:
    /// `primary` has the cells of the primary key, of their columns' kinds.
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

/// The row under `key`, unless it is another one whose long key has the same prefix and hash.
/// `primary` are the cells that `key` was made of.
[[nodiscard]] std::optional<Row> find_row(const transaction::Reading& reading,
                                          const BoundTable& table, const RowKey& key,
                                          std::span<const Cell> primary, Buffer& scratch);

/// The row that an index entry leads to. A missing one is `corrupt`: entries go with their rows.
[[nodiscard]] Row require_row(const transaction::Reading& reading, const BoundTable& table,
                              const BoundIndex& index, Bytes primary_part, Buffer& scratch);

[[noreturn]] void refuse_missing_row(const BoundTable& table, const BoundIndex& index,
                                     const RowKey& key);

}  // namespace amphora::relational
