#pragma once

#include "catalog/evolution.hpp"
#include "database/bound_schema.hpp"
#include "database/core.hpp"

#include <memory>

/// What an addition to the schema asks of the rows and documents that are stored: new indexes are
/// filled, and rows and documents are held to new constraints and newly declared fields. All of it
/// is one transaction, together with the new catalog: no row can come between the look at the rows
/// and the constraint, and a crash leaves either neither or both.
namespace amphora {

/// Adds to the stored schema what `wanted` has beyond it, and commits. Returns the schema that is
/// in force then. Throws `schema_mismatch`, naming the first row or document that does not fulfil
/// what is added, and `transaction_too_large` with the options under which the transaction would
/// fit; nothing is changed then.
[[nodiscard]] std::shared_ptr<const BoundSchema> adopt(Core& core, const catalog::Catalog& stored,
                                                       const catalog::Definition& wanted);

}  // namespace amphora
