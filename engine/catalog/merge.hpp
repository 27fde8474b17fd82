#pragma once

#include "catalog/definition.hpp"

#include <string>
#include <vector>

namespace amphora::catalog {

/// `stored` with what `wanted` adds, as the catalog would hold it. Spaces are those of `stored`;
/// what is new has none yet. Only where `difference` finds no conflict between the declarations;
/// throws what the parser throws if the two do not go together after all, as when tables would
/// refer to each other in a circle.
[[nodiscard]] Definition merge(const Definition& stored, const Definition& wanted);

}  // namespace amphora::catalog
