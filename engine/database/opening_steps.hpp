#pragma once

#include "database/core.hpp"
#include "database/directory/directory.hpp"
#include "database/schema_in_force.hpp"

#include <amphora/schema.hpp>

#include <optional>
#include <span>
#include <string>

/// What the openings for an owner, for a reader and for an observer have in common. Each step needs those
/// before it; the trees are opened between the first two.
namespace amphora {

/// Finds the identity.
void recognize(Core& core);
/// Opens the journal as the mode says.
void open_journal(Core& core, const DatabasePaths& paths);
/// Makes outbox and engine. The outbox is still to recover.
void make_engine(Core& core);
/// Puts the schema in force. The database is open then.
void finish(Core& core, std::optional<std::span<const Schema>> schemas, Definitions definitions);

/// For a rescue: says in the log and in the statistics what is missing.
void leave_out(Core& core, const std::string& what);

}  // namespace amphora
