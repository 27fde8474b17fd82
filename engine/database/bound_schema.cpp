#include "database/bound_schema.hpp"

namespace amphora {

BoundSchema::BoundSchema(std::shared_ptr<const catalog::Catalog> catalog)
    : catalog_{std::move(catalog)},
      collections_{document::Collections::bind(catalog_->shared_definition())},
      tables_{relational::Tables::bind(catalog_->shared_definition(), collections_)} {}

const relational::BoundTable& BoundSchema::require(const Table& table) const {
    return *tables_->all()[catalog_->place_of(catalog_->require(table))];
}

const document::BoundCollection& BoundSchema::require(const Collection& collection) const {
    return *collections_->all()[catalog_->place_of(catalog_->require(collection))];
}

}  // namespace amphora
