#pragma once

#include "database/core.hpp"

#include <amphora/types.hpp>

#include <optional>
#include <string>

/// What the journal keeps for consumers, whether they run or not: everything after the position of
/// the slowest one.
namespace amphora::detail {

/// Throws `invalid_argument` for a name that no consumer or reader can have.
void require_consumer_name(const std::string& name);

/// Takes the positions that are stored, before anything is recycled. For an opening.
void restore_consumer_positions(Core& core);

/// The consumer still needs every commit after this one; none: it needs nothing.
void keep_for_consumer(Core& core, const std::string& name, std::optional<Sequence> after);

}  // namespace amphora::detail
