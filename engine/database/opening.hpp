#pragma once

#include "database/core.hpp"

#include <amphora/schema.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

namespace amphora {

/// Opens the parts from the lowest up, lets the outbox recover, and puts the schema in force. If it
/// throws, the directory can still be opened as a database. `lock`: for a caller that has locked
/// the directory. `definitions`: whether there may be rows that no catalog defines. If there must
/// be none, such rows are `corrupt`, because new tables would be given their spaces. If there may be
/// some, the opening adds no system tables: a repair adds these.
enum class Definitions : std::uint8_t { needed, may_be_lost };
[[nodiscard]] std::shared_ptr<Core> open_core(const std::string& path,
                                              std::optional<std::span<const Schema>> schemas,
                                              const Options& options,
                                              std::optional<DirectoryLock> lock = std::nullopt,
                                              Definitions definitions = Definitions::needed);

}  // namespace amphora
