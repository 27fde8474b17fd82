#pragma once

#include <cstdint>
#include <string>

namespace amphora::demo {

struct MainJobOptions {
    std::string program;    ///< this program, to be executed as the worker
    std::string directory;  ///< of the database, which is made anew
    std::string samples;    ///< schema/sample
    std::uint64_t steps = 24'000;
    std::uint64_t kills = 3;
    std::uint64_t seed = 1;
};

/// Loads the sample data, lets four threads work while their process is killed again and again,
/// then checks both stores. Returns the exit code: 0 if nothing is lost and nothing is stored
/// twice.
int run_main_job(const MainJobOptions& options);

}  // namespace amphora::demo
