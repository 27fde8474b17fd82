#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

/// One question, asked of Amphora, of a peer and of a raw limit in turn, in the same run: a slow
/// machine is slow for all three. The ratio within a round counts; the median of the rounds is
/// reported, with the spread.
namespace amphora::versus {

/// What one side did in one round.
struct Sample {
    double rate = 0;          ///< operations a second, until all of the work was done
    double acknowledged = 0;  ///< operations a second, until the last was acknowledged; 0: the same
};

using Side = std::function<Sample()>;

struct Sizes {
    std::uint64_t rounds = 7;
    double scale = 1.0;  ///< of the workload's own number of operations
};

struct Result {
    std::string name;
    std::string unit;
    double amphora = 0, acknowledged = 0, peer = 0, limit = 0;  ///< medians
    double versus_peer = 0, versus_limit = 0;  ///< medians of the rounds' ratios; 0: none
    double versus_peer_min = 0, versus_peer_max = 0;
    double versus_limit_min = 0, versus_limit_max = 0;
    std::string note;  ///< what the limit is, and how durable each side is
};

/// Runs the sides in turn, round after round; an empty side is left out.
[[nodiscard]] Result compare(std::string name, std::string unit, const Sizes& sizes,
                             const Side& amphora, const Side& peer, const Side& limit);

struct Workload {
    std::string name;
    std::string question;
    std::function<Result(const Sizes&)> run;
};
/// All of them, in the order of the report.
[[nodiscard]] std::vector<Workload> workloads();

// One file each.
[[nodiscard]] Result commit_synced_1(const Sizes& sizes);
[[nodiscard]] Result commit_synced_8(const Sizes& sizes);
[[nodiscard]] Result commit_written_1(const Sizes& sizes);
[[nodiscard]] Result commit_written_1_large(const Sizes& sizes);
[[nodiscard]] Result row_by_key(const Sizes& sizes);
[[nodiscard]] Result feed_read(const Sizes& sizes);
[[nodiscard]] Result consume(const Sizes& sizes);
[[nodiscard]] Result commit_with_idle_consumers(const Sizes& sizes);
[[nodiscard]] Result handler_latency(const Sizes& sizes);
[[nodiscard]] Result retention(const Sizes& sizes);

/// Seconds that `work` takes.
template <class Work>
[[nodiscard]] double seconds_of(Work&& work) {
    const auto started = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
}

}  // namespace amphora::versus
