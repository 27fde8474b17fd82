#pragma once

#include "catalog/definition/definition.hpp"
#include "transaction/reading.hpp"

#include <amphora/cell.hpp>

#include <span>

namespace amphora::catalog {

/// The store that holds the rows to which entries of another store refer: the relational store. The
/// document store asks it before a reference is stored, as it asks the document store (`ChildStore`)
/// before a row is erased. So neither store includes the other, and only the relational store knows
/// when a row's key alone does not say which row it is.
class ParentStore {
  public:
    virtual ~ParentStore() = default;

    /// `parent_key`: cells in the order of `parent.primary_key`, each of its column's kind or of one
    /// that compares equal, and none is NULL. Any thread.
    [[nodiscard]] virtual bool has_row(const transaction::Reading& reading, const Table& parent,
                                       std::span<const Cell> parent_key) const = 0;
};

}  // namespace amphora::catalog
