#include "crash/archive_check.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <vector>

namespace amphora::crash {

std::optional<std::string> what_is_not_archived(const Database& database,
                                                const std::string& archive) {
    const Sequence recycled = database.statistics().journal.recycled;
    std::vector<ArchiveRange> ranges;
    if (std::filesystem::exists(archive)) ranges = Database::archived(archive);
    if (ranges.empty() && recycled == Sequence{}) return std::nullopt;
    const bool is_whole = ranges.size() == 1 && ranges[0].first == Sequence{1};
    if (is_whole && ranges[0].last >= recycled) return std::nullopt;
    std::string held;
    for (const ArchiveRange& range : ranges) {
        held += fmt::format(" {} to {}", number(range.first), number(range.last));
    }
    return fmt::format("the journal has let go of commits up to {}, and the archive holds{}",
                       number(recycled), held.empty() ? " nothing" : held);
}

}  // namespace amphora::crash
