#pragma once

#include "catalog/definition/definition.hpp"
#include "transaction/reading.hpp"

namespace amphora {

/// Whether a space holds rows, and the first hundred are all such as the table would store under
/// these keys. References are not tested.
[[nodiscard]] bool rows_fit(const transaction::Reading& reading, const catalog::Table& table,
                            SpaceId space);
/// The same for documents.
[[nodiscard]] bool documents_fit(const transaction::Reading& reading,
                                 const catalog::Collection& collection, SpaceId space);
/// Whether a space holds what would be the AUTO_INCREMENT counter of a table, and nothing else.
[[nodiscard]] bool is_counter(const transaction::Reading& reading, SpaceId space);

}  // namespace amphora
