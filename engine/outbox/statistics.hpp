#pragma once

#include "base/ids.hpp"
#include "outbox/progress.hpp"

#include <amphora/types.hpp>

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace amphora::outbox {

/// Time from commit to delivery, in microseconds.
struct Window {
    std::uint64_t commits = 0;
    double mean_us = 0;
    std::uint64_t p50_us = 0, p90_us = 0, p99_us = 0, max_us = 0;
};

struct RelayStatistics {
    Progress progress;
    std::uint64_t pending_bytes = 0;  ///< undelivered, in memory, as counted by the bound
    std::uint64_t pending_entries = 0;
    std::uint64_t pending_tables = 0;
    std::uint64_t reader_bytes = 0;  ///< delivered, and still used by readers
    std::uint64_t deliveries = 0;    ///< batches since open
    std::uint64_t delivered_entries = 0;
    std::uint64_t failures = 0;  ///< attempts that failed since open
    std::string state;           ///< "idle", "delivering", or what is wrong, in words
    Window window;
};

struct OutboxStatistics {
    Sequence published{}, visible{};
    std::uint64_t journal_bytes_live = 0;
    std::uint64_t commits_replayed = 0;  ///< read from the journal by `recover`
    std::array<RelayStatistics, trees_count> trees;
    std::vector<std::string> missing;  ///< `MissingCommits::leave_out`: what cannot be read
};

}  // namespace amphora::outbox
