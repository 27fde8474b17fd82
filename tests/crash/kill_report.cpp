#include "crash/kill_report.hpp"

#include <fmt/format.h>

namespace amphora::crash {

std::string KillReport::closing_line() const {
    return fmt::format("crash: {} cycles, {} acknowledged, {} lost, {} duplicated, {} torn", cycles,
                       acknowledged, lost, duplicated, torn);
}

std::string KillReport::coverage(const std::string& stopped) const {
    std::string lines;
    const auto add = [&](const std::string& what, std::uint64_t times) {
        lines += fmt::format("{:<56} {:>6}\n", what, times);
    };
    for (const auto& [doing, times] : stops) add(stopped + " while " + doing, times);
    add("recoveries that replayed", recoveries);
    add("commits that they replayed", commits_replayed);
    add("backups restored and judged", copies);
    for (const auto& [kind, times] : restores) add("restores judged, " + kind, times);
    add("archives looked through", archives);
    for (const auto& [fate, times] : consumers) add("consumers " + fate, times);
    return lines;
}

}  // namespace amphora::crash
