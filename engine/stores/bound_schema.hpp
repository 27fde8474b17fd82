#pragma once

#include "catalog/definition/catalog.hpp"
#include "document/collection/collections.hpp"
#include "relational/table/tables.hpp"

#include <amphora/schema.hpp>

#include <memory>

namespace amphora::stores {

/// One version of the catalog with both stores bound to it. Finds a table or collection by name in
/// a few nanoseconds. Immutable, shared by threads.
///
/// Neither store includes the other; they are connected here: the relational store asks the
/// document store, through catalog::ChildStore, before a row is erased, and the document store asks
/// the relational store, through catalog::ParentStore, before a reference to a row is stored.
class BoundSchema {
  public:
    explicit BoundSchema(std::shared_ptr<const catalog::Catalog> catalog);

    [[nodiscard]] const catalog::Catalog& catalog() const noexcept { return *catalog_; }
    [[nodiscard]] const relational::Tables& tables() const noexcept { return *tables_; }
    [[nodiscard]] const document::Collections& collections() const noexcept {
        return *collections_;
    }

    /// Each throws `no_such_table`.
    [[nodiscard]] const relational::BoundTable& require(const Table& table) const;
    [[nodiscard]] const document::BoundCollection& require(const Collection& collection) const;

  private:
    std::shared_ptr<const catalog::Catalog> catalog_;
    std::shared_ptr<const document::Collections> collections_;
    std::shared_ptr<const relational::Tables> tables_;
};

}  // namespace amphora::stores
