#pragma once

#include <cstdint>
#include <string>

namespace amphora::demo {

struct WorkerOptions {
    std::string directory;
    std::uint64_t run = 0;  ///< part of the names that this run makes
    std::uint64_t seed = 1;
    int steps_to = 1;   ///< descriptor for the lines of step.hpp
    int stop_from = 0;  ///< descriptor whose end means: finish
    unsigned threads = 4;
};

/// Opens the database and works on it with several threads, until told to stop. Each step changes
/// rows and documents in one transaction. Returns the exit code.
int work(const WorkerOptions& options);

}  // namespace amphora::demo
