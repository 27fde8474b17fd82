#pragma once

#include <amphora/options.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace amphora::crash {

/// The number of threads in a database of the crash run, working or not.
inline constexpr std::uint32_t threads_max = 4;

/// How the victims of one cycle open the database, and what they do. It follows from seed and
/// cycle, so the victim and the judge have the same plan.
struct CyclePlan {
    Options options;
    std::uint32_t threads = 1;             ///< threads that write
    std::vector<Durability> durabilities;  ///< each commit takes one of them
    bool reads = false;                    ///< snapshots are taken and walked while others write
    bool compacts = false;                 ///< compactions run while others write
    bool copies = false;                   ///< backups are made while others write
    bool skips = false;                    ///< a consumer is paused until it loses its place
    bool names_archive = true;             ///< or leaves it to the database to know its archive
};

[[nodiscard]] CyclePlan plan_of(std::uint64_t seed, std::uint64_t cycle);

/// The options of the plan. If this database has an archive, all its lives have it.
[[nodiscard]] Options options_of(const CyclePlan& plan, const std::string& database,
                                 std::uint64_t workload_seed);

/// For people: "3 threads, written, edge, 512 KiB segments, ...".
[[nodiscard]] std::string to_string(const CyclePlan& plan);

}  // namespace amphora::crash
