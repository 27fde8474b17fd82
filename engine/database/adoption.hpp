#pragma once

#include "catalog/evolution/evolution.hpp"
#include "database/core.hpp"
#include "stores/bound_schema.hpp"

#include <memory>

/// What an addition to the schema requires of stored rows and documents: new indexes are filled,
/// and rows and documents are checked against new constraints and newly declared fields. All of it
/// is one transaction, together with the new catalog: no row can be added between the check and the
/// new constraint, and after a crash there are both or neither.
namespace amphora {

/// Adds what `wanted` has and the stored schema lacks, and commits. Returns the schema that is then
/// in force. Throws, with nothing changed, `schema_mismatch`, which names the first row or document
/// that does not fulfil an addition, and `transaction_too_large` with the options with which the
/// transaction would fit.
[[nodiscard]] std::shared_ptr<const stores::BoundSchema> adopt(Core& core,
                                                               const catalog::Catalog& stored,
                                                               const catalog::Definition& wanted);

}  // namespace amphora
