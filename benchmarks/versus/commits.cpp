// What: one commit of a user row with two unique indexes and its log document with an index.
// Why: the ratio between the fixed cost of a commit and the cost of its contents decides how large
// callers should make their transactions. The peer pays for one engine what Amphora pays for two.

#include "versus/place.hpp"
#include "versus/signups.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace amphora::versus {

namespace {

std::uint64_t scaled(std::uint64_t count, const Sizes& sizes) {
    return std::max<std::uint64_t>(
        50, static_cast<std::uint64_t>(static_cast<double>(count) * sizes.scale));
}

Result commits(const std::string& name, const Sizes& sizes, Durability durability,
               std::uint64_t count, unsigned threads) {
    const bool synced = durability == Durability::synced;
    const Place place;
    AmphoraSignups ours{place / "amphora", durability};
    SqliteSignups sqlite{
        place / "sqlite.db",
        synced ? SqliteSignups::Synchronous::full : SqliteSignups::Synchronous::normal, threads};
    RawWrites raw{place / "raw", synced ? RawWrites::Sync::each : RawWrites::Sync::none};
    std::uint64_t ours_first = 0;
    std::uint64_t sqlite_first = 0;
    // The files of all sides exist and are in memory before the first round.
    static_cast<void>(ours.run(ours_first, 50, threads));
    static_cast<void>(sqlite.run(sqlite_first, 50));
    ours_first = sqlite_first = 50;

    Result result = compare(
        name, "commits/s", sizes,
        [&] {
            ours_first += count;
            return ours.run(ours_first - count, count, threads);
        },
        [&] {
            sqlite_first += count;
            return sqlite.run(sqlite_first - count, count);
        },
        [&] { return raw.run(count, ours.journal_bytes_a_commit()); });
    const JournalReport journal = ours.database().statistics().journal;
    result.note = fmt::format(
        "limit: {} of {} bytes into a preallocated file, one thread; {:.2f} syncs a commit",
        synced ? "pwrite + fdatasync" : "pwrite", ours.journal_bytes_a_commit(),
        static_cast<double>(journal.syncs) /
            static_cast<double>(std::max<std::uint64_t>(1, journal.commits)));
    return result;
}

}  // namespace

Result commit_synced_1(const Sizes& sizes) {
    return commits("commit-synced-1", sizes, Durability::synced, scaled(5'000, sizes), 1);
}

Result commit_synced_8(const Sizes& sizes) {
    return commits("commit-synced-8", sizes, Durability::synced, scaled(8'000, sizes), 8);
}

Result commit_written_1(const Sizes& sizes) {
    return commits("commit-written-1", sizes, Durability::written, scaled(20'000, sizes), 1);
}

Result commit_written_1_large(const Sizes& sizes) {
    // Two million users in equal rounds: each round stands on what the earlier ones left.
    return commits("commit-written-1-large", sizes, Durability::written,
                   scaled(2'000'000 / sizes.rounds, sizes), 1);
}

}  // namespace amphora::versus
