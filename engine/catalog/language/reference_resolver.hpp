#pragma once

#include "catalog/definition/definition.hpp"
#include "catalog/language/syntax.hpp"

#include <vector>

namespace amphora::catalog {

/// Resolves the references of every table and collection. Parents are found in the definition or in
/// `stored`. Types must be those of the parent's primary key. If no index begins with a reference's
/// columns, one is made: "fk_<table>_<columns>". Then orders tables so that parents come first,
/// otherwise as declared.
///
/// `tables` and `collections` are the declarations, in the order of those in `definition`. Throws
/// `schema_syntax` with the place.
void resolve_references(Definition& definition,
                        const std::vector<const syntax::Declaration*>& tables,
                        const std::vector<const syntax::Declaration*>& collections,
                        const Definition& stored);

/// Orders tables so that parents come first, otherwise in their present order. If there is a cycle,
/// returns the names along it, from a table back to itself, and does not change the order.
[[nodiscard]] std::vector<std::string> order_by_parents(std::vector<Table>& tables);

/// Whether a foreign key of type `child` can refer to a key of type `parent`: the types must be
/// equal, except that the length of a VARCHAR may differ.
[[nodiscard]] bool can_refer(const ColumnType& child, const ColumnType& parent) noexcept;

}  // namespace amphora::catalog
