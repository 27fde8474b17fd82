#include "crash/archive_check.hpp"

#include <amphora/archive.hpp>
#include <amphora/error.hpp>
#include <amphora/feed_json.hpp>

#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <vector>

namespace amphora::crash {

namespace {

/// Reads the whole archive as a feed, and compares it with the feed of the journal where both have
/// the changes.
std::optional<std::string> compare(const Database& database, const Archive& archive) {
    const PlainForm of_archive{archive};
    const PlainForm of_journal{database};
    Feed archived = archive.feed();
    Feed living = database.feed();
    const Sequence end = archive.feed({.start = FeedStart::end}).position()->sequence();
    const Sequence begin = living.position()->sequence();
    const Change* change = archived.next();
    while (change != nullptr && change->commit().sequence <= begin) change = archived.next();
    while (const Change* const wanted = living.next(std::chrono::milliseconds{0})) {
        if (wanted->commit().sequence > end) break;
        const std::string shown = change == nullptr ? "nothing" : of_archive.line(*change);
        const std::string line = of_journal.line(*wanted);
        if (shown != line) {
            return fmt::format("the archive shows {} where the journal shows {}", shown, line);
        }
        change = archived.next();
    }
    if (change == nullptr) return std::nullopt;
    return fmt::format("the archive shows {} after the last change of the journal up to commit {}",
                       of_archive.line(*change), number(end));
}

std::optional<std::string> what_is_shown_otherwise(const Database& database,
                                                   const std::string& archive) {
    try {
        return compare(database, Archive{archive});
    } catch (const Error& error) {
        return fmt::format("the archive cannot be read as a feed: {}", error.what());
    }
}

}  // namespace

std::optional<std::string> what_is_not_archived(const Database& database,
                                                const std::string& archive) {
    const Sequence recycled = database.statistics().journal.recycled;
    std::vector<ArchiveRange> ranges;
    if (std::filesystem::exists(archive)) ranges = Database::archived(archive);
    if (ranges.empty() && recycled == Sequence{}) return std::nullopt;
    const bool is_whole = ranges.size() == 1 && ranges[0].first == Sequence{1};
    if (is_whole && ranges[0].last >= recycled) return what_is_shown_otherwise(database, archive);
    std::string held;
    for (const ArchiveRange& range : ranges) {
        held += fmt::format(" {} to {}", number(range.first), number(range.last));
    }
    return fmt::format("the journal has let go of commits up to {}, and the archive holds{}",
                       number(recycled), held.empty() ? " nothing" : held);
}

}  // namespace amphora::crash
