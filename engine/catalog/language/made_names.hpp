#pragma once

#include "catalog/definition/definition.hpp"
#include "catalog/language/syntax.hpp"

#include <fmt/format.h>

#include <cstddef>
#include <string>
#include <string_view>
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

inline constexpr std::size_t indexes_max = 64;  ///< of one table or collection

/// `name`, or with a number if `owner` has an index of that name.
template <class Owner>
[[nodiscard]] std::string free_index_name(const Owner& owner, const std::string& name) {
    std::string free = made_name(name);
    for (int again = 2; owner.find_index(free) != nullptr; ++again) {
        free = made_name(fmt::format("{}_{}", name, again));
    }
    return free;
}

/// Throws `schema_syntax` if `owner` can have no further index. `made` are those that nobody has
/// declared.
template <class Owner>
void require_room_for_index(const Owner& owner, const SourceLocation& place,
                            std::string_view made) {
    if (owner.indexes.size() < indexes_max) return;
    fail_syntax(place,
                fmt::format("{} has more than {} indexes, with {}", owner.name, indexes_max, made));
}

}  // namespace amphora::catalog
