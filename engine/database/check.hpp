#pragma once

#include "database/core.hpp"

#include <amphora/statistics.hpp>

namespace amphora {

/// See Database::check.
[[nodiscard]] CheckReport check(const Core& core);

}  // namespace amphora
