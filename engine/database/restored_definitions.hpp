#pragma once

#include "database/core.hpp"
#include "database/salvaged_catalog.hpp"

#include <amphora/schema.hpp>

#include <map>
#include <span>
#include <string>
#include <vector>

namespace amphora {

/// A space whose definition is lost.
struct UndefinedSpace {
    std::string name;  ///< of the table or collection, as far as it can be made out; else empty
    bool is_index = false;
};

struct RestoredDefinitions {
    /// Spaces that hold something and that no definition of the repaired database owns, and those
    /// that a definition owns which could not be put in force.
    std::map<SpaceId, UndefinedSpace> undefined;
    std::vector<std::string> losses;
    std::vector<std::string> notes;
};

/// Puts definitions in force that the catalog has lost, out of a schema that the caller gives.
///
/// A lost definition says which space is whose; a schema does not. The space of a table is found by
/// what is left of the damaged entry, or by its rows: a space in which all rows are such as the
/// table would store, if no other lost table and no other such space could be meant. Two that could
/// be exchanged are not guessed at; their entries stay undefined.
///
/// A definition that was lost gets new numbers for its indexes, which a repair makes anew. Its
/// counter stays where it was, if that is found.
///
/// Throws `schema_mismatch` if the schema contradicts a definition that was not lost, and what the
/// parser throws.
[[nodiscard]] RestoredDefinitions restore_definitions(Core& core, const LostDefinitions& lost,
                                                      std::span<const Schema> schemas);

}  // namespace amphora
