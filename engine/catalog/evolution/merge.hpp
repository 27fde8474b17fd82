#pragma once

#include "catalog/definition/definition.hpp"

#include <string>
#include <vector>

namespace amphora::catalog {

/// `stored` with what `wanted` adds, as the catalog would hold it. Spaces are those of `stored`;
/// new parts have none yet. Only if `difference` finds no conflict. Throws what the parser throws
/// if the whole is not valid, for example if tables would refer to each other in a circle.
[[nodiscard]] Definition merge(const Definition& stored, const Definition& wanted);

}  // namespace amphora::catalog
