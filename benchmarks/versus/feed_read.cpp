// What: every change of a million, in the commits of sign-ups, read through a feed.
// Why: consumers read everything that is committed, so reading must cost little compared with committing.
// The limit reads the same files of the journal and computes the same checksum over their bytes.

#include "base/checksum.hpp"
#include "versus/place.hpp"
#include "versus/signups.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace amphora::versus {

namespace {

/// Reads up to `bytes` of the segments, and computes the checksum of each mebibyte.
std::uint64_t sum_of_segments(const std::string& journal, std::uint64_t bytes) {
    std::vector<char> block(1 << 20);
    std::uint64_t sum = 0;
    for (const auto& entry : std::filesystem::directory_iterator{journal}) {
        if (entry.path().extension() != ".log") continue;
        std::ifstream file{entry.path(), std::ios::binary};
        while (bytes > 0 &&
               file.read(block.data(), static_cast<std::streamsize>(
                                           std::min<std::uint64_t>(block.size(), bytes)))) {
            const auto read = static_cast<std::uint64_t>(file.gcount());
            sum ^= checksum64({block.data(), read});
            bytes -= read;
        }
    }
    return sum;
}

}  // namespace

Result feed_read(const Sizes& sizes) {
    const auto commits =
        std::max<std::uint64_t>(500, static_cast<std::uint64_t>(500'000 * sizes.scale));
    const Place place;
    AmphoraSignups ours{place / "amphora", Durability::written};
    Database& database = ours.database();
    // It reads nothing, so the journal keeps everything after it.
    const Feed keeper = database.feed({.start = FeedStart::end});
    const FeedPosition start = keeper.position().value();
    static_cast<void>(ours.run(0, commits, 1));
    database.sync(database.snapshot().commit_seen());

    std::uint64_t changes = 0;
    std::uint64_t bytes = 0;  // a sum, so that the compiler keeps the reads
    const auto read_all = [&] {
        changes = 0;
        Feed feed = database.feed({.after = start});
        while (const Change* const change = feed.next(std::chrono::milliseconds{0})) {
            ++changes;
            if (change->is_row()) {
                bytes += change->row_after()->cell(1).text().size();
            } else {
                bytes += change->document_after()->bytes().size();
            }
        }
    };
    Result result = compare(
        "feed-read", "changes/s", sizes,
        [&] {
            const double seconds = seconds_of(read_all);
            return Sample{static_cast<double>(changes) / seconds, 0};
        },
        {},
        [&] {
            const double seconds = seconds_of([&] {
                bytes += sum_of_segments(place / "amphora/journal",
                                         database.statistics().journal.bytes_live) %
                         2;
            });
            return Sample{static_cast<double>(changes) / seconds, 0};
        });
    result.note = "limit: reading the journal's files and computing the checksum of their bytes";
    if (changes != 2 * commits || bytes == 0) result.note += "; not every change was read";
    return result;
}

}  // namespace amphora::versus
