#pragma once

#include "catalog/definition/definition.hpp"
#include "catalog/language/syntax.hpp"

#include <vector>

/// Makes a definition of one declaration, without its references. Throws `schema_syntax` and
/// `unsupported` with the place.
namespace amphora::catalog {

inline constexpr std::size_t index_columns_max = 16;  ///< of one index or key
inline constexpr std::size_t references_max = 64;

/// `indexes`: those of the body, then those of CREATE INDEX.
[[nodiscard]] Table build_table(const syntax::Declaration& declaration,
                                const std::vector<syntax::Index>& indexes);
[[nodiscard]] Collection build_collection(const syntax::Declaration& declaration,
                                          const std::vector<syntax::Index>& indexes);

}  // namespace amphora::catalog
