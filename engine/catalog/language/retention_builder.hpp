#pragma once

#include "catalog/definition/definition.hpp"
#include "catalog/language/syntax.hpp"

namespace amphora::catalog {

/// Gives `collection`, which has its fields and declared indexes, the retention that `declaration`
/// asks for, and the indexes that it needs. Throws `schema_syntax` for options that contradict each
/// other, and for a field that is not declared or not a DATETIME.
void build_retention(const syntax::Declaration& declaration, Collection& collection);

}  // namespace amphora::catalog
