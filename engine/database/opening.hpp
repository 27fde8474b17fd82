#pragma once

#include "database/core.hpp"

#include <amphora/schema.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

namespace amphora {

/// Opens the parts from the lowest up, lets the outbox recover, and puts the schema in force.
/// Whatever throws leaves the directory as a database that can be opened. `lock`: for a caller who
/// holds the directory already. `definitions`: whether rows may be there that no catalog defines;
/// otherwise they are `corrupt`, because new tables would be given their spaces.
enum class Definitions : std::uint8_t { needed, may_be_lost };
[[nodiscard]] std::shared_ptr<Core> open_core(const std::string& path,
                                              std::optional<std::span<const Schema>> schemas,
                                              const Options& options,
                                              std::optional<DirectoryLock> lock = std::nullopt,
                                              Definitions definitions = Definitions::needed);

}  // namespace amphora
