#include "database/directory/profile.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace amphora {

namespace {

/// The numbers of a profile that are not RocksDB's own.
struct Numbers {
    std::uint64_t pending_bytes_max;
    std::uint64_t journal_bytes_max;
    std::uint64_t feed_bytes_max;
    std::uint64_t segment_bytes;
    std::uint64_t first_segment_bytes;  ///< later segments grow with use
    std::uint64_t seal_bytes;
    std::uint32_t seal_age_ms;
    std::uint32_t sync_interval_ms;
    /// On edge a single commit would otherwise be written twice: the mark after it takes a block of
    /// the card, as the commit does, and the next commit proves the same.
    std::uint32_t idle_mark_ms;
    std::uint64_t commit_bytes_max;
    std::uint64_t reserve_bytes;
};

constexpr std::uint64_t mib = 1ull << 20;

/// Larger than any disk or memory, and reserves can be added to it without overflow.
constexpr std::uint64_t no_bound = 1ull << 60;

constexpr Numbers numbers_of(Profile profile) {
    switch (profile) {
        case Profile::edge:
            return {.pending_bytes_max = 16 * mib,
                    .journal_bytes_max = 64 * mib,
                    .feed_bytes_max = 64 * mib,
                    .segment_bytes = 4 * mib,
                    .first_segment_bytes = mib / 8,
                    .seal_bytes = 2 * mib,
                    .seal_age_ms = 30'000,
                    .sync_interval_ms = 200,
                    .idle_mark_ms = 5'000,
                    .commit_bytes_max = 2 * mib,
                    .reserve_bytes = 8 * mib};
        case Profile::bench:
            return {.pending_bytes_max = 1024 * mib,
                    .journal_bytes_max = 8192 * mib,
                    .feed_bytes_max = 8192 * mib,
                    .segment_bytes = 256 * mib,
                    .first_segment_bytes = 16 * mib,
                    .seal_bytes = 64 * mib,
                    .seal_age_ms = 2'000,
                    .sync_interval_ms = 50,
                    .idle_mark_ms = 50,
                    .commit_bytes_max = 64 * mib,
                    .reserve_bytes = 64 * mib};
        case Profile::desktop:
            break;
    }
    return {.pending_bytes_max = 256 * mib,
            .journal_bytes_max = 1024 * mib,
            .feed_bytes_max = 4096 * mib,
            .segment_bytes = 64 * mib,
            .first_segment_bytes = mib / 4,
            .seal_bytes = 32 * mib,
            .seal_age_ms = 1'000,
            .sync_interval_ms = 50,
            .idle_mark_ms = 50,
            .commit_bytes_max = 32 * mib,
            .reserve_bytes = 64 * mib};
}

rocks::RocksProfile rocks_profile_of(Profile profile) {
    switch (profile) {
        case Profile::edge:
            return rocks::RocksProfile::edge;
        case Profile::bench:
            return rocks::RocksProfile::bench;
        case Profile::desktop:
            break;
    }
    return rocks::RocksProfile::desktop;
}

template <class Number>
void take(Number& number, Number wish) {
    if (wish != 0) number = wish;
}

void require_fitting(const Numbers& numbers) {
    if (numbers.segment_bytes < 64 * 1024 || numbers.segment_bytes > segment_bytes_max ||
        numbers.segment_bytes % 4096 != 0) {
        throw Error{ErrorCode::invalid_argument,
                    fmt::format("segment_bytes {} is not a multiple of 4096 from 65536 to {}",
                                numbers.segment_bytes, segment_bytes_max)};
    }
    if (numbers.commit_bytes_max > numbers.segment_bytes / 4 * 3) {
        throw Error{ErrorCode::invalid_argument,
                    fmt::format("commit_bytes_max {} is more than three quarters of segment_bytes "
                                "{}: a commit must fit one segment",
                                numbers.commit_bytes_max, numbers.segment_bytes)};
    }
    if (numbers.journal_bytes_max < 4 * numbers.segment_bytes) {
        throw Error{ErrorCode::invalid_argument,
                    fmt::format("journal_bytes_max {} is less than four segments of {}",
                                numbers.journal_bytes_max, numbers.segment_bytes)};
    }
    if (numbers.feed_bytes_max < 4 * numbers.segment_bytes) {
        throw Error{ErrorCode::invalid_argument,
                    fmt::format("feed_bytes_max {} is less than four segments of {}",
                                numbers.feed_bytes_max, numbers.segment_bytes)};
    }
    if (numbers.pending_bytes_max < numbers.commit_bytes_max) {
        throw Error{ErrorCode::invalid_argument,
                    fmt::format("pending_bytes_max {} is less than commit_bytes_max {}",
                                numbers.pending_bytes_max, numbers.commit_bytes_max)};
    }
}

}  // namespace

ResolvedOptions resolve(const Options& options) {
    Numbers numbers = numbers_of(options.profile);
    take(numbers.pending_bytes_max, options.pending_bytes_max);
    take(numbers.journal_bytes_max, options.journal_bytes_max);
    take(numbers.feed_bytes_max, options.feed_bytes_max);
    take(numbers.segment_bytes, options.segment_bytes);
    take(numbers.seal_bytes, options.seal_bytes);
    take(numbers.seal_age_ms, options.seal_age_ms);
    take(numbers.sync_interval_ms, options.sync_interval_ms);
    take(numbers.reserve_bytes, options.reserve_bytes);
    for (std::uint64_t* const number :
         {&numbers.pending_bytes_max, &numbers.journal_bytes_max, &numbers.feed_bytes_max,
          &numbers.seal_bytes, &numbers.reserve_bytes}) {
        *number = std::min(*number, no_bound);
    }
    // Numbers that were not given follow those that were.
    if (options.commit_bytes_max != 0) {
        numbers.commit_bytes_max = options.commit_bytes_max;
    } else {
        numbers.commit_bytes_max = std::min(
            {numbers.commit_bytes_max, numbers.segment_bytes / 2, numbers.pending_bytes_max / 2});
    }
    if (options.seal_bytes == 0) {
        numbers.seal_bytes = std::min(numbers.seal_bytes, numbers.pending_bytes_max / 4);
    }
    if (options.journal_bytes_max == 0) {
        numbers.journal_bytes_max = std::max(numbers.journal_bytes_max, 4 * numbers.segment_bytes);
    }
    if (options.feed_bytes_max == 0) {
        numbers.feed_bytes_max = std::max(numbers.feed_bytes_max, 4 * numbers.segment_bytes);
    }
    require_fitting(numbers);

    ResolvedOptions resolved;
    resolved.given = options;

    resolved.journal.segment_bytes = numbers.segment_bytes;
    resolved.journal.first_segment_bytes = numbers.first_segment_bytes;
    resolved.journal.sync_interval_ms = numbers.sync_interval_ms;
    resolved.journal.idle_mark_ms = std::max(numbers.idle_mark_ms, numbers.sync_interval_ms);
    // While the trees work, the journal is told what they need (Journal::leave_free).
    resolved.journal.reserve_bytes = 0;
    resolved.journal.log = options.log;

    if (!writes(options.mode)) resolved.outbox.relays = outbox::RelayThreads::none;
    resolved.outbox.missing = options.mode == OpenMode::rescue ? outbox::MissingCommits::leave_out
                                                               : outbox::MissingCommits::refuse;
    resolved.outbox.seal_bytes = numbers.seal_bytes;
    resolved.outbox.seal_age_ms = numbers.seal_age_ms;
    resolved.outbox.batch_bytes_max = 2 * numbers.seal_bytes;
    resolved.outbox.pending_bytes_max = numbers.pending_bytes_max;
    resolved.outbox.pending_reserve_bytes = std::max(numbers.pending_bytes_max / 16, mib);
    resolved.outbox.journal_bytes_max = numbers.journal_bytes_max;
    resolved.outbox.feed_bytes_max = numbers.feed_bytes_max;
    // Two segments at a time are given back, and both are kept. If there were more, the others
    // would be removed and filled with zeros again: a block of the card for each block of a commit.
    if (options.profile == Profile::edge) {
        resolved.outbox.journal_relief_bytes =
            std::min(2 * numbers.segment_bytes, numbers.journal_bytes_max / 4);
    }
    resolved.outbox.journal_reserve_bytes = numbers.reserve_bytes;
    resolved.outbox.next_segment_bytes = numbers.segment_bytes;
    resolved.outbox.commit_bytes_max = numbers.commit_bytes_max;

    resolved.engine.commit_bytes_max = numbers.commit_bytes_max;
    resolved.engine.snapshot_age_ms_max = options.snapshot_age_ms_max;

    take(resolved.lmdb.map_bytes, options.map_bytes);
    resolved.lmdb.log = options.log;

    // An observer has little memory, whatever the owner has.
    resolved.rocks =
        rocks::rocks_profile(options.mode == OpenMode::live ? rocks::RocksProfile::edge
                                                            : rocks_profile_of(options.profile));
    if (options.memory_bytes != 0) {
        resolved.rocks.memory_bytes = options.memory_bytes;
        resolved.rocks.memtable_bytes =
            std::min(resolved.rocks.memtable_bytes, options.memory_bytes / 4);
    }
    if (options.reserve_bytes != 0) {
        resolved.lmdb.reserve_bytes = options.reserve_bytes;
        resolved.rocks.reserve_bytes = options.reserve_bytes;
    }
    resolved.rocks.log = options.log;

    resolved.lmdb.on_network = on_network(options);
    resolved.rocks.on_network = on_network(options);
    return resolved;
}

}  // namespace amphora
