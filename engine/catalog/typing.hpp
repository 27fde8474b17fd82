#pragma once

#include "catalog/definition.hpp"
#include "catalog/syntax.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string_view>

namespace amphora::catalog {

/// How a column's name becomes its place: tables look without regard to case, collections exactly.
using FindColumn = std::function<std::optional<std::uint32_t>(std::string_view)>;

/// A CHECK with its columns found and its types checked: the whole is a truth value, only like is
/// compared with like, and a text beside a DATETIME or an ENUM has become one. Throws
/// `schema_syntax`.
[[nodiscard]] Expression type_check(const syntax::Expression& predicate,
                                    std::span<const Column> columns, const FindColumn& find);

}  // namespace amphora::catalog
