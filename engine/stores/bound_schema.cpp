#include "stores/bound_schema.hpp"

#include "relational/constraint/parent_rows.hpp"

namespace amphora::stores {

BoundSchema::BoundSchema(std::shared_ptr<const catalog::Catalog> catalog)
    : catalog_{std::move(catalog)},
      collections_{document::Collections::bind(catalog_->shared_definition(),
                                               std::make_shared<const relational::ParentRows>())},
      tables_{relational::Tables::bind(catalog_->shared_definition(), collections_)} {}

const relational::BoundTable& BoundSchema::require(const Table& table) const {
    return *tables_->all()[catalog_->place_of(catalog_->require(table))];
}

const document::BoundCollection& BoundSchema::require(const Collection& collection) const {
    return *collections_->all()[catalog_->place_of(catalog_->require(collection))];
}

}  // namespace amphora::stores
