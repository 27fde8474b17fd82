#pragma once

#include <amphora/options.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace amphora::soak {

/// The worker's work; the same in the worker and in its judge.
struct WorkerPlan {
    std::uint64_t seed = 1;  ///< of its workload
    std::uint32_t writers = 4;
    std::uint32_t readers = 2;
    std::uint32_t pulse_ms = 1000;
    Profile profile = Profile::desktop;

    [[nodiscard]] Options options() const {
        Options options;
        options.profile = profile;
        // Small, so that caches are soon full, and later growth is no cache.
        options.memory_bytes = 12u << 20;
        return options;
    }
    /// The words after the directory on the worker's command line.
    [[nodiscard]] std::vector<std::string> words() const;
    [[nodiscard]] static WorkerPlan from(const std::vector<std::string>& words);
};

}  // namespace amphora::soak
