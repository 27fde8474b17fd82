#pragma once

#include "crash/promises.hpp"
#include "crash/victim_process.hpp"
#include "soak/pulse.hpp"
#include "soak/series.hpp"
#include "soak/worker_plan.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace amphora::soak {

/// A pulse of the worker, and the size of it and its files then.
struct Sample {
    double seconds = 0;
    Pulse pulse;
    std::uint64_t memory_bytes = 0;
    std::uint64_t resident_bytes = 0;
    std::uint64_t file_bytes = 0;
};

struct SteadyOptions {
    WorkerPlan plan;
    std::string folder;  ///< of the database and the worker's log
    std::chrono::steady_clock::time_point until;
    std::function<void(const Sample&)> sampled = nullptr;
};

struct SteadyReport {
    Series memory{"memory"};
    Series files{"files"};
    std::uint64_t acknowledged = 0, lost = 0, duplicated = 0;
    std::vector<std::string> failures;
};

/// One worker that lives from the beginning to the end, so that its memory and disk can be watched.
/// Then it is killed, and everything that it has acknowledged must be stored.
class SteadyRun {
  public:
    explicit SteadyRun(SteadyOptions options) : options_{std::move(options)} {}
    SteadyReport run();

  private:
    void watch(crash::VictimProcess& worker);
    void listen(crash::VictimProcess& worker, std::chrono::steady_clock::time_point until);
    void sample(const crash::VictimProcess& worker, const Pulse& pulse);
    void judge();
    [[nodiscard]] std::string database() const { return options_.folder + "/steady.amphora"; }

    SteadyOptions options_;
    SteadyReport report_;
    crash::Promises promises_;
    std::chrono::steady_clock::time_point started_;
    std::chrono::steady_clock::time_point heard_;  // the last pulse
};

}  // namespace amphora::soak
