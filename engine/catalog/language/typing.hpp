#pragma once

#include "catalog/definition/definition.hpp"
#include "catalog/language/syntax.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string_view>

namespace amphora::catalog {

/// Finds the position of a column by its name: tables without regard to case, collections exactly.
using FindColumn = std::function<std::optional<std::uint32_t>(std::string_view)>;

/// A CHECK with its columns resolved and its types checked: the whole is a truth value, only like
/// types are compared, and a text that is compared with a DATETIME or an ENUM has become one.
/// Throws `schema_syntax`.
[[nodiscard]] Expression type_check(const syntax::Expression& predicate,
                                    std::span<const Column> columns, const FindColumn& find);

}  // namespace amphora::catalog
