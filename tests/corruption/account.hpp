#pragma once

#include "corruption/image.hpp"

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

/// Whether a repair accounts for everything that the database held, which the witness knows:
///
///   - what a rescue could read by its key is in the result, or in quarantine with its bytes;
///   - what the result lacks is in quarantine, or a loss names its table, its collection or its
///     commits;
///   - what is in quarantine, or reported missing, is not in the result in its newest version;
///   - a result that lacks something is not called whole.
namespace amphora::corruption {

struct Account {
    std::optional<std::string> violation;
    /// Nothing is missing, but the repair cannot know it, and reports that something may be.
    bool is_cautious = false;
    std::uint64_t missing = 0;  ///< entries that the result lacks
};

/// `survey`: of the damaged database, by rescue. `repair`: of its repair, which came to an end.
[[nodiscard]] Account account_for(const Testimony& survey, const Testimony& repair);

}  // namespace amphora::corruption
