#pragma once

#include "database/core.hpp"
#include "database/schema_in_force.hpp"

#include <amphora/schema.hpp>

#include <memory>
#include <optional>
#include <span>
#include <string>

namespace amphora {

/// Opens the parts from the lowest up, lets the outbox recover, and puts the schema in force. If it
/// throws, the directory can still be opened as a database. `lock`: for a caller that has locked
/// the directory.
[[nodiscard]] std::shared_ptr<Core> open_core(const std::string& path,
                                              std::optional<std::span<const Schema>> schemas,
                                              const Options& options,
                                              std::optional<DirectoryLock> lock = std::nullopt,
                                              Definitions definitions = Definitions::needed);

}  // namespace amphora
