#pragma once

#include "catalog/definition.hpp"
#include "catalog/syntax.hpp"

namespace amphora::catalog {

/// Gives names their meaning: columns their places, literals the types of their columns, foreign
/// keys their indexes, and parents the place before their children. `stored` is asked for tables
/// that the script does not declare. Throws `schema_syntax` and `unsupported` with the place.
[[nodiscard]] Definition resolve(const syntax::Script& script, const Definition& stored);

}  // namespace amphora::catalog
