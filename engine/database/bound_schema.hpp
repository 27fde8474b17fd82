#pragma once

#include "catalog/catalog.hpp"
#include "document/collections.hpp"
#include "relational/tables.hpp"

#include <amphora/schema.hpp>

#include <memory>

namespace amphora {

/// One version of the catalog with both stores bound to it: what a reader or writer needs to know
/// of the schema, found by name in a few nanoseconds. Immutable, shared by threads.
///
/// The stores do not know each other; here they meet: the relational store asks the document store
/// before a row goes, through catalog::ChildStore.
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

}  // namespace amphora
