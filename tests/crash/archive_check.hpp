#pragma once

#include <amphora/database.hpp>

#include <optional>
#include <string>

namespace amphora::crash {

/// What the journal has let go of lies in the archive, through all lives without a gap; otherwise
/// says what is wrong. `archive`: of this database alone, since it was made.
[[nodiscard]] std::optional<std::string> what_is_not_archived(const Database& database,
                                                              const std::string& archive);

}  // namespace amphora::crash
