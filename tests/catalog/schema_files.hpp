#pragma once

#include "catalog/language/parser.hpp"
#include "support/read_file.hpp"

#include <string>
#include <vector>

/// The schema files of the project, for tests.
namespace amphora::catalog {

inline std::string schema_file(const std::string& name) {
    return support::read_file(AMPHORA_SCHEMA_FOLDER "/" + name);
}

inline const std::vector<std::string>& schema_names() {
    static const std::vector<std::string> names{"mission.sql", "learning.sql", "coaching.sql"};
    return names;
}

/// All three as one definition.
inline Definition all_schemas() {
    std::vector<std::string> texts;
    std::vector<SchemaText> parts;
    for (const std::string& name : schema_names()) texts.push_back(schema_file(name));
    for (std::size_t i = 0; i < texts.size(); ++i) parts.push_back({texts[i], schema_names()[i]});
    return parse_schemas(parts);
}

}  // namespace amphora::catalog
