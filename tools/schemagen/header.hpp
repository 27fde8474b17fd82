#pragma once

#include "catalog/definition/definition.hpp"

#include <string>
#include <string_view>

namespace amphora::schemagen {

/// The input of a header.
struct HeaderSource {
    const catalog::Definition& definition;  ///< the tables and collections that get names in it
    std::string_view text;                  ///< the text of the whole schema
    std::string_view file_name;             ///< "mission.sql"
    std::string_view schema_name;           ///< "mission"
    std::string_view namespace_name;        ///< "mission", "app::mission"
};

/// The header: for each table a struct and its typed constant, for each ENUM an enum class, for
/// each unique index and each collection a constant, and the schema's text.
[[nodiscard]] std::string make_header(const HeaderSource& source);

}  // namespace amphora::schemagen
