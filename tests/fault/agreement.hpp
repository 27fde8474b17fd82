#pragma once

#include <amphora/options.hpp>

/// The protocol between the victim and its judge.
namespace amphora::fault {

/// The number of writing threads in the victim.
inline constexpr std::uint32_t threads_count = 2;

/// Small, so that a short life seals, delivers, flushes and changes segments.
inline Options options_of_the_run() {
    Options options;
    options.profile = Profile::edge;
    options.segment_bytes = 256u << 10;
    options.journal_bytes_max = 2u << 20;
    options.pending_bytes_max = 1u << 20;
    options.commit_bytes_max = 192u << 10;
    options.seal_bytes = 32u << 10;
    options.seal_age_ms = 5;
    options.sync_interval_ms = 5;
    options.memory_bytes = 512u << 10;
    options.reserve_bytes = 1u << 20;
    return options;
}

}  // namespace amphora::fault
