#pragma once

#include "power/recording.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace amphora::power {

/// Why a recording cannot be trusted, or none: the process did something that a replay cannot
/// follow, wrote a file through memory (only LMDB's lock file may be), or its directory, `left`,
/// differs from the replayed recording.
[[nodiscard]] std::optional<std::string> unfaithful(const Recording& recording, const Image& left);

/// The crash run's victim, with the recorder below it.
struct RecordedVictim {
    std::string folder;  ///< for the watched directory, the log and what the victim tells of itself
    std::uint64_t workload_seed = 0;
    std::uint64_t plan_seed = 0, cycle = 0;
    std::uint64_t commits = 0;  ///< then it is asked to close
    std::string what = "work";  ///< or "restore=N", which ends by itself

    /// Lets it open the database in `before`, work and close, or restore its copy. Throws if it
    /// ends otherwise, and if the recording cannot be trusted.
    [[nodiscard]] Recording record(const Image& before) const;
    [[nodiscard]] std::string watched() const { return folder + "/watched"; }

    static constexpr const char* database = "database";  ///< below the watched directory
};

}  // namespace amphora::power
