#pragma once

#include "catalog/definition.hpp"
#include "catalog/syntax.hpp"

#include <vector>

namespace amphora::catalog {

/// Gives every table and collection its references: parents are found, here or in `stored`; types
/// must be those of the parent's primary key; where no index begins with a reference's columns, one
/// is made, "fk_<table>_<columns>". Then orders tables so that parents come first, otherwise as
/// declared.
///
/// `tables` and `collections` are the declarations, in the order of those in `definition`. Throws
/// `schema_syntax` with the place.
void resolve_references(Definition& definition,
                        const std::vector<const syntax::Declaration*>& tables,
                        const std::vector<const syntax::Declaration*>& collections,
                        const Definition& stored);

/// Orders tables so that parents come first, otherwise as they stand. Returns the names along a
/// cycle if there is one, from a table back to itself, and leaves the order alone then.
[[nodiscard]] std::vector<std::string> order_by_parents(std::vector<Table>& tables);

/// Whether a foreign key of the type `child` can refer to a key of the type `parent`: the same
/// type, while a VARCHAR's length may differ.
[[nodiscard]] bool can_refer(const ColumnType& child, const ColumnType& parent) noexcept;

}  // namespace amphora::catalog
