#pragma once

#include "base/ids.hpp"

#include <cstdint>
#include <functional>

namespace amphora::outbox {

/// `none` is for a database that is opened read-only. Everything that the trees lack is read into
/// memory, whatever its size; nothing is delivered, and writers get `read_only`.
enum class RelayThreads : std::uint8_t { running, none };

/// What `recover` does if the journal does not have every commit that a tree lacks: it throws, or it
/// takes the readable ones and lists the others in `OutboxStatistics::missing`. `leave_out` needs
/// `RelayThreads::none`.
enum class MissingCommits : std::uint8_t { refuse, leave_out };

struct OutboxOptions {
    RelayThreads relays = RelayThreads::running;
    MissingCommits missing = MissingCommits::refuse;
    std::uint64_t seal_bytes = 32ull << 20;  ///< a pending table of this size is delivered
    std::uint32_t seal_age_ms = 1000;        ///< and one of this age
    /// Tables that wait are delivered in one write, up to this size.
    std::uint64_t batch_bytes_max = 64ull << 20;
    std::uint64_t pending_bytes_max = 256ull << 20;     ///< of each tree's undelivered commits
    std::uint64_t pending_reserve_bytes = 16ull << 20;  ///< beyond it, for removals
    /// The size of the journal at which puts are refused.
    std::uint64_t journal_bytes_max = 1ull << 30;
    /// The size of the journal at which the trees are asked to hold, so that segments can be
    /// recycled; 0: a quarter of the bound.
    std::uint64_t journal_relief_bytes = 0;
    /// What the journal keeps only for feeds and consumers does not count in `journal_bytes_max`, but
    /// here. At this size puts are refused, or feeds that may be skipped lose their place.
    std::uint64_t feed_bytes_max = 4ull << 30;
    std::uint64_t journal_reserve_bytes = 64ull << 20;  ///< beyond it, for removals
    /// Bytes of the disk that puts leave to the journal, for its next segment.
    std::uint64_t next_segment_bytes = 64ull << 20;
    std::uint64_t commit_bytes_max = 64ull << 20;  ///< room for the commit that is being written
    std::uint32_t wait_ms_max = 5000;   ///< for admission, unless the caller sets a shorter time
    std::uint32_t stalled_ms = 1000;    ///< a delivery that takes longer counts as stalled
    std::uint32_t hold_idle_ms = 5000;  ///< without work for this long, the trees are asked to hold
    std::uint32_t backoff_ms_max = 2000;  ///< between attempts of a delivery that fails
    /// Called on the thread of a relay before each delivery to its tree. Must not throw.
    std::function<void(TreeId)> before_delivery = {};
};

}  // namespace amphora::outbox
