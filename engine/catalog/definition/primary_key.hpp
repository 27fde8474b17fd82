#pragma once

#include "base/bytes.hpp"
#include "base/ids.hpp"
#include "catalog/definition/definition.hpp"

#include <amphora/cell.hpp>

#include <cstddef>
#include <span>

/// The key of a row, made from its primary key:
///
///   space, 4 bytes | each cell in the order-preserving encoding of codec/key/ordered_key.hpp
///
/// Beyond `primary_key_bytes_max` the cells become a prefix and a 128-bit hash
/// (`codec::limit_key`). Two rows with such keys are distinguished by their columns. The bound
/// leaves room in a key of the tree for the columns of an index before the primary key. It is part
/// of the stored format.
namespace amphora::catalog {

inline constexpr std::size_t primary_key_bytes_max = 200;  ///< without the space

/// Replaces `key` by the key under which the relational tree holds the row of `table` with the
/// primary key `cells`. The cells are in the order of `table.primary_key`, each of its column's
/// kind or of one that compares equal (whole numbers, decimals and reals of one value have one
/// encoding), and none is NULL.
void encode_row_key(const Table& table, std::span<const Cell> cells, Buffer& key);

/// Whether a row's key is prefix and hash. A row that is found under it must then be compared by
/// its columns.
[[nodiscard]] bool is_limited_row_key(Bytes key) noexcept;

}  // namespace amphora::catalog
