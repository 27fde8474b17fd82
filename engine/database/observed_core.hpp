#pragma once

#include "database/core.hpp"

#include <amphora/options.hpp>
#include <amphora/schema.hpp>

#include <memory>
#include <optional>
#include <span>
#include <string>

namespace amphora {

/// Opens a database that another process may write, as of the newest commit. Changes nothing and takes no
/// lock of the directory. Whatever it throws may be because files change at the moment; see Observation.
[[nodiscard]] std::shared_ptr<Core> open_observed_core(
    const std::string& path, std::optional<std::span<const Schema>> schemas,
    const Options& options);

/// Moves it to the newest commit. False: that is not possible, because the owner is another one or has
/// changed the schema, or the journal was used again. Then it still shows what it showed. One thread at a
/// time; snapshots may be taken meanwhile.
[[nodiscard]] bool follow_owner(Core& core);

}  // namespace amphora
