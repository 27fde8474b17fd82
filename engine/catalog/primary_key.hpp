#pragma once

#include "base/bytes.hpp"
#include "base/ids.hpp"
#include "catalog/definition.hpp"

#include <amphora/cell.hpp>

#include <cstddef>
#include <span>

/// How the key of a row is made from its primary key, known to every floor that has to ask whether
/// a row exists:
///
///   space, 4 bytes | each cell in the order-preserving encoding of codec/ordered_key.hpp
///
/// Beyond `primary_key_bytes_max` the cells become a prefix and a 128-bit hash
/// (`codec::limit_key`): two rows with such keys are told apart by their own columns. The bound
/// leaves room in a key of the tree for the columns of an index in front of the primary key; it is
/// part of the stored format.
namespace amphora::catalog {

inline constexpr std::size_t primary_key_bytes_max = 200;  ///< without the space

/// The key under which the relational tree holds the row of `table` with the primary key `cells`,
/// put into `key`, whose old contents are gone. The cells stand in the order of
/// `table.primary_key`, each of its column's kind or one that compares equal (whole numbers,
/// decimals and reals of one value have one encoding), none of them NULL.
void encode_row_key(const Table& table, std::span<const Cell> cells, Buffer& key);

/// Whether a row's key is prefix and hash, so that whoever finds a row under it has to compare
/// columns.
[[nodiscard]] bool is_limited_row_key(Bytes key) noexcept;

}  // namespace amphora::catalog
