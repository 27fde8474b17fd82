#pragma once

#include <amphora/database.hpp>

#include <optional>
#include <string>

namespace amphora::crash {

/// Nothing if everything that the journal has recycled is in the archive, through all lives without
/// a gap, and if its feed shows what the feed of the journal shows; otherwise what is wrong. `archive`: of this database alone, since it was made.
[[nodiscard]] std::optional<std::string> what_is_not_archived(const Database& database,
                                                              const std::string& archive);

}  // namespace amphora::crash
