#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace amphora::crash {

/// The results of a KillRun.
struct KillReport {
    std::uint64_t cycles = 0;
    std::uint64_t acknowledged = 0;
    std::uint64_t lost = 0, duplicated = 0, torn = 0;
    std::map<std::string, std::uint64_t> stops;  ///< by what the victim was doing
    std::uint64_t recoveries = 0;                ///< that replayed something, as their judge saw it
    std::uint64_t commits_replayed = 0;
    std::uint64_t copies = 0;                       ///< that were whole, restored and judged
    std::uint64_t archives = 0;                     ///< compared with what the journal has recycled
    std::map<std::string, std::uint64_t> restores;  ///< judged, by RestoreWish::kind
    /// "skipped": so often a consumer has lost its place; "restarted": and has started again.
    std::map<std::string, std::uint64_t> consumers;
    std::vector<std::string> failures;  ///< with the place that was kept and how to repeat it

    /// "crash: N cycles, A acknowledged, 0 lost, 0 duplicated, 0 torn"
    [[nodiscard]] std::string closing_line() const;
    /// How often each thing was part of a cycle, one line each. `stopped`: "killed", or another
    /// word.
    [[nodiscard]] std::string coverage(const std::string& stopped) const;
};

}  // namespace amphora::crash
