#pragma once

#include <cstdint>
#include <string>

namespace amphora::demo {

struct WorkerOptions {
    std::string directory;
    std::uint64_t run = 0;  ///< names what this run makes
    std::uint64_t seed = 1;
    int steps_to = 1;   ///< descriptor for the lines of step.hpp
    int stop_from = 0;  ///< descriptor whose end says: finish
    unsigned threads = 4;
};

/// Opens the database and works on it with several threads, each step rows and documents in one
/// transaction, until told to stop. Returns the exit code.
int work(const WorkerOptions& options);

}  // namespace amphora::demo
