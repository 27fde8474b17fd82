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
///   - the last commit may be lost without a word where nothing on the disk had proven it, as in any
///     opening;
///   - what is in quarantine, or reported missing, is not in the result in its newest version;
///   - a result that lacks something is not called whole.
namespace amphora::corruption {

struct Account {
    std::optional<std::string> violation;
    /// Nothing is missing, but the repair cannot know it, and reports that something may be.
    bool is_cautious = false;
    std::uint64_t missing = 0;  ///< entries that the result lacks
};

/// Whether the damage may have taken a last commit of which no other frame says that it is durable.
enum class LastCommit : std::uint8_t { proven, may_be_lost };

/// `survey`: of the damaged database, by rescue. `repair`: of its repair, which came to an end.
[[nodiscard]] Account account_for(const Testimony& survey, const Testimony& repair,
                                  LastCommit last);

}  // namespace amphora::corruption
