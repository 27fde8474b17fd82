#pragma once

#include "database/core.hpp"

#include <amphora/statistics.hpp>

namespace amphora {

/// See Database::statistics.
[[nodiscard]] Statistics figures_of(const Core& core);

}  // namespace amphora
