#pragma once

#include "database/core.hpp"

#include <amphora/schema.hpp>

#include <cstdint>
#include <optional>
#include <span>

namespace amphora {

/// Whether there may be rows that no catalog defines. If there must be none (`needed`), such rows are
/// `corrupt`, because new tables would be given their spaces. If there may be some, the opening adds no
/// system tables: a repair adds these.
enum class Definitions : std::uint8_t { needed, may_be_lost };

/// Throws what is wrong with schemas for a new database: `schema_syntax` and the like.
void require_schemas(std::span<const Schema> schemas);

/// Compares the schemas with what is stored and adds what is missing, in one commit.
void put_in_force(Core& core, std::optional<std::span<const Schema>> schemas,
                  Definitions definitions);

}  // namespace amphora
