#pragma once

#include "catalog/syntax.hpp"

#include <string>
#include <vector>

/// Names for what a schema leaves without one.
namespace amphora::catalog {

/// "users_by_email", or as much of it as a name may have, with a hash of the whole.
[[nodiscard]] std::string made_name(std::string name);

/// The names of the indexes of `owner`, in their order: those that were given, and made ones that
/// take none of them, "<owner>_by_<column>_and_<column>". Throws `schema_syntax` where one is given
/// twice.
[[nodiscard]] std::vector<std::string> name_indexes(const std::string& owner,
                                                    const std::vector<syntax::Index>& sources);

}  // namespace amphora::catalog
