#pragma once

#include "base/bytes.hpp"
#include "base/ids.hpp"
#include "catalog/definition.hpp"

#include <amphora/cell.hpp>

#include <span>

/// How the key of a row is made from its primary key, known to every floor that has to ask whether
/// a row exists:
///
///   space, 4 bytes big-endian | each cell in the order-preserving encoding of
///   codec/ordered_key.hpp
namespace amphora::catalog {

/// The key under which the relational tree holds the row of `table` with the primary key `cells`,
/// put into `key` (which is cleared first). The cells stand in the order of `table.primary_key`,
/// each of its column's kind; NULL is refused by an assertion, as no primary key has one. A key
/// beyond the tree's limit is a `value_too_large` that names the table.
void encode_row_key(const Table& table, std::span<const Cell> cells, Buffer& key);

}  // namespace amphora::catalog
