#pragma once

#include "crash/kill_run.hpp"
#include "soak/steady_run.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace amphora::soak {

struct SoakOptions {
    std::chrono::seconds time{60};
    std::uint64_t seed = 1;
    std::uint32_t pulse_ms = 1000;
    Slack memory{.share = 0.10, .bytes = 8u << 20};
    Slack files{.share = 0.10, .bytes = 32u << 20};
    std::function<void(const Sample&)> sampled = nullptr;
};

struct SoakReport {
    SoakOptions options;
    SteadyReport steady;
    crash::KillReport kills;
    std::vector<std::string> failures;

    [[nodiscard]] bool passed() const;
    /// "soak: 20 minutes, A acknowledged, 0 lost, 0 duplicated, memory flat, files flat", or what
    /// is not.
    [[nodiscard]] std::string closing_line() const;
};

/// Two databases at the same time, so that each is a burden to the other: one worker that runs for
/// all of the time and is watched (SteadyRun), and victims that are killed at every kind of moment,
/// judged and started again (KillRun).
class SoakRun {
  public:
    explicit SoakRun(SoakOptions options) : options_{std::move(options)} {}
    SoakReport run();

  private:
    SoakOptions options_;
};

}  // namespace amphora::soak
