#pragma once

#include "catalog/language/syntax.hpp"

#include <string>
#include <vector>

/// Generated names, for parts of a schema that have none.
namespace amphora::catalog {

/// "users_by_email", or its beginning up to the longest name, with a hash of the whole.
[[nodiscard]] std::string made_name(std::string name);

/// The names of the indexes of `owner`, in their order: the given ones, and generated ones that
/// differ from them, "<owner>_by_<column>_and_<column>". Throws `schema_syntax` if a name is given
/// twice.
[[nodiscard]] std::vector<std::string> name_indexes(const std::string& owner,
                                                    const std::vector<syntax::Index>& sources);

}  // namespace amphora::catalog
