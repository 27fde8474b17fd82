#pragma once

#include "database/core.hpp"
#include "database/rescue/salvaged_catalog.hpp"

#include <amphora/schema.hpp>

#include <map>
#include <span>
#include <string>
#include <vector>

namespace amphora {

/// A space whose definition is lost.
struct UndefinedSpace {
    std::string name;  ///< of the table or collection, if it can be read; else empty
    bool is_index = false;
};

struct RebuiltDefinitions {
    /// Spaces that hold something and have no definition in the repaired database, and those whose
    /// definition could not be put in force.
    std::map<SpaceId, UndefinedSpace> undefined;
    std::vector<std::string> losses;
    std::vector<std::string> notes;
};

/// Puts definitions in force that the catalog has lost, from a schema that the caller gives; those
/// of the system tables and collections from the library itself.
///
/// A lost definition named its spaces; a schema does not. The space of a table is found by the rest
/// of the damaged entry, or by its rows: a space in which all rows are such as the table would
/// store, if no other lost table and no other such space fits. If two could be exchanged neither is
/// chosen; their entries stay undefined.
///
/// A definition that was lost gets new numbers for its indexes, which a repair makes again. Its
/// counter keeps its number, if that is found.
///
/// Throws `schema_mismatch` if the schema contradicts a definition that was not lost, and what the
/// parser throws.
[[nodiscard]] RebuiltDefinitions rebuild_definitions(Core& core, const LostDefinitions& lost,
                                                     std::span<const Schema> schemas);

}  // namespace amphora
