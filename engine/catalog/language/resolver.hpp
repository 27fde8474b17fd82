#pragma once

#include "catalog/definition/definition.hpp"
#include "catalog/language/syntax.hpp"

namespace amphora::catalog {

/// Resolves names: columns to positions, literals to the types of their columns, foreign keys to
/// indexes; and puts parents before their children. Tables that the script does not declare are
/// searched in `stored`. Throws `schema_syntax` and `unsupported` with the place.
[[nodiscard]] Definition resolve(const syntax::Script& script, const Definition& stored);

}  // namespace amphora::catalog
